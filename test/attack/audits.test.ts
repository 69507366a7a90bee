import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lighthouseResult } from '../../main/browser/lighthouse-html/result.ts';
import { lighthouseHtml } from '../../main/browser/tasks/lighthouse-html.ts';
import { toLegworkError } from '../../main/protocol/error-table.ts';
import { CHROMIUM_PATH } from '../browser/render.ts';
import { AttackLane } from './attack-lane.ts';

/** An audit beside all the other tests of a small machine takes several times as long as alone. */
const AUDIT_TIMEOUT_MS = 240_000;

describe.skipIf(CHROMIUM_PATH === null)('lighthouse_html', { timeout: AUDIT_TIMEOUT_MS }, () => {
  let lane: AttackLane;

  beforeAll(async () => {
    lane = await AttackLane.start({ guard: 'on' });
  });

  afterAll(() => lane.close());

  const audit = (url: string): Promise<unknown> => {
    const payload = lighthouseHtml.payloadSchema.parse({ url, onlyAudits: ['document-title'] });
    return lighthouseHtml.run(payload, lane.bench.context(new AbortController().signal));
  };

  test.each([
    ['a private first address', (port: number) => `http://10.0.0.1:${port}/`, 'private'],
    ['a first address on this machine', (port: number) => `http://localhost.:${port}/`, 'loopback'],
  ])('is refused %s', async (_what, url, rule) => {
    const error = await audit(url(lane.canary.port)).then(() => null, toLegworkError);
    expect(error).toMatchObject({ code: 'url_refused', class: 'policy' });
    expect(error?.detail).toContain(`refused by the rule ${rule}`);
  });

  test('is refused a page that redirects to this machine', async () => {
    const url = `${lane.root}/redirect/302?http://127.0.0.1:${lane.canary.port}/`;
    const error = await audit(url).then(() => null, toLegworkError);
    expect(error).toMatchObject({ code: 'url_refused' });
  });

  test('audits a page that tries everything, and the canary sees nothing of it', async () => {
    const result = lighthouseResult.parse(await audit(`${lane.root}/attack`));
    expect(result.network.refused.length).toBeGreaterThan(40);
    expect(result.network.bytesDown).toBeGreaterThan(0);
    expect(lane.canary.visits).toEqual([]);
    expect(lane.canary.connections).toBe(0);
  });
});
