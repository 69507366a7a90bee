import { createHash } from 'node:crypto';
import type http from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { scripted, type HostilePage } from './hostile-page.ts';

const MEBIBYTE = 1024 * 1024;
const CHUNK = Buffer.alloc(MEBIBYTE, 'x');

/** Sends without an end, as fast as it is taken. */
function stream(response: http.ServerResponse): void {
  const more = (): void => {
    while (!response.destroyed && response.write(CHUNK));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

function html(response: http.ServerResponse, body: string): void {
  response.writeHead(200, { 'Content-Type': 'text/html' }).end(body);
}

/** Pages that use the network and the forms of HTTP as a weapon. */
export const PAGES_OF_NETWORKS: readonly HostilePage[] = [
  {
    name: 'endless-stream',
    answer: (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.write('<!doctype html><!--');
      stream(response);
    },
    payload: { timeoutMs: 20_000 },
    ends: ['page_too_large', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'endless-fetch',
    answer: (request, response) => {
      if (request.url === '/endless-fetch')
        return html(response, scripted("fetch('/endless-fetch/stream').then((r) => r.arrayBuffer())"));
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
      return stream(response);
    },
    payload: { waitUntil: 'networkidle', timeoutMs: 20_000 },
    ends: ['page_too_large', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'ten-gigabytes',
    answer: (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': String(10 * 1024 * MEBIBYTE) });
      stream(response);
    },
    ends: ['page_too_large'],
  },
  {
    name: 'slow-drip',
    answer: (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      const drip = setInterval(() => response.write('<p>drip'), 50);
      response.on('close', () => clearInterval(drip));
    },
    ends: ['page_timeout'],
  },
  { name: 'silence', answer: () => undefined, ends: ['page_timeout'] },
  {
    name: 'hundred-redirects',
    answer: (request, response) => {
      const hop = Number(request.url?.split('/')[2] ?? 0);
      response.writeHead(302, { Location: `/hundred-redirects/${hop + 1}` }).end();
    },
    ends: ['too_many_redirects'],
  },
  {
    name: 'redirect-to-file',
    answer: (_request, response) => response.writeHead(302, { Location: 'file:///etc/passwd' }).end(),
    ends: ['url_refused', 'navigation_aborted'],
  },
  {
    name: 'meta-refresh-loop',
    answer: (_request, response) =>
      html(response, `<!doctype html><meta http-equiv="refresh" content="0;url=/meta-refresh-loop?${Math.random()}">`),
    ends: ['too_many_redirects', 'page_timeout'],
  },
  {
    name: 'script-redirect-loop',
    answer: scripted("location.href = '/script-redirect-loop?' + Math.random();"),
    ends: ['too_many_redirects', 'page_timeout'],
  },
  {
    name: 'gzip-bomb',
    answer: (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip' }).end(GZIP_BOMB);
    },
    payload: { timeoutMs: 15_000 },
    ends: ['page_too_large', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'brotli-bomb-in-a-picture',
    answer: (request, response) => {
      if (request.url === '/brotli-bomb-in-a-picture')
        return html(response, '<!doctype html><img src="/brotli-bomb-in-a-picture/x.svg">');
      response.writeHead(200, { 'Content-Type': 'image/svg+xml', 'Content-Encoding': 'br' }).end(BROTLI_BOMB);
      return undefined;
    },
    payload: { timeoutMs: 15_000 },
    ends: ['page_too_large', 'page_timeout', 'page_crashed', 'completed'],
  },
  {
    name: 'huge-headers',
    answer: (_request, response) => {
      for (let index = 0; index < 200; index += 1) response.setHeader(`X-Header-${index}`, 'h'.repeat(1_000));
      html(response, '<!doctype html><p>headers');
    },
    ends: ['completed', 'invalid_response'],
  },
  {
    name: 'endless-cookies',
    answer: (_request, response) => {
      response.setHeader(
        'Set-Cookie',
        Array.from({ length: 150 }, (_, index) => `c${index}=${'v'.repeat(1_000)}`),
      );
      html(response, scripted("for (let i = 0; i < 5000; i += 1) document.cookie = 'd' + i + '=' + 'v'.repeat(3000);"));
    },
    ends: ['completed', 'page_timeout', 'invalid_response'],
  },
  {
    name: 'recursive-fetch',
    answer: scripted(
      'const again = () => { for (let i = 0; i < 20; i += 1) fetch("/good?" + Math.random()).finally(again); }; again();',
    ),
    payload: { waitUntil: 'networkidle', limits: { requests: 500 } },
    ends: ['page_too_busy', 'page_timeout'],
  },
  {
    name: 'websocket-flood',
    answer: scripted(
      "setInterval(() => { for (let i = 0; i < 50; i += 1) new WebSocket('ws://' + location.host + '/socket'); });",
    ),
    payload: { waitUntil: 'quiet', limits: { requests: 500 } },
    ends: ['page_too_busy', 'page_timeout', 'completed'],
  },
  {
    name: 'event-source-flood',
    answer: (request, response) => {
      if (request.url === '/event-source-flood')
        return html(response, scripted("new EventSource('/event-source-flood/events')"));
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      return stream(response);
    },
    payload: { waitUntil: 'quiet', timeoutMs: 8_000 },
    ends: ['completed', 'page_too_large', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'beacon-storm',
    answer: scripted(
      "setInterval(() => { for (let i = 0; i < 100; i += 1) navigator.sendBeacon('/good?' + Math.random(), 'x'.repeat(60000)); });",
    ),
    payload: { waitUntil: 'quiet', limits: { requests: 500 } },
    ends: ['page_too_busy', 'page_timeout', 'completed'],
  },
  {
    name: 'service-worker-trap',
    answer: (request, response) => {
      const isWorker = request.url?.endsWith('.js') === true;
      if (!isWorker)
        return html(
          response,
          scripted(
            "navigator.serviceWorker.register('/service-worker-trap/sw.js', { scope: '/' }).then(() => navigator.serviceWorker.ready).then(() => location.reload());",
          ),
        );
      response.writeHead(200, { 'Content-Type': 'text/javascript', 'Service-Worker-Allowed': '/' });
      response.end(
        "addEventListener('install', () => skipWaiting()); addEventListener('activate', (e) => e.waitUntil(clients.claim())); addEventListener('fetch', (e) => e.respondWith(new Response('<title>trapped</title>trapped', { headers: { 'Content-Type': 'text/html' } })));",
      );
      return undefined;
    },
    ends: ['completed', 'page_timeout', 'too_many_redirects'],
  },
  {
    name: 'endless-service-worker',
    answer: (request, response) => {
      const isWorker = request.url?.endsWith('.js') === true;
      if (!isWorker)
        return html(response, scripted("navigator.serviceWorker.register('/endless-service-worker/sw.js');"));
      return void response.writeHead(200, { 'Content-Type': 'text/javascript' }).end('for (;;);');
    },
    ends: ['completed', 'page_timeout'],
  },
  {
    name: 'data-url-bomb',
    answer: scripted(
      "location.href = 'data:text/html,' + 'x'.repeat(1e6); const f = document.createElement('iframe'); f.src = 'data:text/html,' + '<iframe src=\"data:,x\">'.repeat(500); document.body.append(f);",
    ),
    ends: ['completed', 'navigation_aborted', 'page_timeout', 'page_too_busy'],
  },
  {
    name: 'crash-address',
    answer: scripted(
      "location.href = 'chrome://crash'; location.href = 'chrome://hang'; location.href = 'about:crash'; window.open('chrome://kill');",
    ),
    ends: ['completed', 'navigation_aborted', 'url_refused'],
  },
  {
    name: 'external-programs',
    answer: scripted(
      "for (const s of ['mailto:a@b', 'tel:1', 'ssh://x', 'ms-msdt:/x', 'file:///etc/passwd', 'javascript:while(1);']) { const a = document.createElement('a'); a.href = s; document.body.append(a); try { a.click(); } catch {} }",
    ),
    ends: ['completed', 'navigation_aborted', 'page_timeout'],
  },
  {
    name: 'download',
    answer: (_request, response) => {
      response.writeHead(200, {
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': 'attachment; filename="../../evil.sh"',
      });
      response.end('#!/bin/sh\necho evil');
    },
    ends: ['download_refused'],
  },
  {
    name: 'download-storm',
    answer: (request, response) => {
      if (request.url === '/download-storm')
        return html(
          response,
          scripted(
            "setInterval(() => { const a = document.createElement('a'); a.href = '/download-storm/' + Math.random(); a.download = 'evil.sh'; a.click(); });",
          ),
        );
      response.writeHead(200, { 'Content-Disposition': 'attachment' });
      return stream(response);
    },
    payload: { waitUntil: 'quiet' },
    ends: ['download_refused', 'completed', 'page_timeout'],
  },
  {
    name: 'media-source',
    answer: scripted(
      "const v = document.createElement('video'); const m = new MediaSource(); v.src = URL.createObjectURL(m); document.body.append(v); m.onsourceopen = () => { const b = m.addSourceBuffer('video/webm; codecs=\"vp8\"'); const go = () => { try { b.appendBuffer(new Uint8Array(5e6)); } catch {} }; b.onupdateend = go; setInterval(go); };",
    ),
    payload: { waitUntil: 'quiet' },
    ends: ['completed', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'broken-http',
    answer: (_request, response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello');
    },
    ends: ['invalid_response', 'connection_failed'],
  },
  {
    name: 'hang-up',
    answer: (_request, response) => response.destroy(),
    ends: ['empty_response', 'connection_failed'],
  },
  {
    name: 'authentication-loop',
    answer: (_request, response) =>
      response.writeHead(401, { 'WWW-Authenticate': `Basic realm="${'r'.repeat(5_000)}"` }).end('no'),
    payload: { basicAuth: { username: 'u', password: 'p' } },
    ends: ['completed', 'page_timeout', 'navigation_aborted'],
  },
  {
    name: 'picture-of-a-tower',
    answer:
      '<!doctype html><body style="width: 200000px; height: 9000000px; background: linear-gradient(red, blue)">tower',
    payload: { screenshot: { fullPage: true, format: 'png' } },
    ends: ['completed', 'page_timeout', 'page_crashed', 'internal'],
  },
  {
    name: 'book-of-thousands-of-pages',
    answer: scripted('document.body.innerHTML = \'<p style="break-after: page">page\'.repeat(3000);'),
    payload: { pdf: true },
    ends: ['completed', 'page_timeout', 'page_crashed'],
  },
];

const GZIP_BOMB = gzipSync(Buffer.concat([Buffer.from('<!doctype html><!--'), Buffer.alloc(150 * MEBIBYTE, 'z')]));
const BROTLI_BOMB = brotliCompressSync(Buffer.concat([Buffer.from('<svg><!--'), Buffer.alloc(150 * MEBIBYTE, 'z')]));

/** What a WebSocket's key is answered with (RFC 6455, 4.2.2). */
export function socketAccept(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
