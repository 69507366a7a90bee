import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BlobFileWriter } from '../../../main/browser/blob-writer.ts';
import { BrowserPool } from '../../../main/browser/browser-pool.ts';
import { NetworkGuard } from '../../../main/browser/network-guard/guard.ts';
import { TaskTraffic } from '../../../main/browser/network-guard/page-network.ts';
import { RobotsGate } from '../../../main/browser/robots/robots-gate.ts';
import { READ_BYTES } from '../../../main/browser/robots/robots-rules.ts';
import { defineTask } from '../../../main/browser/task-definition.ts';
import { TaskHost } from '../../../main/browser/task-host.ts';
import { toLegworkError } from '../../../main/protocol/error-table.ts';
import { systemClock } from '../../../main/protocol/ports.ts';
import type { FromTaskHost } from '../../../main/protocol/task-host-messages.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { LOOPBACK_NETWORK } from '../../support/loopback-network.ts';

let server: Server;
let origin: string;
let asked: { url: string; userAgent: string | undefined }[];
let answer: (response: ServerResponse, url: string) => void;
let guard: NetworkGuard;
let gate: RobotsGate;
let clock: ManualClock;
let traffic: TaskTraffic;

beforeEach(async () => {
  asked = [];
  answer = (response) => void response.writeHead(404).end();
  server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', userAgent: request.headers['user-agent'] });
    answer(response, request.url ?? '');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  guard = new NetworkGuard({ allow: LOOPBACK_NETWORK.allowedPrivateHosts, hub: null, log: new RecordingLog() });
  clock = new ManualClock();
  gate = new RobotsGate({ guard, clock, userAgent: 'Legwork/0.1' });
  traffic = new TaskTraffic();
});

afterEach(async () => {
  await guard.close();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

/** 'allowed', or the code of the refusal. */
async function check(path = '/page', at = origin): Promise<string> {
  const { signal } = new AbortController();
  return gate.check(`${at}${path}`, { signal, traffic }).then(
    () => 'allowed',
    (error: unknown) => toLegworkError(error).code,
  );
}

const DISALLOW_ALL = 'User-agent: *\nDisallow: /';

describe('what a site answers (RFC 9309, 2.3.1)', () => {
  it.each([
    [200, 'robots_disallowed'],
    [204, 'allowed'],
    [401, 'allowed'],
    [404, 'allowed'],
    [429, 'robots_unreachable'],
    [500, 'robots_unreachable'],
    [503, 'robots_unreachable'],
  ])('%i: %s', async (status, expected) => {
    answer = (response) => void response.writeHead(status).end(DISALLOW_ALL);
    expect(await check()).toBe(expected);
    expect(asked).toEqual([{ url: '/robots.txt', userAgent: 'Legwork/0.1' }]);
    expect(traffic.bytesDown).toBeGreaterThan(0);
  });

  it.each([429, 503])('%i: the site is left alone for as long as it asks for', async (status) => {
    answer = (response) => void response.writeHead(status, { 'retry-after': '30' }).end();
    const told: unknown[] = [];
    const siteAnswered = (seen: unknown): void => void told.push(seen);
    const asking = { signal: new AbortController().signal, traffic, siteAnswered };
    const refusal = gate.check(`${origin}/page`, asking);
    await expect(refusal).rejects.toMatchObject({ code: 'robots_unreachable', notBeforeMs: clock.nowMs() + 30_000 });
    expect(told).toEqual([{ url: `${origin}/robots.txt`, status, retryAfterMs: 30_000 }]);
    await gate.check(`${origin}/page`, asking).catch(() => undefined);
    expect(told).toHaveLength(1);
  });

  it('names the file, the line and the rule', async () => {
    answer = (response) => void response.end('User-agent: legwork\n\nDisallow: /page # please');
    const refusal = gate.check(`${origin}/page?x`, { signal: new AbortController().signal, traffic });
    await expect(refusal).rejects.toThrow(`Line 3 of ${origin}/robots.txt: Disallow: /page # please`);
    await expect(refusal).rejects.toMatchObject({ code: 'robots_disallowed', class: 'policy' });
  });

  it('five redirects are followed, also to another host; with a sixth the file counts as absent', async () => {
    let redirects = 5;
    answer = (response, url) => {
      const step = Number(/\d+$/.exec(url)?.[0] ?? '0');
      const host = step % 2 === 0 ? origin.replace('127.0.0.1', 'localhost') : origin;
      if (step < redirects) response.writeHead(301, { location: `${host}/step${step + 1}` }).end();
      else response.end(DISALLOW_ALL);
    };
    expect(await check()).toBe('robots_disallowed');
    expect(asked).toHaveLength(6);
    redirects = 6;
    await clock.advance(86_400_001);
    expect(await check()).toBe('allowed');
  });

  it('nothing at all, a broken answer, or one in an encoding: no visit for now', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    expect(await check('/', `http://127.0.0.1:${port}`)).toBe('robots_unreachable');
    answer = (response) => void response.destroy();
    expect(await check()).toBe('robots_unreachable');
    await clock.advance(60_000);
    answer = (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('xx');
    expect(await check()).toBe('robots_unreachable');
    await clock.advance(60_000);
    answer = (response) => void response.end('');
    expect(await check()).toBe('allowed');
  });

  it('of a file without end 500 KiB are read, in whole lines', async () => {
    let sentBytes = 0;
    answer = (response) => {
      const line = `Disallow: /x${'y'.repeat(500)}\n`;
      response.write('User-agent: *\nDisallow: /early\n');
      const more = (): void => {
        while (!response.destroyed && response.write(line)) sentBytes += line.length;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    };
    expect(await check('/early/page')).toBe('robots_disallowed');
    expect(await check('/late')).toBe('allowed');
    expect(asked).toHaveLength(1);
    expect(sentBytes).toBeGreaterThan(READ_BYTES / 2);
  });

  it('what the network guard keeps from pages is kept from this request, too', async () => {
    const strict = new NetworkGuard({ allow: [], hub: null, log: new RecordingLog() });
    gate = new RobotsGate({ guard: strict, clock, userAgent: 'Legwork' });
    answer = (response) => void response.end('');
    expect(await check()).toBe('url_refused');
    answer = (response) => void response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end();
    gate = new RobotsGate({ guard, clock, userAgent: 'Legwork' });
    expect(await check()).toBe('url_refused');
    await strict.close();
    expect(asked).toHaveLength(1);
  });
});

describe('how long an answer counts', () => {
  it('a day at most; as long as the site says', async () => {
    answer = (response) => void response.setHeader('cache-control', 'max-age=9999999').end('');
    await check();
    await clock.advance(86_399_000);
    await check();
    expect(asked).toHaveLength(1);
    await clock.advance(2_000);
    answer = (response) => void response.setHeader('cache-control', 'public, max-age=60').end('');
    await check();
    await clock.advance(61_000);
    await check();
    expect(asked).toHaveLength(3);
  });

  it('the last file goes on counting while the site cannot say', async () => {
    answer = (response) => void response.setHeader('cache-control', 'max-age=60').end('User-agent: *\nDisallow: /no');
    expect(await check('/no')).toBe('robots_disallowed');
    answer = (response) => void response.writeHead(500).end();
    await clock.advance(120_000);
    expect(await check('/no')).toBe('robots_disallowed');
    expect(await check('/yes')).toBe('allowed');
    await clock.advance(86_400_000);
    expect(await check('/yes')).toBe('robots_unreachable');
  });

  it('many who ask at once cause one request, and one who gives up does not take it from the others', async () => {
    const held: ServerResponse[] = [];
    answer = (response) => void held.push(response);
    const impatient = new AbortController();
    const gone = gate.check(`${origin}/a`, { signal: impatient.signal, traffic });
    const others = [check('/b'), check('/c')];
    while (held.length === 0) await systemClock.sleep(5);
    impatient.abort(new Error('enough'));
    await expect(gone).rejects.toThrow('enough');
    held[0]?.end(DISALLOW_ALL);
    expect(await Promise.all(others)).toEqual(['robots_disallowed', 'robots_disallowed']);
    expect(asked).toHaveLength(1);
  });
});

describe('single pages', () => {
  async function outcomeOf(robotsForPages: 'ignore' | 'honour'): Promise<unknown> {
    const page = defineTask({
      name: 'any_page',
      version: 1,
      summary: '',
      lane: 'page',
      payloadSchema: z.object({ url: z.string() }),
      resultSchema: z.object({ visited: z.string() }),
      deadlineMs: () => 10_000,
      run: (payload) => Promise.resolve({ visited: payload.url }),
    });
    let hear: (message: unknown) => void = () => undefined;
    let close: () => void = () => undefined;
    const told: FromTaskHost[] = [];
    const log = new RecordingLog();
    const settings = {
      blobFolder: '/nowhere',
      runFolder: '/nowhere',
      chromiumPath: null,
      headlessShellPath: null,
      sandbox: true,
      network: LOOPBACK_NETWORK,
      recycle: { afterPages: 1, afterMs: 1, memoryBytes: 1 },
    };
    const host = new TaskHost({
      channel: {
        send: (message) => void told.push(message),
        onMessage: (listener) => void (hear = listener),
        onClosed: (listener) => void (close = listener),
      },
      definitions: [page],
      browsers: new BrowserPool({ settings, log, clock: systemClock, guard }),
      guard,
      robots: gate,
      robotsForPages,
      blobs: new BlobFileWriter('/nowhere'),
      log,
    });
    const ended = host.run();
    const payload = { url: `${origin}/page` };
    hear({ kind: 'run', attemptId: 'attempt-1', type: 'any_page', payload, deadlineMs: 10_000 });
    let finished: FromTaskHost | undefined;
    while (finished === undefined) {
      finished = told.find(({ kind }) => kind === 'finished');
      await systemClock.sleep(5);
    }
    close();
    await ended;
    return finished;
  }

  it('are visited without asking, unless the host wants it', async () => {
    answer = (response) => void response.end(DISALLOW_ALL);
    expect(await outcomeOf('ignore')).toMatchObject({ result: { outcome: 'completed' } });
    expect(asked).toEqual([]);
    expect(await outcomeOf('honour')).toMatchObject({
      result: { outcome: 'failed', error: { code: 'robots_disallowed', class: 'policy' } },
    });
  });
});
