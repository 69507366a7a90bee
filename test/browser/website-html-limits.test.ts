import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effectivePageLimits, PAGE_LIMITS } from '../../main/protocol/page-limits.ts';
import { RenderBench } from './render.ts';

const MEBIBYTE = 1024 * 1024;
let site: http.Server;
let origin: string;
let bench: RenderBench;
let strictHost: RenderBench;

const pages: Record<string, (response: http.ServerResponse) => void> = {
  '/big': (response) => response.end(`<!doctype html><p>${'x'.repeat(300_000)}`),
  '/grows': (response) =>
    response.end('<!doctype html><body><script>document.body.append("y".repeat(300000))</script>'),
  // Scripts, since a picture that cannot be decoded is given up after its first bytes.
  '/parts': (response) =>
    response.end('<!doctype html>' + [1, 2, 3].map((part) => `<script src=/part?${part} async></script>`).join('')),
  '/part': (response) => response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(Buffer.alloc(200_000, ' ')),
  '/bomb': (response) => {
    response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': 'br' });
    response.end(brotliCompressSync(Buffer.from(`<!doctype html><!--${'z'.repeat(40 * MEBIBYTE)}-->`)));
  },
  '/socket': (response) => response.end('<!doctype html><script>new WebSocket(`ws://${location.host}/flood`)</script>'),
  // Answers that are small, so that only their number is too much.
  '/many': (response) =>
    response.end('<!doctype html><script>for (let i = 0; i < 40; i += 1) fetch(`/hop/0?${i}`)</script>'),
  '/frames': (response) =>
    response.end(`<!doctype html><body><script>
      setInterval(() => { for (let i = 0; i < 50; i += 1) document.body.append(document.createElement('iframe')) });
    </script>`),
  '/workers': (response) =>
    response.end(
      '<!doctype html><script>for (let i = 0; i < 300; i += 1) new Worker(URL.createObjectURL(new Blob(["1"])))</script>',
    ),
  '/loud': (response) =>
    response.end(`<!doctype html><script>
      for (let i = 0; i < 200; i += 1) console.error(i);
      for (let i = 0; i < 30; i += 1) alert(i);
    </script>`),
  '/tall': (response) => response.end('<!doctype html><div style="height: 30000px">tall</div>'),
  '/titled': (response) => response.end(`<!doctype html><title>${'t'.repeat(500_000)}</title>`),
};

beforeAll(async () => {
  site = http.createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const hop = /^\/hop\/(\d+)$/.exec(path);
    if (hop !== null) {
      const left = Number(hop[1]);
      response.writeHead(left === 0 ? 200 : 302, left === 0 ? {} : { Location: `/hop/${left - 1}` }).end('there');
      return;
    }
    response.setHeader('Content-Type', 'text/html');
    (pages[path] ?? ((missing) => missing.writeHead(404).end()))(response);
  });
  // More frames than the page may load, sent without a pause (RFC 6455, 5.2: a text frame of 125 bytes).
  site.on('upgrade', (request, socket) => {
    socket.on('error', () => undefined);
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${acceptOf(String(request.headers['sec-websocket-key']))}\r\n\r\n`,
    );
    const frames = Buffer.concat(
      Array.from({ length: 500 }, () => Buffer.concat([Buffer.from([0x81, 125]), Buffer.alloc(125, 'f')])),
    );
    const more = (): void => {
      while (!socket.destroyed && socket.write(frames));
      if (!socket.destroyed) socket.once('drain', more);
    };
    more();
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  bench = new RenderBench();
  strictHost = new RenderBench({ pageLimits: { documentBytes: 100_000, totalBytes: 350_000, requests: 10 } });
});
afterAll(async () => {
  await Promise.all([bench.close(), strictHost.close()]);
  site.closeAllConnections();
  site.close();
});

describe('a page that takes more than its payload or its host allows', { timeout: 90_000 }, () => {
  it.each<[string, Record<string, number>, string]>([
    ['/big', { documentBytes: 100_000 }, 'page_too_large'],
    ['/grows', { documentBytes: 100_000 }, 'page_too_large'],
    ['/parts', { totalBytes: 350_000 }, 'page_too_large'],
    ['/bomb', {}, 'page_too_large'],
    ['/socket', { totalBytes: 350_000 }, 'page_too_large'],
    ['/many', { requests: 10 }, 'page_too_busy'],
    ['/hop/6', { redirects: 5 }, 'too_many_redirects'],
    ['/frames', {}, 'page_too_busy'],
    ['/workers', {}, 'page_too_busy'],
  ])('%s with %j ends with %s', async (path, limits, code) => {
    const failure = await bench.failure({
      url: origin + path,
      limits,
      waitForSelector: path === '/grows' ? 'body' : '#never',
      timeoutMs: 60_000,
    });
    expect(failure.code).toBe(code);
  });

  it.each([
    ['/big', 'page_too_large'],
    ['/parts', 'page_too_large'],
    ['/many', 'page_too_busy'],
  ])('%s is stopped by the host’s limit though its payload asks for more: %s', async (path, code) => {
    const limits = { documentBytes: 25 * MEBIBYTE, totalBytes: 1024 * MEBIBYTE, requests: 20_000 };
    const failure = await strictHost.failure({ url: origin + path, limits, waitUntil: 'networkidle' });
    expect(failure.code).toBe(code);
  });

  it('is left alone within its limits', async () => {
    const { result } = await bench.render({ url: `${origin}/hop/5`, limits: { redirects: 5, requests: 10 } });
    expect(result).toMatchObject({ status: 200, truncated: [] });
    expect(result.redirects).toHaveLength(5);
  });
});

describe('what is cut off in a result', { timeout: 60_000 }, () => {
  it('is named: lists', async () => {
    const { result } = await bench.render({ url: `${origin}/loud` });
    expect(result.truncated).toEqual(['consoleErrors', 'dialogs']);
    expect([result.consoleErrors.length, result.dialogs.length]).toEqual([100, 20]);
  });

  it('is named: a picture of more than can be drawn', async () => {
    const { result } = await bench.render({ url: `${origin}/tall`, screenshot: { fullPage: true, format: 'jpeg' } });
    expect(result.truncated).toEqual(['screenshot']);
  });

  it('is the end of a title that is as long as a book', async () => {
    const { result } = await bench.render({ url: `${origin}/titled` });
    expect(result.title).toHaveLength(1_000);
  });
});

describe('the limits that count', () => {
  it('are the defaults, lowered by the payload and by the host, never raised above what there is', () => {
    expect(effectivePageLimits(undefined)).toEqual({
      documentBytes: PAGE_LIMITS.documentBytes.fallback,
      totalBytes: PAGE_LIMITS.totalBytes.fallback,
      requests: PAGE_LIMITS.requests.fallback,
      redirects: PAGE_LIMITS.redirects.fallback,
    });
    expect(effectivePageLimits({ requests: 5, totalBytes: 1e12 }, { requests: 50, totalBytes: 2_000 })).toMatchObject({
      requests: 5,
      totalBytes: 2_000,
    });
    expect(effectivePageLimits({ documentBytes: 1e12 }).documentBytes).toBe(PAGE_LIMITS.documentBytes.largest);
  });
});

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
