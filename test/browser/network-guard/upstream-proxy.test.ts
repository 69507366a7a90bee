import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GuardedPort } from '../../../main/browser/network-guard/guarded-port.ts';
import { readProxyRoutes } from '../../../main/browser/network-guard/proxy-routes.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { ConnectProxy } from './connect-proxy.ts';
import { PortBench, until } from './port-bench.ts';
import { connectByName } from './socks-client.ts';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'public.example': ['93.184.216.34'],
  'both.example': ['2606:2800:220:1::1', '93.184.216.34'],
  'private.example': ['10.0.0.1'],
  'mixed.example': ['93.184.216.34', '10.0.0.1'],
};

let bench: PortBench;
let proxy: ConnectProxy;
let second: ConnectProxy;
let folder: string;
let log: RecordingLog;

beforeEach(async () => {
  bench = new PortBench();
  await bench.start();
  proxy = await ConnectProxy.start(bench.sitePort);
  second = await ConnectProxy.start(bench.sitePort);
  folder = mkdtempSync(join(tmpdir(), 'legwork-pac-'));
  log = new RecordingLog();
});

afterEach(async () => {
  await bench.close();
  proxy.close();
  second.close();
  rmSync(folder, { recursive: true, force: true });
});

async function openPort(upstreamProxy: string): Promise<GuardedPort> {
  const resolve = async (name: string): Promise<readonly string[]> => {
    const addresses = NAMES[name];
    if (addresses === undefined) throw new Error('unknown');
    return addresses;
  };
  const { port } = await bench.openPort({ upstreamProxy, resolve, log });
  return port;
}

/** The code of the reply to a connection; 0 when it stands. */
async function ask(port: GuardedPort, host: string, number = 443): Promise<number | null> {
  return bench.client(port).ask(connectByName(host, number));
}

function pacFile(body: string): string {
  const path = join(folder, 'proxy.pac');
  writeFileSync(path, `function FindProxyForURL(url, host) { ${body} }`);
  return `pac+${pathToFileURL(path).href}`;
}

describe('a proxy upstream', () => {
  test('is asked for the address that was checked, with the credentials, and passes bytes on both ways', async () => {
    proxy.early = 'early words';
    const port = await openPort(`http://kim:s%40sam@127.0.0.1:${proxy.port}`);
    const client = bench.client(port);
    expect(await client.ask(connectByName('public.example', 443))).toBe(0);
    expect((await client.take(11)).toString()).toBe('early words');
    client.send('and back');
    expect((await client.take(8)).toString()).toBe('and back');
    expect(proxy.asked).toEqual(['CONNECT 93.184.216.34:443 HTTP/1.1']);
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('kim:s@sam').toString('base64')}`]);
    expect([port.bytesUp, port.bytesDown]).toEqual([8, 19]);
  });

  test('is asked for IPv4 first', async () => {
    const port = await openPort(`http://127.0.0.1:${proxy.port}`);
    expect(await ask(port, 'both.example', 80)).toBe(0);
    expect(proxy.asked).toEqual(['CONNECT 93.184.216.34:80 HTTP/1.1']);
    proxy.answer = 'HTTP/1.1 503 Service Unavailable\r\n\r\n';
    expect(await ask(port, 'both.example', 80)).not.toBe(0);
    expect(proxy.asked.at(-1)).toBe('CONNECT [2606:2800:220:1::1]:80 HTTP/1.1');
  });

  test.each([
    ['private.example', 'private'],
    ['mixed.example', 'private'],
    ['10.0.0.1', 'private'],
    ['localhost', 'loopback'],
    ['127.0.0.1', 'loopback'],
  ])('is never asked for %s, which is refused before', async (host, rule) => {
    const port = await openPort(`http://127.0.0.1:${proxy.port}`);
    expect(await ask(port, host)).not.toBe(0);
    expect(port.refusals).toMatchObject([{ host, rule }]);
    expect(proxy.asked).toEqual([]);
  });

  test('is not asked for what the host has opened, which is on this side of it', async () => {
    const port = await openPort(`http://127.0.0.1:${proxy.port}`);
    expect(await ask(port, '127.0.0.1', bench.sitePort)).toBe(0);
    expect(proxy.asked).toEqual([]);
    expect(bench.siteSockets).toHaveLength(1);
  });

  test.each([
    ['wants other credentials', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'],
    ['refuses', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'],
    ['closes the connection', ''],
    ['is none', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['talks without end', 'x'.repeat(20_000)],
  ])('that %s is told as the reason, without its password', async (_what, answer) => {
    proxy.answer = answer;
    const port = await openPort(`http://kim:sesame@127.0.0.1:${proxy.port}`);
    expect(await ask(port, 'public.example')).not.toBe(0);
    expect(port.whyUnreachable('public.example', 443)).toMatchObject({ kind: 'failed', reason: 'upstream_proxy' });
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(JSON.stringify(log.lines)).not.toContain('sesame');
  });

  test('that is not there is told as the reason; nothing goes past it', async () => {
    const { port: gone } = proxy;
    proxy.close();
    const port = await openPort(`http://127.0.0.1:${gone}`);
    expect(await ask(port, 'public.example')).not.toBe(0);
    expect(port.whyUnreachable('public.example', 443)).toMatchObject({ reason: 'upstream_proxy' });
  });

  test('is let go of when the client goes', async () => {
    const ended = new Promise<void>((resolve) => {
      proxy.onAsked = (socket) => void socket.on('end', resolve);
    });
    const client = bench.client(await openPort(`http://127.0.0.1:${proxy.port}`));
    void client.ask(connectByName('public.example', 443));
    await until(() => proxy.asked.length > 0);
    client.socket.resetAndDestroy();
    await ended;
  });
});

describe('a PAC file', () => {
  test('names the proxy of each host, or none', async () => {
    const script = `
      if (shExpMatch(host, 'both.*')) return 'PROXY 127.0.0.1:${second.port}';
      if (url.substring(0, 5) == 'http:') return 'DIRECT';
      return 'PROXY 127.0.0.1:${proxy.port}; DIRECT';`;
    const port = await openPort(pacFile(script));
    expect(await ask(port, 'public.example')).toBe(0);
    expect(await ask(port, 'both.example')).toBe(0);
    expect(proxy.asked).toEqual(['CONNECT 93.184.216.34:443 HTTP/1.1']);
    expect(second.asked).toEqual(['CONNECT 93.184.216.34:443 HTTP/1.1']);
  });

  test('may name several: the next one is tried when one fails', async () => {
    proxy.answer = 'HTTP/1.1 502 Bad Gateway\r\n\r\n';
    const script = `return 'SOCKS 127.0.0.1:1; PROXY 127.0.0.1:${proxy.port}; PROXY 127.0.0.1:${second.port}'`;
    expect(await ask(await openPort(pacFile(script)), 'public.example')).toBe(0);
    expect(second.asked).toHaveLength(1);
  });

  test('is never asked about what is refused before', async () => {
    const port = await openPort(pacFile(`return 'PROXY 127.0.0.1:${proxy.port}'`));
    expect(await ask(port, 'private.example')).not.toBe(0);
    expect(port.refusals).toMatchObject([{ rule: 'private' }]);
    expect(proxy.asked).toEqual([]);
  });

  test('comes from a web server, too', async () => {
    const script = `function FindProxyForURL() { return 'PROXY 127.0.0.1:${proxy.port}' }`;
    const server: Server = createServer((_request, response) => void response.end(script));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = await openPort(`pac+http://127.0.0.1:${(server.address() as AddressInfo).port}/proxy.pac`);
    expect(await ask(port, 'public.example')).toBe(0);
    server.closeAllConnections();
    server.close();
  });

  test.each([
    ['that fails', `throw new Error('broken')`],
    ['that never ends', `for (;;) {}`],
    ['that fills the memory', `var all = []; for (;;) all.push(new Array(1000).join('x' + all.length))`],
    ['that reaches for the machine', `return process.env.HOME || require('fs')`],
    ['that knows no way', `return 'SOCKS5 127.0.0.1:1'`],
    ['that is no script', `}}}`],
    ['that returns nothing', `return null`],
    ['that returns a number', `return 3128`],
  ])('%s lets nothing out, and says so', async (_what, script) => {
    const port = await openPort(pacFile(script));
    expect(await ask(port, 'public.example')).not.toBe(0);
    expect(port.whyUnreachable('public.example', 443)).toMatchObject({ reason: 'upstream_proxy' });
    expect(log.lines.some(({ level }) => level === 'warn')).toBe(true);
    expect(await ask(port, 'public.example')).not.toBe(0);
  });

  test('has its functions, none of which asks anybody who is not named', async () => {
    const script = `
      if (isPlainHostName(host) || !dnsDomainIs(host, '.example') || !weekdayRange('SUN', 'SAT')) return 'DIRECT';
      if (!isInNet(dnsResolve('127.0.0.1'), '127.0.0.0', '255.0.0.0') || !isResolvable('127.0.0.1')) return 'DIRECT';
      return 'PROXY ' + myIpAddress() + ':${proxy.port}; PROXY 127.0.0.1:${proxy.port}';`;
    const dialled = new Set<string>();
    const onSocket = (message: unknown): void => {
      const { socket } = message as { socket: Socket };
      socket.on('connectionAttempt', (address) => void dialled.add(address));
    };
    subscribe('net.client.socket', onSocket);
    try {
      expect(await ask(await openPort(pacFile(script)), 'public.example')).toBe(0);
    } finally {
      unsubscribe('net.client.socket', onSocket);
    }
    const own = Object.values(networkInterfaces()).flatMap((entries) => (entries ?? []).map(({ address }) => address));
    expect([...dialled].filter((address) => !own.includes(address))).toEqual([]);
    expect(proxy.asked).toEqual(['CONNECT 93.184.216.34:443 HTTP/1.1']);
  });

  test('without an end is not read to it', async () => {
    const server: Server = createServer((_request, response) => {
      const spaces = ' '.repeat(64 * 1024);
      const write = (): void => {
        while (!response.destroyed && response.write(spaces));
      };
      response.on('drain', write);
      write();
    });
    const hungUp = new Promise((resolve) => {
      server.on('connection', (socket) => socket.once('close', resolve));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = await openPort(`pac+http://127.0.0.1:${(server.address() as AddressInfo).port}/proxy.pac`);
    expect(await ask(port, 'public.example')).not.toBe(0);
    expect(JSON.stringify(log.lines)).toContain('larger than 1048576 bytes');
    await hungUp;
    server.close();
  });

  test.skipIf(process.platform === 'win32')('that is a device without an end is not read to it', async () => {
    const port = await openPort('pac+file:///dev/zero');
    expect(await ask(port, 'public.example')).not.toBe(0);
    expect(JSON.stringify(log.lines)).toContain('larger than 1048576 bytes');
  });

  test('that is not there lets nothing out', async () => {
    const port = await openPort(`pac+${pathToFileURL(join(folder, 'none.pac')).href}`);
    expect(await ask(port, 'public.example')).not.toBe(0);
    expect(port.whyUnreachable('public.example', 443)).toMatchObject({ reason: 'upstream_proxy' });
  });
});

describe('the answer of a PAC file', () => {
  test.each([
    ['DIRECT', ['direct']],
    ['', ['direct']],
    [' ; ', ['direct']],
    ['PROXY a.example:3128; DIRECT', ['a.example:3128', 'direct']],
    ['proxy a.example ;HTTPS b.example', ['a.example:80', 'b.example:443 tls']],
    ['HTTP [fd00::5]:8080', ['fd00::5:8080']],
    ['SOCKS a.example:1080', []],
    ['PROXY a.example:0; PROXY a.example:99999; PROXY', []],
    ['PROXY a.example:1 extra', []],
  ])('%j', (answer, expected) => {
    const routes = readProxyRoutes(answer).routes.map((route) =>
      route === 'direct' ? route : `${route.host}:${route.port}${route.isTls ? ' tls' : ''}`,
    );
    expect(routes).toEqual(expected);
  });
});
