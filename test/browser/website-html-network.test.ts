import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NetworkGuard } from '../../main/browser/network-guard/guard.ts';
import { RecordingLog } from '../fakes/silent-log.ts';
import { HEADLESS_SHELL_PATH, RenderBench } from './render.ts';

const LOOK_UP_MS = 150;

const REDIRECTS: Readonly<Record<string, string>> = {
  '/to-bad-port': 'http://slow.example:22/',
  '/to-file': 'file:///etc/passwd',
};

describe.skipIf(HEADLESS_SHELL_PATH === null)('what a result says of the network', () => {
  let site: Server;
  let bench: RenderBench;
  let port: number;

  beforeAll(async () => {
    site = createServer((request, response) => {
      if (request.url === '/image') return void response.end(Buffer.alloc(50_000));
      const redirect = REDIRECTS[request.url ?? ''];
      if (redirect !== undefined) return void response.writeHead(302, { Location: redirect }).end();
      if (request.url === '/to-private') return void response.writeHead(302, { Location: 'http://10.0.0.1/' }).end();
      response.setHeader('Content-Type', 'text/html');
      const { port: own } = site.address() as AddressInfo;
      response.end(`<!doctype html><title>x</title><img src="/image"><img src="http://10.0.0.1/a.png">
        <img src="http://10.0.0.1/b.png"><img src="http://blocked.example:${own}/"><img src="http://missing.example/">`);
      return undefined;
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    port = (site.address() as AddressInfo).port;
    const guard = new NetworkGuard({
      allow: [`slow.example:${port}`],
      block: ['blocked.example'],
      hub: null,
      log: new RecordingLog(),
      resolve: async (name) => {
        if (name !== 'slow.example') throw new Error('unknown');
        await new Promise((resolve) => setTimeout(resolve, LOOK_UP_MS));
        return ['127.0.0.1'];
      },
    });
    bench = new RenderBench({}, guard);
  });

  afterAll(async () => {
    await bench.close();
    site.closeAllConnections();
    site.close();
  });

  test('the look-up of its host, apart from connecting', async () => {
    const { result } = await bench.render({ url: `http://slow.example:${port}/` });
    // A timer may ring a millisecond early.
    expect(result.timings.dnsMs).toBeGreaterThanOrEqual(LOOK_UP_MS - 5);
    expect(result.timings.connectMs).not.toBeNull();
    expect(result.timings.ttfbMs).toBeGreaterThanOrEqual(LOOK_UP_MS - 5);
  });

  test('the bytes, what was refused and by which rule, and failures in Chromium’s own words', async () => {
    const { result } = await bench.render({ url: `http://slow.example:${port}/` });
    expect(result.network.bytesDown).toBeGreaterThan(50_000);
    expect(result.network.bytesUp).toBeGreaterThan(300);
    expect(result.network.refused).toHaveLength(2);
    expect(result.network.refused).toEqual(
      expect.arrayContaining([
        { host: '10.0.0.1', address: '10.0.0.1', port: 80, rule: 'private' },
        { host: 'blocked.example', address: null, port, rule: 'blocked_host' },
      ]),
    );
    expect(result.network.refusedConnections).toBeGreaterThanOrEqual(2);
    const errors = Object.fromEntries(result.failedRequests.map(({ url, error }) => [url, error]));
    expect(errors).toEqual({
      'http://10.0.0.1/a.png': 'refused by the rule private',
      'http://10.0.0.1/b.png': 'refused by the rule private',
      [`http://blocked.example:${port}/`]: 'refused by the rule blocked_host',
      'http://missing.example/': 'net::ERR_NAME_NOT_RESOLVED',
    });
  });

  test.each([
    ['/to-private', 'url_refused', '10.0.0.1:80 is refused by the rule private.'],
    ['http://missing.example/', 'name_not_resolved', '(ERR_NAME_NOT_RESOLVED)'],
    ['http://blocked.example/', 'url_refused', 'blocked.example:80 is refused by the rule blocked_host.'],
    ['http://slow.example:22/', 'url_refused', 'slow.example:22 is refused by the rule port.'],
    ['http://[2001:db8::1]:6000/', 'url_refused', '[2001:db8::1]:6000 is refused by the rule port.'],
    ['/to-bad-port', 'url_refused', 'slow.example:22 is refused by the rule port.'],
    ['/to-file', 'url_refused', 'The site redirects to an address that is neither http nor https.'],
  ])('a failure of %s is %s: %s', async (target, code, detail) => {
    const url = target.startsWith('/') ? `http://slow.example:${port}${target}` : target;
    expect(await bench.failure({ url })).toMatchObject({ code, detail });
  });

  test('the bytes of a task that failed are counted, too', async () => {
    const context = bench.context(new AbortController().signal);
    const page = await bench.pool.openPage({ engine: 'any', signal: context.signal, traffic: context.traffic });
    await page.send('Page.navigate', { url: `http://slow.example:${port}/image` });
    page.close();
    expect(context.traffic.bytesUp).toBeGreaterThan(0);
  });
});
