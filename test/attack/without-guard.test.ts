import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CERTAIN_WAYS, LOOPBACK_SPELLINGS, webRtcScript } from '../browser/network-guard/attack-ways.ts';
import { HEADLESS_SHELL_PATH } from '../browser/render.ts';
import { AttackLane, wordOf } from './attack-lane.ts';

const NEED_A_CLICK: ReadonlySet<string> = new Set(['window-open', 'new-tab', 'download', 'ping']);

/** The same attacks on the same lane with the guard taken out: they must arrive, or the others prove nothing. */
describe.skipIf(HEADLESS_SHELL_PATH === null)('the page lane without its guard', () => {
  let lane: AttackLane;

  beforeAll(async () => {
    lane = await AttackLane.start({ guard: 'off' });
  });

  afterAll(() => lane.close());

  test('reaches the canary in every way that is certain to be tried', async () => {
    const wasSeen = (way: string): boolean => lane.canary.visits.includes(way);
    const certain = CERTAIN_WAYS.filter((way) => !NEED_A_CLICK.has(way));
    const onPage = certain.filter((way) => !lane.pages.leaving.some((one) => one.way === way));
    await lane.visitUntilDone('/attack', () => onPage.every(wasSeen));
    for (const { way, path } of lane.pages.leaving) {
      await lane.visit(path);
      // What a page asks for beside itself may come after its load event.
      for (let tries = 0; tries < 20 && certain.includes(way) && !wasSeen(way); tries += 1) {
        await lane.visit(path, { waitUntil: 'quiet' });
      }
    }
    expect(certain.filter((way) => !wasSeen(way))).toEqual([]);
  }, 600_000);

  test.each(LOOPBACK_SPELLINGS)('reaches it as http://%s', async (host) => {
    const before = lane.canary.connections;
    expect(wordOf(await lane.visit(`http://${host}:${lane.canary.port}/`))).toBe('completed');
    expect(lane.canary.connections).toBeGreaterThan(before);
  });

  test('reaches it by WebRTC over UDP', async () => {
    lane.site.pages.set('/webrtc', `<script>void ${webRtcScript(lane.canary.port)}</script>`);
    await lane.visitUntilDone('/webrtc', () => lane.canary.visits.includes('udp'));
    expect(lane.canary.visits).toContain('udp');
  }, 180_000);
});
