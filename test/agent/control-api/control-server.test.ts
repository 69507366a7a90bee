import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Registry } from 'prom-client';
import { ControlServer } from '../../../main/agent/control-api/control-server.ts';
import { createNonce } from '../../../main/protocol/signature.ts';
import { type Answer, type CallOptions, ControlBench, KEY, TOKEN } from './control-bench.ts';

let bench: ControlBench;
beforeEach(async () => {
  bench = new ControlBench();
  await bench.open();
});
afterEach(() => bench.server.close());

it('a signed call is carried out, and its answer is signed for this very call', async () => {
  const answer = await bench.call({ body: '{"word":"hello"}' });
  expect(answer).toMatchObject({ status: 200, isSigned: true });
  expect(JSON.parse(answer.body.toString())).toEqual({ said: 'hello' });
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
});

it('listens on loopback only', async () => {
  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal }) => !internal);
  for (const { address } of others) {
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: address, port: bench.port, timeout: 2_000 }, () => resolve(true));
      for (const event of ['error', 'timeout']) socket.once(event, () => resolve(false));
      socket.once('close', () => socket.destroy());
    });
    expect(reached).toBe(false);
  }
});

describe('who has no key gets nothing', () => {
  it.each<[string, CallOptions]>([
    ['another key', { key: 'c'.repeat(64) }],
    ['another body', { body: '{"word":"b"}', signed: { body: '{"word":"a"}' } }],
    ['another path', { signed: { path: '/internal/other' } }],
    ['another method', { signed: { method: 'GET' } }],
    ['a query that is not signed', { path: '/internal/say?x', signed: { path: '/internal/say' } }],
    ['no signature', { headers: { 'X-Signature': '' } }],
    ['a signature of zeros', { headers: { 'X-Signature': `v1=${'0'.repeat(64)}` } }],
    ['another version', { headers: { 'X-Signature': `v2=${'0'.repeat(64)}` } }],
    ['a short nonce', { nonce: 'abc' }],
    ['a nonce with a line break in it', { headers: { 'X-Nonce': `${'a'.repeat(16)} ${'a'.repeat(15)}` } }],
    ['no timestamp', { headers: { 'X-Timestamp': '' } }],
    ['a timestamp that is none', { headers: { 'X-Timestamp': '1e9' } }],
  ])('%s', async (_what, options) => {
    await bench.expectRefusal(await bench.call(options), 'bad_signature', false);
    expect(bench.carriedOut).toEqual([{ word: 'next' }]);
  });

  it('paths are not told apart before the signature fits', async () => {
    await bench.expectRefusal(await bench.call({ path: '/nothing', key: 'c'.repeat(64) }), 'bad_signature', false);
    await bench.expectRefusal(await bench.call({ path: '/nothing' }), 'not_found', true);
  });
});

describe('a call counts once, and now', () => {
  it('replayed', async () => {
    const nonce = createNonce();
    expect((await bench.call({ nonce, body: '{"word":"a"}' })).status).toBe(200);
    await bench.expectRefusal(await bench.call({ nonce, body: '{"word":"a"}' }), 'nonce_reused', true);
    await bench.clock.advance(400_000);
    await bench.expectRefusal(
      await bench.call({ nonce, timestamp: Math.floor(bench.clock.nowMs() / 1_000) - 400 }),
      'clock_skew',
      true,
    );
  });

  it.each([301, -301])('%i s off', async (seconds) => {
    const timestamp = Math.floor(bench.clock.nowMs() / 1_000) + seconds;
    const answer = await bench.call({ timestamp });
    await bench.expectRefusal(answer, 'clock_skew', true);
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      error: { details: { agentTimeMs: bench.clock.nowMs() } },
    });
  });

  it('signed before this start, which has forgotten what an earlier one has seen', async () => {
    await bench.expectRefusal(
      await bench.call({ timestamp: Math.floor(bench.clock.nowMs() / 1_000) - 1 }),
      'clock_skew',
      true,
    );
  });
});

describe('web pages', () => {
  it.each(['http://evil.example', 'null', 'http://127.0.0.1:4818'])('of %s', async (origin) => {
    await bench.expectRefusal(await bench.call({ headers: { Origin: origin } }), 'foreign_origin', false);
  });

  it('that send no Origin but are fetched by a browser', async () => {
    await bench.expectRefusal(
      await bench.call({ headers: { 'Sec-Fetch-Site': 'same-origin' } }),
      'foreign_origin',
      false,
    );
  });

  it('ask for permission in vain', async () => {
    const headers = { Origin: 'http://evil.example', 'Access-Control-Request-Method': 'POST' };
    const answer = await bench.call({ method: 'OPTIONS', headers });
    await bench.expectRefusal(answer, 'foreign_origin', false);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it.each([
    'evil.example',
    'evil.example:1',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost.evil.example',
    '127.0.0.1.:1',
    '[::1]',
  ])('whose name leads to this machine (Host: %s)', async (host) => {
    await bench.expectRefusal(await bench.call({ headers: { Host: host } }), 'foreign_host', false);
    await bench.expectRefusal(
      await bench.call({ method: 'GET', path: '/metrics', headers: { Host: host, Authorization: `Bearer ${TOKEN}` } }),
      'foreign_host',
      false,
    );
  });

  it('no Host at all', async () => {
    expect(await bench.sendRaw('GET /metrics HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 421 /);
    expect(await bench.sendRaw('GET /metrics HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 421 /,
    );
  });

  it('localhost and 127.0.0.1 with the port are this machine', async () => {
    for (const host of [`localhost:${bench.port}`, `LOCALHOST:${bench.port}`, `127.0.0.1:${bench.port}`]) {
      expect((await bench.call({ headers: { Host: host }, body: '{"word":"a"}' })).status).toBe(200);
    }
  });
});

describe('metrics', () => {
  const read = (headers: Record<string, string>): Promise<Answer> =>
    bench.call({ method: 'GET', path: '/metrics', headers });

  it('are there for who has the token', async () => {
    const answer = await read({ Authorization: `Bearer ${TOKEN}` });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.body.toString()).toContain('legwork_agent_answer 42');
  });

  it('are there for who signs, once', async () => {
    const call = { method: 'GET', path: '/metrics', nonce: createNonce() };
    const answer = await bench.call(call);
    expect(answer).toMatchObject({ status: 200, isSigned: true });
    expect(answer.body.toString()).toContain('legwork_agent_answer 42');
    await bench.expectRefusal(await bench.call(call), 'nonce_reused', true);
    await bench.expectRefusal(await bench.call({ ...call, key: 'c'.repeat(64) }), 'bad_signature', false);
  });

  it('not for who has neither token nor signature', async () => {
    const text = await bench.sendRaw(
      `GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:${bench.port}\r\nConnection: close\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
    expect(text).toContain('unauthorized');
  });

  it.each(['Bearer', `Bearer ${KEY}`, `Basic ${TOKEN}`, `Bearer ${TOKEN}x`])('not for "%s"', async (authorization) => {
    const answer = await read({ Authorization: authorization });
    await bench.expectRefusal(answer, 'unauthorized', false);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('the token opens nothing else', async () => {
    const headers = { Authorization: `Bearer ${TOKEN}`, 'X-Signature': '' };
    await bench.expectRefusal(await bench.call({ headers }), 'bad_signature', false);
  });
});

it('a port that is taken is said so by its code', async () => {
  const other = createTcpServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => {
    other.once('listening', resolve);
  });
  const second = new ControlServer({
    calls: [],
    key: KEY,
    metrics: { registry: new Registry(), token: TOKEN },
    clock: bench.clock,
    log: bench.log,
  });
  await expect(second.listen((other.address() as AddressInfo).port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  other.close();
});

it('closes although callers keep their connections, and one is in the middle of a request', async () => {
  const head = `POST /internal/say HTTP/1.1\r\nHost: 127.0.0.1:${bench.port}\r\nContent-Length: 9\r\n\r\n`;
  const ends: Promise<string>[] = [];
  for (const text of [head, '']) {
    await new Promise((connected) => ends.push(bench.sendRaw(text, connected)));
  }
  // Those that came before it have been taken in when it is answered.
  expect((await bench.call()).status).toBe(200);
  await bench.server.close();
  await Promise.all(ends);
});
