import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { websiteHtml } from '../../main/browser/tasks/website-html.ts';
import { LegworkError } from '../../main/protocol/error-table.ts';
import { CHROMIUM_PATH, HEADLESS_SHELL_PATH } from '../browser/render.ts';
import { AttackLane, ownAddresses, wordOf } from './attack-lane.ts';

const PUBLIC_ADDRESS = '93.184.216.34';
const SECRET = 'what stands in a file of this machine';

/** Addresses that no payload may have. */
const REFUSED_ADDRESSES: readonly string[] = [
  'file:///etc/hostname',
  'file://localhost/etc/hostname',
  'ftp://public.example/',
  'gopher://public.example/',
  'data:text/html,<p>x',
  'blob:http://public.example/5a1c2b9e-0000-4000-8000-000000000000',
  'javascript:document.write(1)',
  'chrome://version/',
  'chrome-extension://abcdefghijklmnopabcdefghijklmnop/x.html',
  'devtools://devtools/bundled/inspector.html',
  'about:blank',
  'about:srcdoc',
  'view-source:http://public.example/',
  'filesystem:http://public.example/temporary/x',
  'ws://public.example/',
  'wss://public.example/',
  'intent://public.example#Intent;end',
  'smb://public.example/share',
  'http://[fe80::1%25eth0]/',
  'http://[fe80::1%eth0]/',
  'http://[::1/',
  'http://256.256.256.256/',
  'http://1.2.3.4.5/',
  'http://kim:secret@public.example/',
  'http://exa mple/',
  '//public.example/',
  'public.example',
];

/** Where a site or a page may try to send the browser on. */
const REFUSED_SCHEMES: readonly string[] = REFUSED_ADDRESSES.slice(0, 18);

/** Ways of a page to a file; `URL` is the file's, without its ending. */
const TO_FILES: Readonly<Record<string, string>> = {
  script: `element('script', { src: URL + '.js' })`,
  module: `element('script', { type: 'module', src: URL + '.js' })`,
  import: `import(URL + '.js').catch(() => {})`,
  worker: `new Worker(URL + '.js')`,
  frame: `element('iframe', { src: URL + '.html' })`,
  object: `element('object', { data: URL + '.html', type: 'text/html' })`,
  embed: `element('embed', { src: URL + '.html', type: 'text/html' })`,
  image: `element('img', { src: URL + '.svg', onload: () => fetch('/leak/image') })`,
  stylesheet: `element('link', { rel: 'stylesheet', href: URL + '.css' })`,
  fetch: `fetch(URL + '.js').then(() => fetch('/leak/fetch'))`,
  xhr: `const request = new XMLHttpRequest(); request.onload = () => fetch('/leak/xhr'); request.open('GET', URL + '.js'); request.send()`,
  'blob-frame': `element('iframe', { src: window.URL.createObjectURL(new Blob(
    ['<script src="' + URL + '.js"></scr' + 'ipt><iframe src="' + URL + '.html"></iframe>'], { type: 'text/html' })) })`,
  'data-frame': `element('iframe', { src: 'data:text/html,<script src="' + URL + '.js"></scr' + 'ipt>' })`,
  'service-worker': `navigator.serviceWorker.register(URL + '.js')`,
};

const NEVER_PORTS = [1, 21, 22, 23, 25, 53, 110, 139, 143, 445, 1433, 3306, 3389, 5432, 6379, 11_211, 27_017];
const UNUSUAL_PORTS = [81, 3_000, 5_000, 8_000, 8_081, 9_200, 65_535];

const ENGINES = [
  { engine: 'headless_shell', path: HEADLESS_SHELL_PATH },
  { engine: 'chromium', path: CHROMIUM_PATH },
] as const;

test.each(REFUSED_ADDRESSES)('takes no payload with %s', (url) => {
  expect(websiteHtml.payloadSchema.safeParse({ url }).success).toBe(false);
});

for (const { engine, path } of ENGINES) {
  describe.skipIf(path === null)(`the page lane in ${engine}`, () => {
    // What the guard decides is the same for both; it is asked where a page costs least.
    const isQuick = engine === 'headless_shell';
    let lane: AttackLane;
    let folder: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'legwork-attack-files-'));
      const answers = (name: string): readonly string[] | null =>
        name.endsWith('public.example') ? [PUBLIC_ADDRESS] : name === 'localhost' ? ['127.0.0.1', '::1'] : null;
      const hub = ({ canaryPort }: { canaryPort: number }): string => `http://127.0.0.1:${canaryPort}`;
      const allow = ['127.0.0.1:*', 'localhost:*', '[::1]:*', ...ownAddresses().map(asEntry)];
      lane = await AttackLane.start({ guard: 'on', answers, hub, allow });
      const leak = (way: string): string => `${lane.root}/leak/${way}`;
      writeFileSync(join(folder, 'x.js'), `fetch('${leak('js')}', { mode: 'no-cors' })`);
      writeFileSync(join(folder, 'x.html'), `<p>${SECRET}<img src="${leak('html')}">`);
      writeFileSync(join(folder, 'x.css'), `body { background: url(${leak('css')}) }`);
      writeFileSync(join(folder, 'x.svg'), '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>');
    });

    afterAll(async () => {
      await lane.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test.each(isQuick ? REFUSED_SCHEMES : [])('is not led to %s by a redirect', async (url) => {
      const outcome = await lane.visit(`/redirect/302?${url}`, { engine });
      expect(outcome).toBeInstanceOf(LegworkError);
      expect(wordOf(outcome)).toMatch(/^(url_refused|navigation_aborted|invalid_response|connection_failed)/);
    });

    test('reads no file, whatever it tries', async () => {
      const url = pathToFileURL(join(folder, 'x')).href;
      const tries = Object.values(TO_FILES).map(
        (script) => `try { void (async () => { ${script} })().catch(() => {}); } catch {}`,
      );
      lane.site.pages.set(
        '/files',
        `<script>
          const URL = ${JSON.stringify(url)};
          const element = (name, values) => document.body.append(Object.assign(document.createElement(name), values));
          addEventListener('load', () => { ${tries.join('\n')} });
        </script>`,
      );
      expect(wordOf(await lane.visit('/files', { engine, waitUntil: 'quiet' }))).toMatch(/^completed/);
      expect(lane.site.leaks).toEqual([]);
    });

    test.each(['location.href=URL', 'location.replace(URL)', 'window.open(URL)', 'top.location=URL'])(
      'goes to no file by %s',
      async (script) => {
        const url = JSON.stringify(pathToFileURL(join(folder, 'x.html')).href);
        const { html } = await lane.bench.render({
          url: `${lane.root}/page?<script>const URL=${encodeURIComponent(url)};${script}</script>`,
          engine,
          waitUntil: 'quiet',
        });
        expect(html).not.toContain(SECRET);
        expect(lane.site.leaks).toEqual([]);
      },
    );

    test.each(isQuick ? [...NEVER_PORTS, ...UNUSUAL_PORTS] : [])(
      'does not go to port %i of a public host',
      async (port) => {
        expect(wordOf(await lane.visit(`http://public.example:${port}/`, { engine }))).toMatch(/^url_refused/);
      },
    );

    test.each(['127.0.0.1', 'localhost', '[::1]', '127.1', '[::ffff:127.0.0.1]', ...ownAddresses().map(asHost)])(
      'does not reach the hub at %s, although that is opened',
      async (host) => {
        const outcome = await lane.visit(`http://${host}:${lane.canary.port}/`, { engine });
        expect(wordOf(outcome)).toMatch(/^url_refused (hub|loopback)$/);
        expect(lane.canary.connections).toBe(0);
      },
    );

    test('cannot borrow the way out of another task', async () => {
      const other = await lane.bench.guard.open();
      const proxyServer = other.contextProxy.proxyServer ?? '';
      const port = new URL(proxyServer.replace('socks5:', 'http:')).port;
      expect(wordOf(await lane.visit(`http://127.0.0.1:${port}/`, { engine }))).toBe('url_refused own_port');
      await other.close();
    });
  });
}

function asHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function asEntry(address: string): string {
  return `${asHost(address)}:*`;
}
