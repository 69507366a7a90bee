import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startHub, type HubLimits, type HubOptions, type RunningHub } from '../../../main/hub/start-hub.ts';
import type { Log, LogFields, LogLevel } from '../../../main/protocol/ports.ts';
import { catalogue } from './catalogue.ts';
import { MovableClock, type TestClock } from './movable-clock.ts';
import { StillClock } from './still-clock.ts';

export const OPERATOR_KEY = 'operator-key-for-tests';
const CLOSE_PATIENCE_MS = 10_000;

/** Keeps every line, so that tests can look for what must not be in them. */
export class MemoryLog implements Log {
  readonly lines: { level: LogLevel; message: string; fields: LogFields | undefined }[] = [];
  debug(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'debug', message, fields });
  }
  info(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'info', message, fields });
  }
  warn(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'warn', message, fields });
  }
  error(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'error', message, fields });
  }
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'legwork-hub-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What an operator's call was answered with. */
export interface OperatorAnswer {
  status: number;
  headers: Headers;
  text: string;
  // The shape depends on the call; tests look into it freely.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

/** A running hub with what tests need around it. */
export interface TestHub {
  hub: RunningHub;
  url: string;
  dataFolder: string;
  clock: TestClock;
  log: MemoryLog;
  /** A call under the operator's key. */
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<OperatorAnswer>;
  /** Creates a `website_html` job and gives its id. */
  createJob(fields?: Record<string, unknown>): Promise<string>;
}

type TestHubOptions = Partial<Omit<HubOptions, 'limits'>> & { limits?: Partial<HubLimits>; clock?: TestClock };

/** Starts a hub whose time stands still until the test moves it, and which is closed when the test is over. */
export function startStillHub(options: TestHubOptions = {}): Promise<TestHub> {
  return startTestHub({ clock: new StillClock(), ...options });
}

/** Starts a hub for real agents, whose time goes on by itself, and which is closed when the test is over. */
export async function startTestHub(options: TestHubOptions = {}): Promise<TestHub> {
  const dataFolder = options.dataFolder ?? temporaryFolder();
  const clock = options.clock ?? new MovableClock();
  const log = new MemoryLog();
  const started = await startHub({
    host: '127.0.0.1',
    port: 0,
    operatorKey: OPERATOR_KEY,
    catalogue,
    allowedWebhookHosts: ['127.0.0.1:*', 'localhost:*'],
    ...options,
    dataFolder,
    clock,
    log,
  });
  const hub: RunningHub = { ...started, close: () => closeInTime(started, clock) };
  onTestFinished(() => hub.close());
  const api: TestHub['api'] = (method, path, body, headers) => callOperatorApi(hub.url, method, path, body, headers);
  return {
    hub,
    url: hub.url,
    dataFolder,
    clock,
    log,
    api,
    createJob: async (fields = {}) => {
      const answer = await api('POST', '/api/jobs', {
        type: 'website_html',
        payload: { url: 'https://example.com/' },
        ...fields,
      });
      if (answer.status !== 201) throw new Error(`creating a job: ${answer.status} ${answer.text}`);
      return String(answer.body.id);
    },
  };
}

/** Closes a hub; a clock that stands still must not keep it from cutting a connection that hangs. */
async function closeInTime(hub: RunningHub, clock: TestClock): Promise<void> {
  const timer = setTimeout(() => clock.advance(CLOSE_PATIENCE_MS), CLOSE_PATIENCE_MS);
  await hub.close();
  clearTimeout(timer);
}

/** One call under the operator's key. */
export async function callOperatorApi(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<OperatorAnswer> {
  const response = await fetch(url + path, {
    method,
    headers: {
      Authorization: `Bearer ${OPERATOR_KEY}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null };
}
