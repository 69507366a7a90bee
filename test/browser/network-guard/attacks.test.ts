import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Dialer } from '../../../main/browser/network-guard/dialer.ts';
import { NetworkGuard } from '../../../main/browser/network-guard/guard.ts';
import type { GuardedPort } from '../../../main/browser/network-guard/guarded-port.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { CHROMIUM_PATH, HEADLESS_SHELL_PATH } from '../render.ts';
import { AttackSite } from './attack-site.ts';
import {
  attackPages,
  CERTAIN_WAYS,
  LOOPBACK_SPELLINGS,
  OTHER_SPELLINGS,
  webRtcScript,
  type AttackPages,
} from './attack-ways.ts';
import { AttackedBrowser } from './attacked-browser.ts';
import { Canary } from './canary.ts';

const BROWSERS = [
  { kind: 'headless_shell', path: HEADLESS_SHELL_PATH },
  { kind: 'chromium', path: CHROMIUM_PATH },
] as const;

/** The canary as every name below `canary.example` has it, in turn. */
const CANARY_ADDRESSES = ['127.0.0.1', '::1', '::ffff:127.0.0.1', ...ownAddresses()];

/** Makes a plain Chromium find the canary by its names. */
const WITHOUT_GUARD = ['--no-proxy-server', '--host-resolver-rules=MAP *.canary.example 127.0.0.1'];

const LOADED = `new Promise((resolve) => (document.readyState === 'complete' ? resolve() : addEventListener('load', resolve)))`;

const PUBLIC_ADDRESS = '93.184.216.34';

/** Bounds what pages are waited for that try everything; beside other tests that takes several times as long. */
const EVERYTHING_TRIED_MS = 80_000;
const ATTACK_TIMEOUT_MS = 3 * EVERYTHING_TRIED_MS;

let canary: Canary;
let pages: AttackPages;
let site: AttackSite;
let guard: NetworkGuard;
let port: GuardedPort;
let browser: AttackedBrowser | null = null;
const askedNames = new Set<string>();

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80'))
    .map(({ address }) => address);
}

/** A guard that opens the attack site alone, and the canary's port everywhere, so that only its address keeps it safe. */
async function guarded(kind: 'chromium' | 'headless_shell', extra: readonly string[] = []): Promise<AttackedBrowser> {
  const browserPort = await guard.open('nothing');
  return AttackedBrowser.start(kind, [...guard.chromiumArguments(browserPort), ...extra], port.proxyServer);
}

/** Goes every way, and returns the session of the page that a script may be run in. */
async function attack(target: AttackedBrowser): Promise<string> {
  const root = `http://127.0.0.1:${site.port}`;
  const main = await target.open(`${root}/attack`);
  for (const { path } of pages.leaving) await target.open(path.startsWith('/') ? `${root}${path}` : path);
  for (const { script } of pages.clicking) {
    const session = await target.open('about:blank');
    await target.navigate(session, `${root}/page`);
    await target.run(session, LOADED);
    await target.run(session, script);
  }
  return main;
}

/** Waits until every way was seen; what is missing then is what the test fails with. */
async function missing(ways: readonly string[], wasSeen: (way: string) => boolean): Promise<string[]> {
  const endMs = performance.now() + EVERYTHING_TRIED_MS;
  let rest = ways.filter((way) => !wasSeen(way));
  while (rest.length > 0 && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    rest = rest.filter((way) => !wasSeen(way));
  }
  return rest;
}

/** Which of the hosts a page can fetch something from. */
async function reached(target: AttackedBrowser, session: string, hosts: readonly string[]): Promise<string[]> {
  const urls = hosts.map((host, index) => `http://${host}:${canary.port}/way/spelling-${index}`);
  const script = `Promise.all(${JSON.stringify(urls)}.map((url) =>
    fetch(url, { mode: 'no-cors' }).then(() => true, () => false)))`;
  const outcomes = (await target.run(session, script)) as boolean[];
  return hosts.filter((_host, index) => outcomes[index]);
}

beforeEach(async () => {
  askedNames.clear();
  canary = await Canary.start();
  pages = attackPages(canary.port);
  site = await AttackSite.start(pages);
  guard = new NetworkGuard({
    allow: [`127.0.0.1:${site.port}`, `*:${canary.port}`],
    hub: null,
    log: new RecordingLog(),
    resolve: async (name) => {
      askedNames.add(name);
      return [CANARY_ADDRESSES[askedNames.size % CANARY_ADDRESSES.length] ?? '127.0.0.1'];
    },
  });
  port = await guard.open();
});

afterEach(async () => {
  await browser?.close();
  browser = null;
  await guard.close();
  site.close();
  canary.close();
});

describe.each(BROWSERS)('a page in $kind', { timeout: ATTACK_TIMEOUT_MS }, ({ kind, path }) => {
  test.skipIf(path === null)('reaches the canary in every way when there is no guard', async () => {
    browser = await AttackedBrowser.start(kind, WITHOUT_GUARD, null);
    const session = await attack(browser);
    expect(await missing(CERTAIN_WAYS, (way) => canary.visits.includes(way))).toEqual([]);
    await browser.run(session, webRtcScript(canary.port));
    expect(await missing(['udp'], (way) => canary.visits.includes(way))).toEqual([]);
    expect(await reached(browser, session, LOOPBACK_SPELLINGS)).toEqual(LOOPBACK_SPELLINGS);
  });

  test.skipIf(path === null)('reaches it in no way with the guard, whatever it tries', async () => {
    browser = await guarded(kind);
    const session = await attack(browser);
    expect(await missing(CERTAIN_WAYS, (way) => askedNames.has(`${way}.canary.example`))).toEqual([]);
    expect(await browser.run(session, webRtcScript(canary.port))).toEqual([]);
    const spellings = [...LOOPBACK_SPELLINGS, ...OTHER_SPELLINGS, ...ownAddresses().map(asUrlHost)];
    expect(await reached(browser, session, spellings)).toEqual([]);
    expect(canary.visits).toEqual([]);
    expect(canary.connections).toBe(0);
    expect(port.refusedConnections).toBeGreaterThanOrEqual(CERTAIN_WAYS.length + LOOPBACK_SPELLINGS.length);
  });
});

describe.skipIf(HEADLESS_SHELL_PATH === null)('names and addresses', { timeout: ATTACK_TIMEOUT_MS }, () => {
  test('every refused spelling is refused by the guard and can be explained', async () => {
    browser = await guarded('headless_shell');
    const session = await browser.open('about:blank');
    for (const host of ['127.0.0.1', '[::1]', 'localhost.', '0x7f.1', 'printer.local', 'private.example']) {
      const url = new URL(`http://${host}:${canary.port}/`);
      expect(await browser.navigate(session, url.href)).toBe('net::ERR_SOCKS_CONNECTION_FAILED');
      expect(port.whyUnreachable(url.hostname, canary.port)).toMatchObject({ kind: 'refused' });
    }
    expect(canary.connections).toBe(0);
  });

  test('a name that turns private after its page has loaded leads nowhere', async () => {
    const dialled: string[] = [];
    // What is public is played by the attack site.
    const dialer: Dialer = {
      dial: ({ addresses }) =>
        new Promise((resolve, reject) => {
          dialled.push(...addresses);
          const socket = connect({ host: '127.0.0.1', port: site.port, allowHalfOpen: true });
          socket.once('connect', () => resolve(socket)).once('error', reject);
        }),
    };
    const answers = [PUBLIC_ADDRESS];
    await guard.close();
    guard = new NetworkGuard({
      allow: [`*:${canary.port}`],
      hub: null,
      log: new RecordingLog(),
      keepAnswersMs: 0,
      resolve: async () => [answers.shift() ?? '127.0.0.1'],
      dialer,
    });
    port = await guard.open();
    browser = await guarded('headless_shell');
    const session = await browser.open('about:blank');
    const url = `http://rebinding.example:${canary.port}/page?hello`;
    expect(await browser.navigate(session, url)).toBeUndefined();
    // The connection is kept alive; the site ends it.
    site.endConnections();
    const outcome = await browser.run(session, `fetch('/way/rebinding').then(() => 'reached', () => 'failed')`);
    expect(outcome).toBe('failed');
    expect(port.refusals).toEqual([
      { host: 'rebinding.example', address: '127.0.0.1', port: canary.port, rule: 'loopback' },
    ]);
    expect(dialled).toEqual([PUBLIC_ADDRESS]);
    expect(canary.connections).toBe(0);
  });

  test('Chromium looks no name up itself, not even for a hint in the page', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'legwork-net-log-'));
    try {
      const file = join(folder, 'net-log.json');
      const target = await guarded('headless_shell', [`--log-net-log=${file}`]);
      browser = target;
      await target.open(`http://127.0.0.1:${site.port}/attack`);
      expect(await missing(['img', 'fetch'], (way) => askedNames.has(`${way}.canary.example`))).toEqual([]);
      await target.close();
      expect(resolverTasks(readFileSync(file, 'utf8'))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('a browser that was given no way out has none', async () => {
    browser = await AttackedBrowser.start('headless_shell', [], null);
    const session = await browser.open('about:blank');
    const url = `http://127.0.0.1:${canary.port}/way/none`;
    expect(await browser.navigate(session, url)).toBe('net::ERR_PROXY_CONNECTION_FAILED');
    expect(await browser.run(session, webRtcScript(canary.port))).toEqual([]);
    expect(canary.connections).toBe(0);
    expect(canary.visits).toEqual([]);
  });

  test('what a browser sends without a task goes nowhere', async () => {
    const nothing = await guard.open('nothing');
    browser = await AttackedBrowser.start('headless_shell', guard.chromiumArguments(nothing), null);
    const session = await browser.open('about:blank');
    const url = `http://127.0.0.1:${site.port}/page`;
    expect(await browser.navigate(session, url)).toBe('net::ERR_SOCKS_CONNECTION_FAILED');
    expect(nothing.refusals.map(({ rule }) => rule)).toEqual(['no_task']);
  });
});

function asUrlHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** The look-ups in Chromium's own log (one event a line) that went to the system or to a DNS server. */
function resolverTasks(text: string): string[] {
  const [first = '', ...lines] = text.split('\n');
  const { constants } = JSON.parse(`${first.replace(/,$/, '')}}`) as {
    constants: { logEventTypes: Record<string, number> };
  };
  const types = Object.entries(constants.logEventTypes)
    .filter(([name]) => /^HOST_RESOLVER_(SYSTEM|DNS|MDNS)_TASK$/.test(name))
    .map(([, type]) => type);
  if (types.length === 0) throw new Error('The log has other names for look-ups than this test knows.');
  return lines.filter((line) => types.some((type) => new RegExp(`"type":${type}\\}[,\\]]*\\}?$`).test(line)));
}
