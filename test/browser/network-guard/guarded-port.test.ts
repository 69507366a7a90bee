import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Dialer } from '../../../main/browser/network-guard/dialer.ts';
import { PortBench, until } from './port-bench.ts';
import { connectByName, GREETING, listenOnLoopback, RawClient } from './socks-client.ts';

let bench: PortBench;

beforeEach(async () => {
  bench = new PortBench();
  await bench.start();
});

afterEach(() => bench.close());

describe('connections', () => {
  test('bytes of each task are counted apart, both ways', async () => {
    const { guard, port } = await bench.openPort();
    const other = await guard.open();
    const made = await bench.connected(port);
    const payload = randomBytes(3_000_000);
    made.send(payload);
    expect((await made.take(payload.length)).equals(payload)).toBe(true);
    expect([port.bytesUp, port.bytesDown]).toEqual([3_000_000, 3_000_000]);
    expect([other.bytesUp, other.bytesDown]).toEqual([0, 0]);
  });

  test('a server that does not read holds the client back', async () => {
    bench.onSite = (socket) => socket.pause();
    const { port } = await bench.openPort();
    const made = await bench.connected(port);
    const sentBytes = 40_000_000;
    made.socket.end(Buffer.alloc(sentBytes));
    // What the buffers of the system take in may come in several goes.
    let before = -1;
    while (port.bytesUp === 0 || port.bytesUp !== before) {
      before = port.bytesUp;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(port.bytesUp).toBeLessThan(sentBytes);
    expect(made.socket.writableFinished).toBe(false);
    bench.siteSockets[0]?.resume();
    await until(() => made.socket.writableFinished);
    await until(() => port.bytesUp === sentBytes);
  });

  test('an end is passed on as an end, in both directions, and late bytes still arrive', async () => {
    bench.onSite = (socket) => {
      socket.resume();
      socket.on('end', () => socket.end('last words'));
    };
    const { port } = await bench.openPort();
    const made = await bench.connected(port);
    made.socket.end('question');
    expect((await made.take(10)).toString()).toBe('last words');
    expect(await made.closed).toBe('end');
  });

  test('a reset of the server is a reset for the client', async () => {
    bench.onSite = (socket) => socket.once('data', () => socket.resetAndDestroy());
    const { port } = await bench.openPort();
    const made = await bench.connected(port);
    made.send('x');
    expect(await made.closed).toBe('reset');
  });

  test('a client that goes takes its connection to the server with it', async () => {
    const { port } = await bench.openPort();
    const made = await bench.connected(port);
    made.socket.resetAndDestroy();
    await until(() => bench.siteSockets[0]?.destroyed === true);
  });

  test('a client that goes while its connection is being made ends the attempt', async () => {
    let aborted = false;
    const dialer: Dialer = {
      dial: (_target, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(new Error('aborted'));
          });
        }),
    };
    const { port } = await bench.openPort({ dialer });
    const made = bench.client(port);
    made.send(Buffer.concat([GREETING, connectByName('127.0.0.1', bench.sitePort)]));
    await made.take(2);
    made.socket.resetAndDestroy();
    await until(() => aborted);
  });

  test('closing the port cuts everything and gives it back', async () => {
    const { guard, port } = await bench.openPort();
    const made = await bench.connected(port);
    const number = port.port;
    await Promise.all([port.close(), port.close()]);
    await made.closed;
    await until(() => bench.siteSockets[0]?.destroyed === true);
    const late = new RawClient(number);
    expect(await late.closed).toBe('reset');
    await guard.close();
    await expect(guard.open()).rejects.toThrow('closed');
  });
});

describe('limits', () => {
  test('once the bytes are used up, nothing goes through any more, and other tasks are not touched', async () => {
    const { guard, port } = await bench.openPort();
    const other = await guard.open();
    let told = 0;
    port.setLimits({ maxBytes: 1_000, onLimit: () => (told += 1) });
    const made = await bench.connected(port);
    const neighbour = await bench.connected(other);
    made.send(Buffer.alloc(400));
    await made.take(400);
    expect(port.isLimitReached).toBe(false);
    made.send(Buffer.alloc(5_000));
    await made.closed;
    expect([port.isLimitReached, told]).toEqual([true, 1]);
    expect(await bench.client(port).ask(connectByName('127.0.0.1', bench.sitePort))).toBe(2);
    expect(port.whyUnreachable('127.0.0.1', bench.sitePort)).toMatchObject({
      kind: 'refused',
      refusal: { rule: 'byte_limit' },
    });
    neighbour.send('still here');
    expect((await neighbour.take(10)).toString()).toBe('still here');
  });

  test('refusals are listed once each and no further than a bound', async () => {
    const { port } = await bench.openPort({ resolve: async () => ['10.0.0.1'] });
    await Promise.all([1, 2, 3].map(() => bench.client(port).ask(connectByName('same.example', 80))));
    expect(port.refusals).toEqual([{ host: 'same.example', address: '10.0.0.1', port: 80, rule: 'private' }]);
    expect(port.refusedConnections).toBe(3);
    for (let start = 0; start < 120; start += 20) {
      const names = Array.from({ length: 20 }, (_none, index) => `host${start + index}.example`);
      await Promise.all(names.map((name) => bench.client(port).ask(connectByName(name, 80))));
    }
    expect(port.refusals).toHaveLength(100);
    expect(port.refusedConnections).toBe(123);
  });

  test('the port of a browser without a task refuses everything and looks nothing up', async () => {
    let asked = 0;
    const { guard } = await bench.openPort({
      resolve: async () => {
        asked += 1;
        return ['8.8.8.8'];
      },
    });
    const port = await guard.open('nothing');
    expect(await bench.client(port).ask(connectByName('update.example.com', 443))).toBe(2);
    expect(await bench.client(port).ask(connectByName('127.0.0.1', bench.sitePort))).toBe(2);
    expect(port.refusals[0]).toEqual({ host: 'update.example.com', address: null, port: 443, rule: 'no_task' });
    expect(asked).toBe(0);
  });

  test('what is opened to pages opens no port of the guard, nor one that is protected', async () => {
    const { guard, port } = await bench.openPort({ allow: ['127.0.0.0/8:*'] });
    const other = await guard.open();
    expect(await bench.client(port).ask(connectByName('127.0.0.1', other.port))).toBe(2);
    expect(await bench.client(port).ask(connectByName('127.0.0.1', bench.sitePort))).toBe(0);
    const release = guard.protectLocalPort(bench.sitePort);
    expect(await bench.client(port).ask(connectByName('127.0.0.1', bench.sitePort))).toBe(2);
    release();
    expect(await bench.client(port).ask(connectByName('127.0.0.1', bench.sitePort))).toBe(0);
  });
});

describe('failures are told apart', () => {
  test('a name without an address', async () => {
    const { port } = await bench.openPort();
    expect(await bench.client(port).ask(connectByName('missing.example', 80))).toBe(4);
    expect(port.whyUnreachable('missing.example', 80)).toMatchObject({ kind: 'failed', reason: 'name_not_resolved' });
    expect(port.refusals).toEqual([]);
  });

  test('a look-up without an end', async () => {
    const { port } = await bench.openPort({ resolve: () => new Promise(() => {}), resolveTimeoutMs: 50 });
    expect(await bench.client(port).ask(connectByName('never.example', 80))).toBe(4);
  });

  test('a closed port, and then an open one again', async () => {
    const { port } = await bench.openPort({ allow: ['127.0.0.1:*'] });
    const target = await listenOnLoopback(() => undefined);
    target.close();
    expect(await bench.client(port).ask(connectByName('127.0.0.1', target.port))).toBe(5);
    expect(port.whyUnreachable('127.0.0.1', target.port)).toMatchObject({ reason: 'connection_refused' });
    expect(port.whyUnreachable('127.0.0.1', bench.sitePort)).toBeNull();
  });

  test('a server that never answers', async () => {
    const dialer: Dialer = { dial: () => Promise.reject(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })) };
    const { port } = await bench.openPort({ dialer });
    expect(await bench.client(port).ask(connectByName('127.0.0.1', bench.sitePort))).toBe(6);
    expect(port.whyUnreachable('127.0.0.1', bench.sitePort)).toMatchObject({
      kind: 'failed',
      reason: 'connection_timeout',
    });
  });

  test('the next address is tried when the first one fails', async () => {
    const { port } = await bench.openPort({
      allow: [`127.0.0.0/8:${bench.sitePort}`],
      resolve: async () => ['127.0.0.99', '127.0.0.1'],
    });
    expect(await bench.client(port).ask(connectByName('two.example', bench.sitePort))).toBe(0);
  });
});
