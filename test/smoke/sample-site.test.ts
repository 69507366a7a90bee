import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SampleSite, serveSampleSite } from '../../main/demo/serve-sample-site.ts';
import { between, type Expectation, isPositive, mismatches } from './mismatches.ts';
import { startTaskRunner, type TaskRunner } from './task-runner.ts';

let site: SampleSite;
/** An audit beside all the other tests of a small machine takes several times as long as alone. */
const AUDIT_TIMEOUT_MS = 240_000;

let runner: TaskRunner;

beforeAll(async () => {
  [site, runner] = await Promise.all([serveSampleSite(), startTaskRunner()]);
});

afterAll(async () => {
  await runner.close();
  await site.close();
});

const PAGES: { path: string; expected: Expectation; html: RegExp }[] = [
  {
    path: '/',
    expected: {
      status: 200,
      title: 'Weir Street Bicycles',
      contentType: /^text\/html/,
      redirects: { length: 0 },
      requestCount: between(4, 6),
      transferredBytes: isPositive,
      timings: { ttfbMs: isPositive, loadMs: isPositive, fcpMs: isPositive },
      consoleErrors: { length: 0 },
      failedRequests: { length: 0 },
    },
    html: /Bicycles that are ridden every day/,
  },
  { path: '/articles/chain-wear', expected: { title: /^Is my chain worn\?/ }, html: /chain\.svg/ },
  { path: '/products', expected: { title: /^Bicycles/, requestCount: between(7, 9) }, html: /€3,290/ },
  { path: '/booking', expected: { status: 200 }, html: /<textarea/ },
  { path: '/timetable', expected: { status: 200 }, html: /<caption>\s*Guided rides/ },
  { path: '/de/werkstatt', expected: { title: /Fahrräder$/ }, html: /Verschleißteile zusätzlich/ },
  { path: '/ja/riyou-annai', expected: { title: /^ご利用案内/ }, html: /自転車を修理いたします/ },
  {
    path: '/gear-calculator',
    expected: {
      consoleErrors: (errors: { text: string }[]) =>
        errors.some(({ text }) => text.includes('no table of tyres')) &&
        errors.some(({ text }) => text.includes('undefinedTyreTable')),
      failedRequests: [{ url: /gear-diagram\.png$/, status: 404 }],
    },
    html: /5\.53/,
  },
  { path: '/slow', expected: { status: 200, timings: { ttfbMs: between(1_000, 60_000) } }, html: /Spare parts/ },
  {
    path: '/old-catalogue',
    expected: { status: 200, finalUrl: /\/products$/, redirects: [{ url: /\/old-catalogue$/, status: 301 }] },
    html: /Calder/,
  },
  { path: '/sold-out', expected: { status: 404, title: /^Not found/ }, html: /There is no such page/ },
  { path: '/audit/opening-hours', expected: { status: 200 }, html: /Opening hours/ },
  { path: '/audit/catalogue', expected: { status: 200, requestCount: between(5, 8) }, html: /Wharfe/ },
];

describe('website_html on the sample site', () => {
  test('visits every page of it', () => {
    expect(PAGES.map(({ path }) => path).sort()).toEqual(site.pages.map(({ path }) => path).sort());
  });

  test.each(PAGES)('$path', async ({ path, expected, html }) => {
    const url = `${site.url}${path}`;
    const { result, blobText } = await runner.run('website_html', { url });
    expect(mismatches(result, { requestedUrl: url, ...(expected as object) })).toEqual([]);
    expect(await blobText('page.html')).toMatch(html);
  });
});

describe('lighthouse_html on the sample site', { timeout: AUDIT_TIMEOUT_MS }, () => {
  test('gives a page in good order full marks', async () => {
    const url = `${site.url}/audit/opening-hours`;
    const { result } = await runner.run('lighthouse_html', { url });
    const expected = {
      requestedUrl: url,
      finalUrl: url,
      // The performance of a busy machine is its own.
      scores: { performance: between(1, 100), accessibility: 100, 'best-practices': 100, seo: 100 },
      metrics: { fcpMs: isPositive, lcpMs: isPositive, cls: 0, speedIndexMs: isPositive },
      benchmarkIndex: isPositive,
      warnings: { length: 0 },
      erroredAudits: { length: 0 },
      runs: { length: 1 },
    };
    expect(mismatches(result, expected)).toEqual([]);
  });

  test('names the faults of a page with faults, seen on a desktop', async () => {
    const url = `${site.url}/audit/catalogue`;
    const { result, blobText } = await runner.run('lighthouse_html', { url, formFactor: 'desktop' });
    const expected = {
      scores: { accessibility: between(20, 70), seo: between(40, 90) },
      metrics: { tbtMs: (value: number) => value >= 0, cls: isPositive },
      formFactor: 'desktop',
    };
    expect(mismatches(result, expected)).toEqual([]);
    const report: unknown = JSON.parse(await blobText('report.json'));
    const faults = {
      audits: {
        'html-has-lang': { score: 0 },
        'image-alt': { score: 0 },
        'color-contrast': { score: 0 },
        'button-name': { score: 0 },
        'meta-description': { score: 0 },
      },
      configSettings: { formFactor: 'desktop' },
    };
    expect(mismatches(report, faults, 'report')).toEqual([]);
  });
});
