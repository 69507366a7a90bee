import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HubCallError } from '../../../main/agent/server/hub-call-error.ts';
import { HubClient } from '../../../main/agent/server/hub-client.ts';
import { NodeHttpTransport } from '../../../main/agent/server/http-transport.ts';
import { systemClock, type Clock } from '../../../main/protocol/ports.ts';
import { HEADER } from '../../../main/protocol/signature.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { refusingPort } from '../../support/refusing-port.ts';
import { startSignedServer, type Answer, type SeenRequest } from './signed-server.ts';

const SECRET = 'c0ffee'.repeat(8);
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function clientFor(
  answer: (request: SeenRequest, count: number) => Answer | Promise<Answer>,
  options: { clock?: Clock } = {},
): Promise<{ client: HubClient; seen: SeenRequest[]; log: RecordingLog }> {
  const server = await startSignedServer(SECRET, answer);
  const transport = new NodeHttpTransport(server.origin);
  const log = new RecordingLog();
  cleanUps.push(
    () => transport.close(),
    () => server.close(),
  );
  const client = new HubClient({
    transport,
    credentials: () => ({ workerId: 'worker-1', secret: SECRET }),
    basePath: '/base',
    clock: options.clock ?? systemClock,
    log,
  });
  return { client, seen: server.seen, log };
}

async function failureOf(promise: Promise<unknown>): Promise<HubCallError> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HubCallError)) throw new Error(`no HubCallError but ${String(error)}`);
  return error;
}

const anything = z.object({ ok: z.boolean() });

describe('a signed call', () => {
  it('is signed over the base path and query, and its verified answer is read by the schema', async () => {
    const { client, seen } = await clientFor(() => ({ status: 200, body: { ok: true } }));
    expect(await client.post('/internal/x?a=1&b=%C3%BC', { text: 'Grüße' }, anything)).toEqual({ ok: true });
    expect(seen.at(-1)).toMatchObject({ pathAndQuery: '/base/internal/x?a=1&b=%C3%BC', genuine: true });
  });

  it('uses a new nonce each time', async () => {
    const { client, seen } = await clientFor(() => ({ status: 204 }));
    await client.call('POST', '/a');
    await client.call('POST', '/a');
    expect(new Set(seen.map(({ headers }) => headers[HEADER.nonce.toLowerCase()])).size).toBe(2);
  });

  it.each<[string, Answer]>([
    ['is not signed', { status: 200, body: { ok: true }, secret: null }],
    ['is signed with another secret', { status: 200, body: { ok: true }, secret: 'f'.repeat(64) }],
    ['was the answer to another request', { status: 200, body: { ok: true }, signedNonce: '0'.repeat(32) }],
    ['is a proxy’s page', { status: 200, raw: (response) => response.end('<html>Sign in to the network</html>') }],
    ['is an unsigned redirect', { status: 302, headers: { location: 'https://elsewhere.example/' }, secret: null }],
    [
      'is an unsigned final refusal',
      { status: 404, body: { error: { code: 'not_found', message: 'x' } }, secret: null },
    ],
  ])('does not believe an answer that %s, and may try again', async (_what, answer) => {
    const { client } = await clientFor(() => answer);
    const error = await failureOf(client.post('/x', {}, anything));
    expect(error).toMatchObject({ failure: 'unverified', retryable: true });
  });

  it.each([
    ['behind', -100_000, 100_000],
    ['ahead', 100_000, -100_000],
    ['right', 0, 0],
  ])('knows from any answer that the clock is %s, though the hub lets it pass', async (_what, aheadMs, offsetMs) => {
    const clock: Clock = { ...systemClock, nowMs: () => Date.now() + aheadMs };
    const { client } = await clientFor(() => ({ status: 204 }), { clock });
    expect(client.clockOffsetMs).toBe(0);
    await client.call('POST', '/x');
    expect(Math.abs(client.clockOffsetMs - offsetMs)).toBeLessThanOrEqual(aheadMs === 0 ? 0 : 2_000);
  });

  it('takes a slow answer for slow, not for a clock that is off', async () => {
    let nowMs = Date.now() - 40_000;
    const clock: Clock = { ...systemClock, nowMs: () => nowMs };
    const { client } = await clientFor(
      () => {
        nowMs += 80_000;
        return { status: 204 };
      },
      { clock },
    );
    await client.call('POST', '/x');
    expect(client.clockOffsetMs).toBe(0);
  });

  it('does not take over the time of an unsigned clock_skew answer', async () => {
    const { client, seen } = await clientFor(() => ({
      status: 401,
      secret: null,
      body: { error: { code: 'clock_skew', message: 'x', details: { hubTimeMs: 'tomorrow' } } },
    }));
    await failureOf(client.call('POST', '/x'));
    expect(client.clockOffsetMs).toBe(0);
    expect(seen.length).toBe(1);
  });

  it('takes over the hub’s time once when its clock is off by an hour', async () => {
    const hourOff: Clock = { ...systemClock, nowMs: () => Date.now() - 3_600_000 };
    const { client, seen } = await clientFor(
      ({ headers }) => {
        const skewMs = Math.abs(Number(headers[HEADER.timestamp.toLowerCase()]) * 1_000 - Date.now());
        return skewMs > 300_000
          ? { status: 401, body: { error: { code: 'clock_skew', message: 'x', details: { hubTimeMs: Date.now() } } } }
          : { status: 200, body: { ok: true } };
      },
      { clock: hourOff },
    );
    expect(await client.post('/x', {}, anything)).toEqual({ ok: true });
    expect(seen.length).toBe(2);
    await client.post('/x', {}, anything);
    expect(seen.length).toBe(3);
    expect(Math.round(client.clockOffsetMs / 60_000)).toBe(60);
  });

  it('gives up after one correction when the hub still finds the clock wrong', async () => {
    const { client, seen } = await clientFor(() => ({
      status: 401,
      body: { error: { code: 'clock_skew', message: 'x', details: { hubTimeMs: 0 } } },
    }));
    expect(await failureOf(client.call('POST', '/x'))).toMatchObject({ failure: 'refused', code: 'clock_skew' });
    expect(seen.length).toBe(2);
  });

  it.each([
    [400, false],
    [403, false],
    [404, false],
    [410, false],
    [408, true],
    [425, true],
    [429, true],
    [500, true],
    [503, true],
  ])('reads a signed %i as %s to try again', async (status, retryable) => {
    const { client } = await clientFor(() => ({ status, body: { error: { code: 'some_code', message: 'words' } } }));
    expect(await failureOf(client.call('POST', '/x'))).toMatchObject({
      failure: 'refused',
      code: 'some_code',
      retryable,
    });
  });

  it('honours Retry-After in seconds and as a date, and not beyond an hour', async () => {
    const values = ['7', new Date(Date.now() + 60_000).toUTCString(), '999999', 'soon'];
    const { client } = await clientFor((_request, count) => ({
      status: 503,
      headers: { 'Retry-After': values[count - 1] ?? '' },
    }));
    const delays: (number | null)[] = [];
    for (const _value of values) delays.push((await failureOf(client.call('GET', '/x'))).retryAfterMs);
    expect(delays[0]).toBe(7_000);
    expect(delays[1]).toBeGreaterThan(30_000);
    expect(delays[1]).toBeLessThanOrEqual(60_000);
    expect(delays[2]).toBe(3_600_000);
    expect(delays[3]).toBeNull();
  });

  it('reads a verified body that does not fit the protocol as one to try again, naming the field', async () => {
    const { client } = await clientFor(() => ({ status: 200, body: { ok: 'yes' } }));
    const error = await failureOf(client.post('/x', {}, anything));
    expect(error).toMatchObject({ failure: 'unverified', retryable: true });
    expect(error.message).toContain('ok');
  });

  it('never has the secret in what it throws or logs', async () => {
    const { client, log } = await clientFor(() => ({
      status: 500,
      body: { error: { code: 'internal', message: 'm' } },
    }));
    const error = await failureOf(client.post('/x', { secretless: true }, anything));
    expect(JSON.stringify([error, error.message, error.stack, log.lines])).not.toContain(SECRET);
  });
});

describe('the transport', () => {
  it.each<[string, Answer['raw']]>([
    [
      'cut inside a body of known length',
      (response) => {
        response.writeHead(200, { 'Content-Length': '100' });
        response.write('half');
        setTimeout(() => response.socket?.destroy(), 20);
      },
    ],
    [
      'cut inside a chunked body',
      (response) => {
        response.writeHead(200);
        response.write('half');
        setTimeout(() => response.socket?.destroy(), 20);
      },
    ],
    ['closed without an answer', (response) => response.socket?.destroy()],
    ['garbled', (response) => response.socket?.end('\u0000\u0001 not HTTP at all\r\n\r\n')],
  ])('reports a connection that is %s as unreachable', async (_what, raw) => {
    const { client } = await clientFor(() => ({ status: 200, raw: raw ?? (() => undefined) }));
    expect(await failureOf(client.call('POST', '/x'))).toMatchObject({ failure: 'unreachable', retryable: true });
  });

  it('ends a call that is not answered in time, and one that is given up', async () => {
    const { client } = await clientFor(() => ({ status: 200, raw: () => undefined }));
    expect(await failureOf(client.call('POST', '/x', undefined, undefined, { timeoutMs: 50 }))).toMatchObject({
      failure: 'unreachable',
    });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    expect(await failureOf(client.call('POST', '/x', undefined, undefined, { signal: abort.signal }))).toMatchObject({
      failure: 'aborted',
      retryable: false,
    });
  });

  it('reports a port where nobody listens as unreachable', async () => {
    const transport = new NodeHttpTransport(new URL(`http://127.0.0.1:${await refusingPort()}`));
    cleanUps.push(() => transport.close());
    const client = new HubClient({
      transport,
      credentials: () => ({ workerId: 'w', secret: SECRET }),
      basePath: '',
      clock: systemClock,
      log: new RecordingLog(),
    });
    expect(await failureOf(client.call('POST', '/x'))).toMatchObject({
      failure: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
