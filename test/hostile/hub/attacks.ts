import fc from 'fast-check';
import { mutated, wickedValue } from './arbitraries.ts';
import type { HostileAnswer, HostileRequest } from './hostile-hub.ts';

export function signed(body: unknown, status = 200): HostileAnswer {
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body) ?? '');
  return { status, body: bytes, signature: 'right', delivery: 'whole' };
}

export const SESSION = {
  workerId: 'worker-1',
  sessionId: 'session-1',
  hubTimeMs: 1_760_000_000_000,
  leaseSeconds: 600,
  heartbeatSeconds: 20,
  maxWaitSeconds: 0,
  maxTasksPerRequest: 100,
  maxBlobBytes: 100_000_000,
  maxBlobChunkBytes: 1_000_000,
  keptLeases: [],
  lostLeases: [],
};

let leases = 0;
export function leasedTask(payload: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
  leases += 1;
  const names = { leaseId: `lease-${leases}`, jobId: `job-${leases}` };
  return { ...names, leaseSeconds: 600, type: 'website_html', payload, priority: 5, maxAttempts: 1, ...more };
}

/** What a hub that means well answers, with one good task to hand out. */
export function honestAnswer({ path, message }: HostileRequest, tasks: Record<string, unknown>[]): HostileAnswer {
  if (path === '/internal/handshake') return signed({ ...SESSION, keptLeases: message?.['heldLeases'] ?? [] });
  if (path === '/internal/request-work') {
    const taken = tasks.splice(0);
    return taken.length === 0 ? signed(undefined, 204) : signed({ tasks: taken, lostLeases: [], commands: [] });
  }
  if (path === '/internal/heartbeat') {
    const held = (message?.['leases'] ?? []) as { leaseId: string }[];
    return signed({ renewedLeases: held.map(({ leaseId }) => leaseId), leaseSeconds: 600 });
  }
  if (path === '/internal/results') return signed({ status: 'stored' });
  if (path === '/internal/goodbye') return signed({ returnedLeases: [] });
  return signed({ status: 'stored', offset: 0 });
}

/** A signed refusal that ends the session for good is the hub's right, and would end the test. */
const REFUSAL_CODES = [
  'clock_skew',
  'nonce_reused',
  'session_unknown',
  'revoked_worker',
  'agent_too_old',
  'rate_limited',
];

const wickedTasks = fc.array(
  fc
    .tuple(
      fc.oneof(
        mutated({ url: 'https://a.example/', extraHeaders: { 'X-A': 'b' }, cookies: [{ name: 'a', value: 'b' }] }),
        wickedValue,
      ),
      fc.constantFrom('website_html', 'lighthouse_html', 'no_such_type'),
      fc.boolean(),
    )
    .map(([payload, type, isRepeated]) => ({ payload, type, isRepeated })),
  { maxLength: 8 },
);

export interface Attack {
  answer: Omit<HostileAnswer, 'body'>;
  content:
    | { kind: 'any'; value: unknown }
    | { kind: 'tasks'; tasks: { payload: unknown; type: string; isRepeated: boolean }[] }
    | { kind: 'commands'; commands: string[] }
    | { kind: 'lost'; reasons: string[] }
    | { kind: 'refusal'; code: string; details: unknown }
    | { kind: 'session'; value: unknown };
}

export const attack: fc.Arbitrary<Attack> = fc.record({
  answer: fc.record({
    status: fc.constantFrom(200, 200, 200, 200, 204, 400, 401, 404, 409, 410, 429, 500, 503),
    signature: fc.oneof(
      { weight: 4, arbitrary: fc.constant('right' as const) },
      { weight: 1, arbitrary: fc.constantFrom('other secret' as const, 'replayed' as const, 'none' as const) },
    ),
    delivery: fc.oneof(
      { weight: 15, arbitrary: fc.constant('whole' as const) },
      { weight: 1, arbitrary: fc.constant('cut' as const) },
    ),
  }),
  content: fc.oneof(
    wickedValue.map((value) => ({ kind: 'any' as const, value })),
    { weight: 4, arbitrary: wickedTasks.map((tasks) => ({ kind: 'tasks' as const, tasks })) },
    fc
      .array(fc.constantFrom('pause', 'resume', 'send_diagnostics', 'rotate_secret'), { maxLength: 6 })
      .map((commands) => ({ kind: 'commands' as const, commands })),
    fc
      .array(fc.constantFrom('cancelled', 'expired', 'superseded', 'unknown'), { maxLength: 6 })
      .map((reasons) => ({ kind: 'lost' as const, reasons })),
    fc
      .tuple(fc.constantFrom(...REFUSAL_CODES), fc.oneof(wickedValue, fc.constant({ hubTimeMs: 4e15 })))
      .map(([code, details]) => ({ kind: 'refusal' as const, code, details })),
    { weight: 2, arbitrary: mutated(SESSION).map((value) => ({ kind: 'session' as const, value })) },
  ),
});

let commandNumber = 0;
/** A command that no hub has given before. */
export function newCommand(command: string): Record<string, string> {
  commandNumber += 1;
  return { id: `command-${commandNumber}`, command };
}

/** What the attack comes to as the body of an answer. */
export function bodyOf({ content }: Attack, { path }: HostileRequest): unknown {
  switch (content.kind) {
    case 'any':
      return content.value;
    case 'tasks':
      return {
        tasks: content.tasks.map(({ payload, type, isRepeated }) =>
          leasedTask(payload, { type, ...(isRepeated ? { leaseId: `lease-${Math.max(1, leases - 3)}` } : {}) }),
        ),
      };
    case 'commands':
      return {
        tasks: [],
        commands: content.commands.map((command) => newCommand(command)),
      };
    case 'lost':
      return {
        tasks: [],
        lostLeases: content.reasons.map((reason, index) => ({ leaseId: `lease-${leases - index}`, reason })),
      };
    case 'refusal':
      return { error: { code: content.code, message: 'no', details: content.details } };
    default:
      return path === '/internal/handshake' ? content.value : SESSION;
  }
}
