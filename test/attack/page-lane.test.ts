import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WebsiteHtmlResult } from '../../main/browser/website-html/result.ts';
import { LegworkError } from '../../main/protocol/error-table.ts';
import {
  CERTAIN_WAYS,
  LOOPBACK_SPELLINGS,
  OTHER_SPELLINGS,
  WAYS,
  webRtcScript,
} from '../browser/network-guard/attack-ways.ts';
import { CHROMIUM_PATH, HEADLESS_SHELL_PATH } from '../browser/render.ts';
import { AttackLane, ownAddresses, wordOf } from './attack-lane.ts';

const ENGINES = [
  { engine: 'headless_shell', path: HEADLESS_SHELL_PATH },
  { engine: 'chromium', path: CHROMIUM_PATH },
] as const;

const SPELLINGS = [...LOOPBACK_SPELLINGS, ...OTHER_SPELLINGS, ...ownAddresses().map(asUrlHost)];

const SPELLINGS_OF_EACH_KIND: readonly string[] = [
  '127.0.0.1',
  '0x7f.1',
  '①②⑦.⓪.⓪.①',
  'localhost.',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '0.0.0.0',
  '169.254.169.254',
  '10.0.0.1',
  'printer.local',
  ...ownAddresses().map(asUrlHost),
];

/** Ways that `website_html` never goes: nobody clicks. */
const NEED_A_CLICK: ReadonlySet<string> = new Set(['window-open', 'new-tab', 'download', 'ping']);

/** Ways by which the page itself leaves; what is reported is the first thing that goes wrong. */
const LEAVES: ReadonlySet<string> = new Set([
  'first-url',
  'top-301',
  'top-302',
  'top-303',
  'top-307',
  'top-308',
  'refresh-header',
  'meta-refresh',
  'location',
  'location-replace',
  'form-get',
  'form-post',
  'frame-top',
]);

function asUrlHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** Whether a visit came to a result that has the way's host among what was refused. */
function isRefusedIn(outcome: WebsiteHtmlResult | LegworkError | undefined, way: string): boolean {
  if (outcome === undefined || outcome instanceof LegworkError) return false;
  return outcome.network.refused.some(({ host }) => host === `${way}.canary.example`);
}

for (const { engine, path } of ENGINES) {
  describe.skipIf(path === null)(`the page lane in ${engine}`, () => {
    // The guard judges every spelling alike for both; each is asked for where a page costs least.
    const firstAddresses = engine === 'headless_shell' ? SPELLINGS : SPELLINGS_OF_EACH_KIND;
    let lane: AttackLane;
    const leaving = new Map<string, WebsiteHtmlResult | LegworkError>();
    const first = new Map<string, WebsiteHtmlResult | LegworkError>();
    let page: WebsiteHtmlResult;
    let fetches: WebsiteHtmlResult;
    let webRtc: WebsiteHtmlResult;

    beforeAll(async () => {
      lane = await AttackLane.start({ guard: 'on' });
      const wasTried = (way: string): boolean => lane.dns.asked.has(`${way}.canary.example`);
      const isLeaving = (way: string): boolean => lane.pages.leaving.some((one) => one.way === way);
      const onPage = CERTAIN_WAYS.filter((way) => !NEED_A_CLICK.has(way) && !isLeaving(way));
      page = await lane.visitUntilDone('/attack', () => onPage.every(wasTried), { engine });
      for (const { way, path: target } of lane.pages.leaving) {
        if (LEAVES.has(way) || !CERTAIN_WAYS.includes(way)) {
          leaving.set(way, await lane.visit(target, { engine }));
          continue;
        }
        // What a page that stays asks for beside itself may come after its load event.
        for (let tries = 0; tries < 20 && !isRefusedIn(leaving.get(way), way); tries += 1) {
          leaving.set(way, await lane.visit(target, { engine, waitUntil: 'quiet' }));
        }
      }
      lane.site.pages.set('/clicks', lane.pages.clicking.map(({ script }) => `<script>${script}</script>`).join('\n'));
      await lane.visit('/clicks', { engine });

      const addressOf = (host: string): string => `http://${host}:${lane.canary.port}/`;
      for (const host of firstAddresses) first.set(host, await lane.visit(addressOf(host), { engine }));
      const tried = `Promise.all(${JSON.stringify(SPELLINGS.map(addressOf))}.map((url) => fetch(url, { mode: 'no-cors' }).then(
        () => fetch('/leak/' + encodeURIComponent(url)), () => {}))).then(() => fetch('/leak/end'))`;
      lane.site.pages.set('/fetches', `<script>void ${tried}</script>`);
      fetches = await lane.visitUntilDone('/fetches', () => lane.site.leaks.includes('end'), { engine });
      const script = `${webRtcScript(lane.canary.port)}.then((found) => fetch('/leak/webrtc-' + found.length))`;
      lane.site.pages.set('/webrtc', `<script>void ${script}</script>`);
      webRtc = await lane.visitUntilDone('/webrtc', () => lane.site.leaks.some((one) => one.startsWith('webrtc')), {
        engine,
      });
    }, 600_000);

    afterAll(() => lane.close());

    test.each(WAYS)('leads nowhere by way of %s', (way) => {
      const host = `${way}.canary.example`;
      expect(lane.canary.visits).not.toContain(way);
      if (!CERTAIN_WAYS.includes(way) || NEED_A_CLICK.has(way)) return;
      expect(lane.dns.asked, 'it was tried').toContain(host);
      const outcome = leaving.get(way) ?? page;
      if (LEAVES.has(way)) {
        expect(outcome).toMatchObject({ code: 'url_refused', class: 'policy' });
        expect((outcome as LegworkError).message).toMatch(new RegExp(`${host}:\\d+ \\(.*\\) is refused by the rule`));
      } else {
        expect((outcome as WebsiteHtmlResult).network.refused.map((one) => one.host)).toContain(host);
      }
    });

    test.each(firstAddresses)('has http://%s as its first address refused', (host) => {
      expect(wordOf(first.get(host) ?? page)).toMatch(/^url_refused \w+$/);
    });

    test.each(SPELLINGS)('can fetch nothing from http://%s', (host) => {
      expect(lane.site.leaks).not.toContain(encodeURIComponent(`http://${host}:${lane.canary.port}/`));
      const { hostname } = new URL(`http://${host}/`);
      const canonical = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
      const refused = fetches.network.refused.map((one) => one.host);
      // An IPv4-mapped address is told as what it stands for.
      const plain = canonical.startsWith('::ffff:') ? '127.0.0.1' : canonical;
      expect(refused).toContain(plain);
    });

    test('gives WebRTC no candidate and no way out, over UDP or TCP', () => {
      expect(lane.site.leaks).toContain('webrtc-0');
      expect(lane.canary.visits).not.toContain('udp');
      expect(webRtc.network.bytesUp).toBeGreaterThan(0);
    });

    test('has made no connection to the canary, and sent it no byte', () => {
      expect(lane.canary.visits).toEqual([]);
      expect(lane.canary.connections).toBe(0);
    });

    test('counts what went through and what did not', () => {
      expect(page.network.bytesDown).toBeGreaterThan(1_000);
      expect(page.network.refusedConnections).toBeGreaterThanOrEqual(page.network.refused.length);
    });
  });
}
