import { readdirSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM_PATH, jsonOf, RenderBench } from '../browser/render.ts';

/** Leaves something in every place that a browser has; then says that it is done. */
const PLANT = `<!doctype html><title>plant</title><body><script src="/cached.js"></script><img src="/tagged.png"><script>
(async () => {
  document.cookie = 'script=1; max-age=100000';
  localStorage.setItem('kept', '1');
  sessionStorage.setItem('kept', '1');
  window.name = 'kept';
  history.pushState({}, '', '?1');
  const opened = indexedDB.open('kept', 1);
  await new Promise((resolve) => { opened.onsuccess = opened.onerror = resolve; });
  await (await caches.open('kept')).put('/kept', new Response('kept'));
  const file = await (await navigator.storage.getDirectory()).getFileHandle('kept', { create: true });
  await (await file.createWritable()).close();
  await navigator.serviceWorker.register('/worker.js');
  await navigator.serviceWorker.ready;
  const shared = new SharedWorker('/shared.js');
  await new Promise((resolve) => { shared.port.onmessage = resolve; shared.port.postMessage('keep'); });
  new BroadcastChannel('kept').postMessage('kept');
  await navigator.storage.persist();
  document.body.insertAdjacentHTML('beforeend', '<p id="done">done</p>');
})();
</script>`;

/** Looks in all of them and writes down what is there. */
const LOOK = `<!doctype html><title>look</title><body><script src="/cached.js"></script><img src="/tagged.png"><script>
(async () => {
  const names = [];
  for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
  const shared = new SharedWorker('/shared.js');
  const sharedState = await new Promise((resolve) => { shared.port.onmessage = (e) => resolve(e.data); shared.port.postMessage('tell'); });
  const permissions = {};
  for (const name of ['notifications', 'geolocation', 'camera', 'microphone', 'clipboard-read', 'persistent-storage', 'midi']) {
    permissions[name] = await navigator.permissions.query({ name }).then((p) => p.state, () => 'unknown');
  }
  const report = {
    cookies: document.cookie,
    local: localStorage.length,
    session: sessionStorage.length,
    name: window.name,
    history: history.length,
    databases: (await indexedDB.databases()).length,
    caches: await caches.keys(),
    files: names,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    controlled: navigator.serviceWorker.controller !== null,
    shared: sharedState,
    persisted: await navigator.storage.persisted(),
    granted: Object.entries(permissions).filter(([, state]) => state === 'granted').map(([name]) => name),
  };
  const pre = document.createElement('pre');
  pre.id = 'report';
  pre.textContent = JSON.stringify(report);
  document.body.append(pre);
})();
</script>`;

const CLEAN = {
  cookies: '',
  local: 0,
  session: 0,
  name: '',
  databases: 0,
  caches: [],
  files: [],
  workers: 0,
  controlled: false,
  shared: 'nothing',
  persisted: false,
  granted: [],
};

let site: http.Server;
let origin: string;
let bench: RenderBench;
/** What came with each request for a page, in order. */
let seen: { path: string; cookie: string | undefined; authorization: string | undefined; etag: string | undefined }[];

beforeAll(async () => {
  seen = [];
  site = http.createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const { cookie, authorization } = request.headers;
    seen.push({ path, cookie, authorization, etag: request.headers['if-none-match'] });
    const send = (type: string, body: string | Buffer, headers: Record<string, string> = {}): void => {
      response.writeHead(200, { 'Content-Type': type, ...headers }).end(body);
    };
    if (path === '/plant') send('text/html', PLANT, { 'Set-Cookie': 'server=1; Max-Age=100000; HttpOnly' });
    else if (path === '/look') send('text/html', LOOK);
    else if (path === '/cached.js')
      send('text/javascript', '1', { 'Cache-Control': 'public, max-age=86400, immutable' });
    else if (path === '/tagged.png')
      send('image/png', Buffer.alloc(10), { ETag: '"kept"', 'Cache-Control': 'no-cache' });
    else if (path === '/worker.js')
      send('text/javascript', "addEventListener('activate', (e) => e.waitUntil(clients.claim()))");
    else if (path === '/shared.js') {
      send(
        'text/javascript',
        "let kept = 'nothing'; onconnect = ({ ports: [port] }) => { port.onmessage = (e) => { if (e.data === 'keep') kept = 'kept'; port.postMessage(kept); }; };",
      );
    } else if (path === '/secret') {
      if (authorization === undefined)
        response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="s"' }).end('who are you');
      else send('text/html', '<title>secret</title>');
    } else if (path === '/file') {
      response
        .writeHead(200, { 'Content-Type': 'application/zip', 'Content-Disposition': 'attachment; filename="evil.zip"' })
        .end('PK');
    } else if (path === '/drops') {
      send(
        'text/html',
        `<!doctype html><title>drops</title><script>
        const link = document.createElement('a'); link.href = '/file'; link.download = ''; link.click();</script>`,
      );
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  bench = new RenderBench();
});
afterAll(async () => {
  await bench.close();
  site.closeAllConnections();
  site.close();
});

const ENGINES = ['headless_shell', 'chromium'] as const;

describe.each(ENGINES)('from one task to the next in the same browser (%s)', (engine) => {
  it.skipIf(engine === 'chromium' && CHROMIUM_PATH === null)(
    'nothing that a page leaves is there',
    { timeout: 120_000 },
    async () => {
      for (let round = 0; round < 2; round += 1) {
        seen = [];
        await bench.render({
          url: `${origin}/plant`,
          engine,
          waitForSelector: '#done',
          cookies: [{ name: 'given', value: '1' }],
        });
        const browsers = bench.pool.browsers;
        const { html } = await bench.render({ url: `${origin}/look`, engine, waitForSelector: '#report' });
        expect(bench.pool.browsers).toBe(browsers);
        expect(jsonOf(html, 'report')).toMatchObject(CLEAN);
        expect(seen.find(({ path }) => path === '/look')?.cookie).toBeUndefined();
        // Both had to be asked for again, and neither was known.
        expect(seen.filter(({ path }) => path === '/cached.js')).toHaveLength(2);
        expect(seen.filter(({ path, etag }) => path === '/tagged.png' && etag !== undefined)).toEqual([]);
      }
    },
  );

  it.skipIf(engine === 'chromium' && CHROMIUM_PATH === null)(
    'credentials of one are not sent for another',
    { timeout: 60_000 },
    async () => {
      const basicAuth = { username: 'operator', password: 'of-one-task' };
      expect((await bench.render({ url: `${origin}/secret`, engine, basicAuth })).result.status).toBe(200);
      seen = [];
      expect((await bench.render({ url: `${origin}/secret`, engine })).result.status).toBe(401);
      const asked = seen.filter(({ path }) => path === '/secret');
      expect(asked.map(({ authorization }) => authorization)).toEqual([undefined]);
    },
  );

  it.skipIf(engine === 'chromium' && CHROMIUM_PATH === null)(
    'also while both are open at once',
    { timeout: 60_000 },
    async () => {
      const planted = bench.render({ url: `${origin}/plant`, engine, waitForSelector: '#never', timeoutMs: 4_000 });
      const planting = planted.catch(() => null);
      const { html } = await bench.render({ url: `${origin}/look`, engine, waitForSelector: '#report' });
      expect(jsonOf(html, 'report')).toMatchObject(CLEAN);
      await planting;
    },
  );

  it.skipIf(engine === 'chromium' && CHROMIUM_PATH === null)(
    'downloads are refused, and leave no file',
    { timeout: 60_000 },
    async () => {
      expect((await bench.failure({ url: `${origin}/file`, engine })).code).toBe('download_refused');
      const dropping = await bench.failure({ url: `${origin}/drops`, engine, waitUntil: 'quiet' });
      expect(dropping.code).toBe('download_refused');
      const files = readdirSync(bench.folder, { recursive: true, encoding: 'utf8' });
      expect(files.filter((path) => /evil|\.crdownload$|[\\/]Downloads[\\/]/.test(path))).toEqual([]);
    },
  );
});
