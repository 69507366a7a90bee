import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChildProcessTaskHostLauncher } from '../../../main/agent/executor/child-process-task-host.ts';
import {
  DEFAULT_TASK_HOST_LIMITS,
  TaskHostSupervisor,
  type SupervisedOutcome,
} from '../../../main/agent/executor/task-host-supervisor.ts';
import { websiteHtml } from '../../../main/browser/tasks/website-html.ts';
import { systemClock } from '../../../main/protocol/ports.ts';
import { CHROMIUM_PATH, HEADLESS_SHELL_PATH } from '../../browser/render.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { LOOPBACK_NETWORK } from '../../support/loopback-network.ts';
import type { HostilePage } from './hostile-page.ts';
import { PAGES_OF_NETWORKS, socketAccept } from './pages-of-networks.ts';
import { PAGES_OF_SCRIPTS } from './pages-of-scripts.ts';

const PAGES = [...PAGES_OF_SCRIPTS, ...PAGES_OF_NETWORKS];
const GOOD_PAGE = '<!doctype html><title>Good</title><p id="good">A page that means well.';
/** What a page is given that may last until its time is up, and one that ends by itself, however busy the machine is. */
const TIMEOUT_MS = 2_000;
const AMPLE_TIMEOUT_MS = 30_000;
/** What the way to and from the task host may take beyond its deadline. */
const BEYOND_DEADLINE_MS = DEFAULT_TASK_HOST_LIMITS.deadlineGraceMs + 5_000;

let folder: string;
let site: http.Server;
let origin: string;
let supervisor: TaskHostSupervisor;
let launches = 0;
const log = new RecordingLog();
const sockets = new Set<Socket>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-test-pages-'));
  site = http.createServer((request, response) => {
    response.on('error', () => undefined);
    const name = /^\/([\w-]+)/.exec(request.url ?? '')?.[1] ?? '';
    const page = PAGES.find((each) => each.name === name);
    if (typeof page?.answer === 'function') page.answer(request, response);
    else
      response
        .writeHead(page === undefined && name !== 'good' ? 404 : 200, { 'Content-Type': 'text/html' })
        .end(page?.answer ?? GOOD_PAGE);
  });
  site.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  site.on('upgrade', (request, socket) => {
    const accept = socketAccept(String(request.headers['sec-websocket-key']));
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const launcher = new ChildProcessTaskHostLauncher(fileURLToPath(new URL('../../../main/cli.ts', import.meta.url)));
  supervisor = new TaskHostSupervisor({
    launcher: {
      launch: (settings) => {
        launches += 1;
        return launcher.launch(settings);
      },
    },
    settings: {
      blobFolder: join(folder, 'blobs'),
      runFolder: join(folder, 'run'),
      chromiumPath: CHROMIUM_PATH,
      headlessShellPath: HEADLESS_SHELL_PATH,
      sandbox: process.getuid?.() !== 0,
      network: LOOPBACK_NETWORK,
      recycle: { afterPages: 1_000, afterMs: 3_600_000, memoryBytes: 2 * 1024 ** 3 },
    },
    limits: { ...DEFAULT_TASK_HOST_LIMITS, memoryBytes: 8 * 1024 ** 3 },
    clock: systemClock,
    log,
  });
});
afterAll(async () => {
  await supervisor.stop();
  for (const socket of sockets) socket.destroy();
  site.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

/** Pages that are open at the same time, three: more would only measure the machine. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve(), Promise.resolve()];
let turn = 0;
function inTurn(work: () => Promise<void>): Promise<void> {
  const lane = turn % lanes.length;
  turn += 1;
  const result = (lanes[lane] ?? Promise.resolve()).then(work);
  lanes[lane] = result.catch(() => undefined);
  return result;
}

function deadlineOf(wishes: Readonly<Record<string, unknown>>): number {
  return websiteHtml.deadlineMs(websiteHtml.payloadSchema.parse({ url: origin, ...wishes }));
}

let attempts = 0;
async function visit(page: string, wishes: Readonly<Record<string, unknown>> = {}): Promise<SupervisedOutcome> {
  attempts += 1;
  const payload = websiteHtml.payloadSchema.parse({ url: `${origin}/${page}`, ...wishes });
  const request = {
    attemptId: `attempt-${attempts}`,
    type: 'website_html',
    payload,
    deadlineMs: websiteHtml.deadlineMs(payload),
  };
  return supervisor.run(request, {
    onProgress: () => undefined,
    onSlotFree: () => undefined,
    onSiteAnswered: () => undefined,
  });
}

function endOf(outcome: SupervisedOutcome): string {
  return outcome.outcome === 'failed' ? outcome.error.code : outcome.outcome;
}

async function meetsItsEnd({ name, payload, ends }: HostilePage): Promise<void> {
  const startMs = performance.now();
  const timeoutMs = ends.includes('page_timeout') ? TIMEOUT_MS : AMPLE_TIMEOUT_MS;
  const wishes = { timeoutMs, ...payload };
  const outcome = await visit(name, wishes);
  expect(ends, JSON.stringify(outcome).slice(0, 500)).toContain(endOf(outcome));
  expect(performance.now() - startMs).toBeLessThan(deadlineOf(wishes) + BEYOND_DEADLINE_MS);
  // What an operator reads is bounded, whatever the page did.
  expect(JSON.stringify(outcome).length).toBeLessThan(2_000_000);
  const next = await visit('good', { timeoutMs: 30_000 });
  expect(next).toMatchObject({
    outcome: 'completed',
    result: { status: 200, title: 'Good', truncated: [], popups: [], dialogs: [] },
  });
}

describe('a page that means harm', () => {
  it('is one of thirty at least', () => {
    expect(PAGES.length).toBeGreaterThanOrEqual(30);
    expect(new Set(PAGES.map(({ name }) => name)).size).toBe(PAGES.length);
  });

  describe.concurrent('meets its end, and the next task on the same host is unharmed', () => {
    it.each(PAGES.map((page) => [page.name, page] as const))('%s', { timeout: 240_000 }, async (_name, page) => {
      await inTurn(() => meetsItsEnd(page));
    });
  });
});

/** What full Chromium has a user interface for, and the headless shell has not. */
const WITH_INTERFACE = new Set([
  'alert-loop',
  'beforeunload-trap',
  'window-storm',
  'print-loop',
  'begging',
  'crash-address',
  'external-programs',
  'download',
  'authentication-loop',
]);

describe.skipIf(CHROMIUM_PATH === null).concurrent('a page that means harm, in full Chromium', () => {
  const pages = PAGES.filter(({ name }) => WITH_INTERFACE.has(name));
  it.each(pages.map((page) => [page.name, page] as const))('%s', { timeout: 240_000 }, async (_name, page) => {
    await inTurn(() => meetsItsEnd({ ...page, payload: { engine: 'chromium', ...page.payload } }));
  });
});

describe('after all of them', () => {
  it('the task host is the one that was started first, and nothing was downloaded', async () => {
    expect(launches).toBe(1);
    expect(readdirSync(folder).sort()).toEqual(['blobs', 'run']);
    const blobs = readdirSync(join(folder, 'blobs'), { recursive: true, encoding: 'utf8' });
    expect(blobs.filter((path) => !/^[0-9a-f]{2}(?:[\\/][0-9a-f]{64})?$/.test(path))).toEqual([]);
  });
});
