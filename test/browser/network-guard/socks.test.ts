import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readGreeting, readRequest } from '../../../main/browser/network-guard/socks-messages.ts';
import { PortBench } from './port-bench.ts';
import { connectByAddress, connectByName, GREETING } from './socks-client.ts';

let bench: PortBench;

beforeEach(async () => {
  bench = new PortBench();
  await bench.start();
});

afterEach(() => bench.close());

describe('requests', () => {
  test.each([
    ['by name', (port: number) => connectByName('127.0.0.1', port)],
    ['by IPv4 address', (port: number) => connectByAddress([127, 0, 0, 1], port)],
    [
      'by IPv4-mapped address',
      (port: number) => connectByAddress([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1], port),
    ],
    ['by another spelling', (port: number) => connectByName('0x7f.1', port)],
  ])('%s reach what is opened', async (_form, request) => {
    const { port } = await bench.openPort();
    const made = bench.client(port);
    expect(await made.ask(request(bench.sitePort))).toBe(0);
    made.send('hello');
    expect((await made.take(5)).toString()).toBe('hello');
    expect(port.refusals).toEqual([]);
  });

  test.each([
    ['a loopback address', connectByAddress([127, 0, 0, 1], 80), 'loopback'],
    ['IPv6 loopback', connectByAddress([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 80), 'loopback'],
    ['cloud metadata', connectByAddress([169, 254, 169, 254], 80), 'link_local'],
    ['0.0.0.0', connectByAddress([0, 0, 0, 0], 80), 'unspecified'],
    [
      '::',
      connectByAddress(
        Array.from({ length: 16 }, () => 0),
        80,
      ),
      'unspecified',
    ],
    ['localhost', connectByName('localhost', 80), 'loopback'],
    ['LOCALHOST.', connectByName('LOCALHOST.', 80), 'loopback'],
    ['a decimal address', connectByName('2130706433', 80), 'loopback'],
    ['an octal address', connectByName('0177.0.0.01', 80), 'loopback'],
    ['a hexadecimal address', connectByName('0x7f000001', 80), 'loopback'],
    ['an address in full-width digits', connectByName('１２７.０.０.１', 80), 'loopback'],
    ['a NUL in the name', connectByName('example.com\0.example.org', 80), 'invalid_name'],
    ['a line break in the name', connectByName('example.com\r\nHost: x', 80), 'invalid_name'],
    ['no name', connectByName('', 80), 'invalid_name'],
    ['a name of 255 bytes', connectByName('a'.repeat(255), 80), 'invalid_name'],
    ['a name that is no UTF-8', connectByName(Buffer.from([0xff, 0xfe, 0x2e, 0x61]), 80), 'invalid_name'],
    ['an IPv6 zone', connectByName('fe80::1%eth0', 80), 'zone'],
    ['port 0', connectByName('127.0.0.1', 0), 'port'],
    ['port 22', connectByName('8.8.8.8', 22), 'port'],
  ])('%s: not allowed by the ruleset', async (_what, request, rule) => {
    const { port } = await bench.openPort();
    const made = bench.client(port);
    expect(await made.ask(request)).toBe(2);
    await made.closed;
    expect(port.refusals.map((refusal) => refusal.rule)).toEqual([rule]);
    expect(bench.siteSockets).toEqual([]);
  });

  test('what a name resolves to is what is judged, each time anew', async () => {
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    const { port } = await bench.openPort({ keepAnswersMs: 0, resolve: async () => answers.shift() ?? [] });
    expect(await bench.client(port).ask(connectByName('rebinding.example', bench.sitePort))).toBe(0);
    expect(await bench.client(port).ask(connectByName('rebinding.example', bench.sitePort))).toBe(2);
    expect(port.refusals).toEqual([
      { host: 'rebinding.example', address: '10.0.0.1', port: bench.sitePort, rule: 'private' },
    ]);
  });

  test('a kept answer spares look-ups, and those who ask at once share one', async () => {
    let asked = 0;
    const { port } = await bench.openPort({
      resolve: async () => {
        asked += 1;
        return ['127.0.0.1'];
      },
    });
    const ask = (): Promise<number | null> => bench.client(port).ask(connectByName('site.example', bench.sitePort));
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([0, 0, 0]);
    expect(await ask()).toBe(0);
    expect(asked).toBe(1);
  });

  test.each([
    ['BIND', connectByName('127.0.0.1', 80, 2), 7],
    ['UDP ASSOCIATE', connectByName('127.0.0.1', 80, 3), 7],
    ['an unknown command', connectByName('127.0.0.1', 80, 9), 7],
    ['an unknown kind of address', Buffer.from([5, 1, 0, 2, 1, 2, 3, 4, 0, 80]), 8],
  ])('%s is not supported', async (_what, request, reply) => {
    const { port } = await bench.openPort();
    expect(await bench.client(port).ask(request)).toBe(reply);
  });
});

describe('hostile clients', () => {
  test.each([
    ['HTTP', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
    ['an HTTP proxy request', 'CONNECT 127.0.0.1:80 HTTP/1.1\r\n\r\n'],
    ['SOCKS 4', Buffer.from([4, 1, 0, 80, 127, 0, 0, 1, 0])],
    ['no methods', Buffer.from([5, 0])],
    ['garbage after the greeting', Buffer.concat([GREETING, Buffer.from([9, 9, 9, 9, 9])])],
    ['a reserved byte that is set', Buffer.concat([GREETING, Buffer.from([5, 1, 1, 1, 127, 0, 0, 1, 0, 80])])],
  ])('%s is cut off', async (_what, bytes) => {
    const { port } = await bench.openPort();
    const made = bench.client(port);
    made.send(bytes);
    await made.closed;
    expect(made.received.length).toBeLessThanOrEqual(2);
    expect(bench.siteSockets).toEqual([]);
  });

  test('a client that wants to log in is told that there is no way to', async () => {
    const { port } = await bench.openPort();
    const made = bench.client(port);
    made.send(Buffer.from([5, 1, 2]));
    expect([...(await made.take(2))]).toEqual([5, 255]);
    await made.closed;
  });

  test('a client that does not say what it wants is cut off after a time', async () => {
    const { port } = await bench.openPort({ handshakeTimeoutMs: 100 });
    const silent = bench.client(port);
    const slow = bench.client(port);
    slow.send(Buffer.from([5, 1, 0, 5, 1]));
    await Promise.all([silent.closed, slow.closed]);
  });

  test('messages may come byte by byte, or all at once with what follows', async () => {
    const { port } = await bench.openPort();
    const slow = bench.client(port);
    for (const byte of Buffer.concat([GREETING, connectByName('127.0.0.1', bench.sitePort)])) {
      slow.send(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await slow.take(12))[3]).toBe(0);
    const hasty = bench.client(port);
    hasty.send(Buffer.concat([GREETING, connectByName('127.0.0.1', bench.sitePort), Buffer.from('early')]));
    expect((await hasty.take(17)).subarray(12).toString()).toBe('early');
  });

  test('a flood before the connection stands is cut off', async () => {
    const { port } = await bench.openPort({ resolve: () => new Promise(() => {}) });
    const made = bench.client(port);
    made.send(Buffer.concat([GREETING, connectByName('never.example', bench.sitePort), randomBytes(200_000)]));
    await made.closed;
  });

  test('no bytes make the parsers fail', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (bytes, hasVersion) => {
        const buffer = Buffer.from(hasVersion ? [5, ...bytes] : bytes);
        for (const read of [readGreeting(buffer), readRequest(buffer)]) {
          if (read.kind === 'message') expect(read.length).toBeLessThanOrEqual(buffer.length);
        }
      }),
    );
  });

  test('random clients leave the proxy as it was', async () => {
    const { port } = await bench.openPort({ handshakeTimeoutMs: 2_000 });
    const made = Array.from({ length: 60 }, () => bench.client(port));
    for (const one of made) one.send(Buffer.concat([Buffer.from([5]), randomBytes(40)]));
    await Promise.all(made.map((one) => one.closed));
    await bench.connected(port);
  });
});
