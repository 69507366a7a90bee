import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Agent } from '../../../main/agent/agent.ts';
import { configSchema } from '../../../main/agent/config/config-schema.ts';
import { ChildProcessTaskHostLauncher } from '../../../main/agent/executor/child-process-task-host.ts';
import { NO_MACHINE_READER } from '../../../main/agent/limits/machine-readings.ts';
import { NodeHttpTransport } from '../../../main/agent/server/http-transport.ts';
import { startAgent } from '../../../main/agent/start-agent.ts';
import { PayloadVault } from '../../../main/protocol/payload-vault.ts';
import { systemClock } from '../../../main/protocol/ports.ts';
import { TaskCatalogue } from '../../../main/protocol/task-type.ts';
import { taskDefinitions } from '../../../main/browser/tasks/registry.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { type Answer, type SeenRequest, startSignedServer } from './signed-server.ts';
import { SESSION } from '../../hostile/hub/attacks.ts';

const FIRST_SECRET = 'the-first-secret-of-the-worker-0123456789';
const TASK_HOST = fileURLToPath(new URL('../../hostile/hub/obedient-task-host.mjs', import.meta.url));
const COMMANDS = 40;

let folder: string;
let agent: Agent | null = null;
let closeServer: () => Promise<void> = () => Promise.resolve();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-rotation-'));
});
afterEach(async () => {
  await agent?.stop('now');
  await closeServer();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

/** A hub that asks for as many new secrets at once as one answer holds, and notes what comes of it. */
class ImpatientHub {
  /** Calls for a new secret that wait for their answer, now and at the most. */
  waiting = 0;
  mostWaiting = 0;
  handedOut = 0;
  readonly acknowledged = new Set<string>();
  #hasAsked = false;
  #secret = FIRST_SECRET;
  #release: () => void = () => undefined;
  readonly #released = new Promise<void>((resolve) => {
    this.#release = resolve;
  });

  async answer({ pathAndQuery, body }: SeenRequest): Promise<Answer> {
    const secret = this.#secret;
    const message = JSON.parse(body.toString() || '{}') as { acknowledgedCommands?: string[] };
    for (const id of message.acknowledgedCommands ?? []) this.acknowledged.add(id);
    switch (pathAndQuery) {
      case '/internal/handshake':
        return { status: 200, body: { ...SESSION, hubTimeMs: Date.now() }, secret };
      case '/internal/rotate-secret':
        return this.#rotate(secret);
      case '/internal/request-work':
        return this.#requestWork(secret);
      case '/internal/goodbye':
        return { status: 200, body: { returnedLeases: [] }, secret };
      default:
        return { status: 404, body: { error: { code: 'not_found', message: 'no' } }, secret };
    }
  }

  #requestWork(secret: string): Answer {
    if (this.#hasAsked) {
      // All of them have arrived; whoever obeys each by itself has as many calls open by now.
      this.#release();
      return { status: 204, secret };
    }
    this.#hasAsked = true;
    const commands = Array.from({ length: COMMANDS }, (_, index) => ({ id: `c-${index}`, command: 'rotate_secret' }));
    return { status: 200, body: { tasks: [], lostLeases: [], commands }, secret };
  }

  async #rotate(secret: string): Promise<Answer> {
    this.waiting += 1;
    this.mostWaiting = Math.max(this.mostWaiting, this.waiting);
    await this.#released;
    this.waiting -= 1;
    this.handedOut += 1;
    this.#secret = `secret-number-${this.handedOut}-of-the-worker-0123456789`;
    return { status: 200, body: { secret: this.#secret }, secret };
  }

  get secret(): string {
    return this.#secret;
  }
}

it('a hub that asks for many new secrets at once is given one rotation, which counts for all', async () => {
  const hub = new ImpatientHub();
  const server = await startSignedServer(FIRST_SECRET, (request) => hub.answer(request));
  closeServer = () => server.close();
  const saved: string[] = [];
  const log = new RecordingLog();
  agent = await startAgent({
    config: configSchema.parse({ dataFolder: folder, hubUrl: server.origin.origin, minimumFreeDiskBytes: 0 }),
    credentials: { hubUrl: server.origin.origin, workerId: 'worker-1', secret: FIRST_SECRET },
    saveSecret: ({ secret }) => Promise.resolve(void saved.push(secret)),
    connect: (origin) => new NodeHttpTransport(origin),
    catalogue: new TaskCatalogue(taskDefinitions, []),
    launcher: new ChildProcessTaskHostLauncher(TASK_HOST),
    browsers: [],
    sweepProfiles: () => Promise.resolve(),
    sandbox: true,
    machine: NO_MACHINE_READER,
    vault: new PayloadVault(PayloadVault.createKey()),
    clock: systemClock,
    random: Math.random,
    log,
  });
  while (hub.acknowledged.size < COMMANDS) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(hub.mostWaiting).toBe(1);
  expect(hub.handedOut).toBe(1);
  expect(saved).toEqual([hub.secret]);
  expect(JSON.stringify(log.lines)).not.toContain(hub.secret);
});
