import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM_PATH, HEADLESS_SHELL_PATH, RenderBench } from './render.ts';

const SUFFIX = 'Legwork/0.1 (+https://example.org/about)';

let server: Server;
let origin: string;
let requests: { url: string; headers: IncomingHttpHeaders }[];

beforeAll(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', headers: request.headers });
    if (request.url === '/worker.js') {
      response.setHeader('content-type', 'text/javascript');
      response.end('fetch("/from-worker").then(() => postMessage(navigator.userAgent))');
    } else if (request.url === '/busy') {
      response.writeHead(429, { 'retry-after': '7', 'content-type': 'text/html' }).end('<p>Later.</p>');
    } else {
      response.setHeader('content-type', 'text/html');
      response.end(`<p id=name></p><script>
        document.getElementById('name').textContent = navigator.userAgent;
        new Worker('/worker.js').onmessage = ({ data }) => {
          document.title = data;
          document.body.id = 'told';
        };
      </script>`);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
});

/** Of every request for the path, in order. */
function headersOf(path: string): IncomingHttpHeaders[] {
  return requests.filter(({ url }) => url === path).map(({ headers }) => headers);
}

describe.each([
  ['headless_shell', HEADLESS_SHELL_PATH],
  ['chromium', CHROMIUM_PATH],
] as const)('the user agent of %s', (engine, path) => {
  it.skipIf(path === null)('ends with the suffix everywhere, and leaves the client hints as they are', async () => {
    const bench = new RenderBench({ userAgentSuffix: SUFFIX });
    const plain = new RenderBench();
    try {
      requests = [];
      const { html, result } = await bench.render({ url: `${origin}/`, engine, waitForSelector: '#told' });
      const agents = new Set(requests.map(({ headers }) => headers['user-agent']));
      expect(requests.map(({ url }) => url)).toEqual(expect.arrayContaining(['/', '/worker.js', '/from-worker']));
      expect(agents.size).toBe(1);
      const [agent = ''] = agents;
      expect(agent).toMatch(/Chrome\/[\d.]+ Safari\/[\d.]+ Legwork\/0\.1 \(\+https:\/\/example\.org\/about\)$/);
      expect(html).toContain(agent);
      expect(result.title).toBe(agent);
      const hints = headersOf('/')[0]?.['sec-ch-ua'];
      await plain.render({ url: `${origin}/?plain`, engine });
      const [plainly] = headersOf('/?plain');
      expect(`${plainly?.['user-agent']} ${SUFFIX}`).toBe(agent);
      expect(plainly?.['sec-ch-ua']).toBe(hints);
    } finally {
      await bench.close();
      await plain.close();
    }
  });

  it.skipIf(path === null)('has it also when a payload names the browser or a device', async () => {
    const bench = new RenderBench({ userAgentSuffix: SUFFIX });
    try {
      requests = [];
      await bench.render({ url: `${origin}/`, engine, userAgent: 'Audit/1' });
      await bench.render({ url: `${origin}/`, engine, device: 'Pixel 7' });
      const pages = headersOf('/').map((headers) => headers['user-agent']);
      expect(pages[0]).toBe(`Audit/1 ${SUFFIX}`);
      expect(pages[1]).toMatch(/Android.*Mobile Safari\/[\d.]+ Legwork\/0\.1 /);
    } finally {
      await bench.close();
    }
  });
});

it('a page tells how its site has answered', async () => {
  const bench = new RenderBench();
  try {
    await bench.render({ url: `${origin}/busy` });
    expect(bench.siteAnswers).toEqual([{ url: `${origin}/busy`, status: 429, retryAfterMs: 7_000 }]);
  } finally {
    await bench.close();
  }
});
