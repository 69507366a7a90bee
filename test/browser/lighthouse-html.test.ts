import { createRequire } from 'node:module';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Result } from 'lighthouse';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AUDIT_ARGUMENTS, launchAuditBrowser } from '../../main/browser/audit-browser.ts';
import { NetworkGuard } from '../../main/browser/network-guard/guard.ts';
import { auditError } from '../../main/browser/lighthouse-html/audit-error.ts';
import { documentFailure } from '../../main/browser/lighthouse-html/document-failure.ts';
import { medianRunIndex } from '../../main/browser/lighthouse-html/summarise.ts';
import { lighthouseHtml } from '../../main/browser/tasks/lighthouse-html.ts';
import { chromiumArguments } from '../../main/browser/chromium-arguments.ts';
import { LegworkError } from '../../main/protocol/error-table.ts';
import { TaskCatalogue } from '../../main/protocol/task-type.ts';
import { RecordingLog } from '../fakes/silent-log.ts';
import { type OutcomeSite, serveOutcomeSite } from '../smoke/outcome-site.ts';
import { startTaskRunner, type TaskRunner } from '../smoke/task-runner.ts';

/** An audit beside all the other tests of a small machine takes several times as long as alone. */
const AUDIT_TIMEOUT_MS = 240_000;

describe('the payload', () => {
  const catalogue = new TaskCatalogue([lighthouseHtml]);
  const parse = (fields: object): object =>
    catalogue.parsePayload('lighthouse_html', { url: 'https://example.org/', ...fields });

  test('has the defaults of the command line', () => {
    expect(parse({})).toEqual({
      url: 'https://example.org/',
      formFactor: 'mobile',
      throttling: 'simulate',
      runs: 1,
      locale: 'en-US',
      extraHeaders: {},
      fullPageScreenshot: true,
      timeoutMs: 120_000,
    });
  });

  test.each([
    [{ url: 'file:///etc/passwd' }, 'payload.url: must be an http or https address, not file:'],
    [{ runs: 6 }, 'payload.runs: '],
    [{ categories: ['speed'] }, 'payload.categories.0: '],
    [{ categories: [] }, 'payload.categories: '],
    [{ onlyAudits: ['First Paint'] }, 'payload.onlyAudits.0: must be the id of a Lighthouse audit'],
    [{ locale: 'a b' }, 'payload.locale: must be a language tag'],
    [{ throttling: 'slow' }, 'payload.throttling: '],
    [{ timeoutMs: 1 }, 'payload.timeoutMs: '],
    [{ extraHeaders: { 'x y': '1' } }, 'payload.extraHeaders.x y: is not a header name'],
    [{ extraHeaders: { Cookie: 'a=1\r\nX-Evil: 1' } }, 'payload.extraHeaders.Cookie: must be printable ASCII'],
    [{ extraHeaders: { Host: 'other' } }, 'payload.extraHeaders.Host: may not be set'],
    [{ preset: 'desktop' }, 'preset'],
  ])('%j is refused with its place', (fields, message) => {
    expect(() => parse(fields)).toThrow(message);
  });

  test('may carry a cookie and an authorization', () => {
    expect(() => parse({ extraHeaders: { Cookie: 'session=1; theme=dark', Authorization: 'Bearer x' } })).not.toThrow();
  });

  test('decides about the deadline: every run may take its time', () => {
    const deadline = (fields: object): number =>
      lighthouseHtml.deadlineMs(catalogue.parsePayload('lighthouse_html', { url: 'https://example.org/', ...fields }));
    expect(deadline({ runs: 5, timeoutMs: 60_000 })).toBeGreaterThan(300_000);
    expect(deadline({})).toBeGreaterThan(120_000);
  });
});

describe('a failure of Lighthouse', () => {
  const none = { networkError: null, url: null, status: null, retryAfterMs: null };
  /** A way out that knows of no refusal. */
  const direct = { whyUnreachable: () => null };

  test.each([
    ['NO_FCP', 'audit_failed'],
    ['NOT_HTML', 'audit_failed'],
    ['PAGE_HUNG', 'page_timeout'],
    ['PROTOCOL_TIMEOUT', 'page_timeout'],
    ['DNS_FAILURE', 'name_not_resolved'],
    ['INSECURE_DOCUMENT_REQUEST', 'tls_failed'],
    ['TARGET_CRASHED', 'page_crashed'],
    ['SOMETHING_NEW', 'audit_failed'],
  ])('%s is %s', (code, expected) => {
    const error = auditError({ code, message: `It went wrong. (${code})`, document: none }, direct);
    expect(error).toMatchObject({ code: expected, detail: `${code}: It went wrong.` });
  });

  test.each([
    ['CHROME_INTERSTITIAL_ERROR', 'net::ERR_CONNECTION_REFUSED', 'connection_failed'],
    ['FAILED_DOCUMENT_REQUEST', 'net::ERR_TOO_MANY_REDIRECTS', 'too_many_redirects'],
    ['FAILED_DOCUMENT_REQUEST', 'net::ERR_EMPTY_RESPONSE', 'empty_response'],
    ['INSECURE_DOCUMENT_REQUEST', 'net::ERR_CERT_DATE_INVALID', 'tls_failed'],
    ['DNS_FAILURE', 'net::ERR_NAME_NOT_RESOLVED', 'name_not_resolved'],
  ])('%s with %s is %s', (code, networkError, expected) => {
    expect(auditError({ code, message: '', document: { ...none, networkError } }, direct).code).toBe(expected);
  });

  test('with an error status says the status and when the site may be asked again', () => {
    const document = { networkError: null, url: null, status: 503, retryAfterMs: 1_000_000 };
    expect(auditError({ code: 'ERRORED_DOCUMENT_REQUEST', message: '', document }, direct)).toMatchObject({
      code: 'audit_failed',
      detail: 'The page answered with status 503.',
      notBeforeMs: 1_000_000,
    });
  });

  test('after an answer that Chromium keeps as a file is a download', () => {
    const document = { networkError: 'net::ERR_ABORTED', url: null, status: 200, retryAfterMs: null };
    expect(auditError({ code: 'FAILED_DOCUMENT_REQUEST', message: '', document }, direct).code).toBe(
      'download_refused',
    );
  });

  test('is told without a stack trace', () => {
    const message = 'Protocol error (Page.navigate): Target closed\n    at Session.send (/home/kim/lighthouse.js:1:2)';
    expect(auditError({ code: null, message, document: none }, direct).detail).toBe(
      'Protocol error (Page.navigate): Target closed',
    );
  });
});

describe("the log of a page's request", () => {
  const request = (requestId: string): { method: string; params: object } => ({
    method: 'Network.requestWillBeSent',
    params: { requestId, type: 'Document' },
  });
  const answer = (requestId: string, status: number, headers: object): { method: string; params: object } => ({
    method: 'Network.responseReceived',
    params: { requestId, type: 'Document', response: { status, headers } },
  });

  test('tells its status and Retry-After in seconds or as a date', () => {
    const inSeconds = [request('1'), answer('1', 429, { 'Retry-After': '30' })];
    expect(documentFailure(inSeconds, 1_000)).toMatchObject({ networkError: null, status: 429, retryAfterMs: 31_000 });
    const asDate = [request('1'), answer('1', 503, { 'retry-after': 'Sun, 22 Nov 2026 10:00:00 GMT' })];
    expect(documentFailure(asDate, Date.UTC(2026, 10, 22, 9)).retryAfterMs).toBe(Date.UTC(2026, 10, 22, 10));
    expect(documentFailure([request('1'), answer('1', 503, { 'retry-after': 'soon' })], 0).retryAfterMs).toBeNull();
  });

  test('is not taken for that of a frame in the page', () => {
    const events = [
      request('page'),
      request('frame'),
      {
        method: 'Network.loadingFailed',
        params: { requestId: 'frame', type: 'Document', errorText: 'net::ERR_FAILED' },
      },
      answer('page', 200, {}),
    ];
    expect(documentFailure(events, 0)).toMatchObject({ networkError: null, status: 200, retryAfterMs: null });
  });
});

describe('the median run', () => {
  const run = (fcp: number | null, tti: number | null, score: number): Result => {
    const audits = {
      'first-contentful-paint': { numericValue: fcp ?? undefined },
      interactive: { numericValue: tti ?? undefined },
    };
    return { audits, categories: { performance: { score } } } as unknown as Result;
  };

  test('is the one nearest to the median FCP and TTI', async () => {
    expect(await medianRunIndex([run(900, 5_000, 0.5), run(1_000, 3_000, 0.7), run(3_000, 2_000, 0.9)])).toBe(1);
  });

  test('is the one with the median of scores where there is no performance', async () => {
    expect(await medianRunIndex([run(null, null, 0.9), run(null, null, 0.2), run(null, null, 0.5)])).toBe(2);
  });
});

test("an audit's browser is started with everything that the command line's is", () => {
  const requireFromLighthouse = createRequire(createRequire(import.meta.url).resolve('lighthouse'));
  const { Launcher } = requireFromLighthouse('chrome-launcher') as { Launcher: { defaultFlags(): string[] } };
  const ours = chromiumArguments({
    kind: 'chromium',
    profileFolder: '/tmp/profile',
    sandbox: false,
    debuggingPort: true,
    extraArguments: AUDIT_ARGUMENTS,
  });
  const missing = Launcher.defaultFlags().filter((flag) => !ours.includes(flag));
  expect(missing).toEqual([]);
  // Chromium takes the last of several.
  const features = ours.filter((argument) => argument.startsWith('--disable-features='));
  expect(Launcher.defaultFlags()).toContain(features.at(-1));
});

test('without the full Chromium an audit is refused, since the headless shell gives other scores', async () => {
  const launching = launchAuditBrowser(
    { chromiumPath: null, runFolder: tmpdir(), sandbox: false },
    new NetworkGuard({ allow: [], hub: null, log: new RecordingLog() }),
  );
  await expect(launching).rejects.toMatchObject({ code: 'browser_missing' });
});

describe('an audit', { timeout: AUDIT_TIMEOUT_MS }, () => {
  let site: OutcomeSite;
  let runner: TaskRunner;

  beforeAll(async () => {
    [site, runner] = await Promise.all([serveOutcomeSite(), startTaskRunner()]);
  });
  afterAll(async () => {
    await runner.close();
    await site.close();
  });
  afterEach(async () => {
    expect(await runner.profiles()).toEqual([]);
    expect(await runner.browserProcesses()).toEqual([]);
  });

  test('is made as often as asked for, reported in the language asked for, and leaves no file elsewhere', async () => {
    const before = readdirSync(tmpdir());
    const payload = { url: `${site.url}/plain`, categories: ['seo'], runs: 2, locale: 'de' };
    const { result, progress, blobText, blobs } = await runner.run('lighthouse_html', payload);
    expect(result).toMatchObject({ scores: { seo: expect.any(Number) }, metrics: { fcpMs: null }, medianRun: 0 });
    expect(Object.keys(result['scores'] as object)).toEqual(['seo']);
    expect(result['runs']).toHaveLength(2);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(blobs.map(({ name, contentType }) => [name, contentType])).toEqual([
      ['report.json', 'application/json'],
      ['report.html', 'text/html; charset=utf-8'],
    ]);
    expect(JSON.parse(await blobText('report.json'))).toMatchObject({
      audits: { 'document-title': { title: expect.stringMatching(/^Dokument/) } },
    });
    const left = readdirSync(tmpdir()).filter((name) => !before.includes(name) && /lighthouse|puppeteer/i.test(name));
    expect(left).toEqual([]);
  });

  test('sends the headers asked for and keeps their values out of the reports', async () => {
    const extraHeaders = { Cookie: 'session=sesame-cookie', Authorization: 'Bearer sesame-token' };
    const payload = { url: `${site.url}/plain`, onlyAudits: ['document-title'], extraHeaders };
    const { result, blobText } = await runner.run('lighthouse_html', payload);
    expect(site.headersOf('/plain')).toMatchObject({
      cookie: 'session=sesame-cookie',
      authorization: 'Bearer sesame-token',
    });
    expect(result['scores']).toEqual({ seo: 100, accessibility: 100 });
    for (const report of [await blobText('report.json'), await blobText('report.html'), JSON.stringify(result)]) {
      expect(report).not.toContain('sesame');
    }
  });

  test('of an audit that Lighthouse does not know is refused with its place', async () => {
    const payload = { url: `${site.url}/plain`, onlyAudits: ['document-title', 'document-titel'] };
    await expect(runner.run('lighthouse_html', payload)).rejects.toMatchObject({
      code: 'invalid_payload',
      detail: 'payload.onlyAudits.1: Lighthouse has no audit document-titel.',
    });
  });

  test('that is cancelled ends at once with the reason of the cancel, also while its page hangs', async () => {
    const stop = new AbortController();
    const running = runner.run('lighthouse_html', { url: `${site.url}/silent` }, stop.signal);
    const started = new Promise((resolve) => {
      const timer = setInterval(() => {
        if (site.headersOf('/silent')['host'] === undefined) return;
        clearInterval(timer);
        resolve(undefined);
      }, 50);
    });
    await started;
    const cancelledAtMs = performance.now();
    stop.abort(new LegworkError('cancelled_by_host'));
    await expect(running).rejects.toMatchObject({ code: 'cancelled_by_host' });
    expect(performance.now() - cancelledAtMs).toBeLessThan(10_000);
  });

  test('that is cancelled before it starts starts no browser', async () => {
    const stop = new AbortController();
    stop.abort(new LegworkError('shutdown'));
    const running = runner.run('lighthouse_html', { url: `${site.url}/plain` }, stop.signal);
    await expect(running).rejects.toMatchObject({ code: 'shutdown' });
  });

  test.runIf(process.platform === 'linux')('whose browser is killed says so, and the next one works', async () => {
    const running = runner.run('lighthouse_html', { url: `${site.url}/busy-loop`, categories: ['seo'] });
    const outcome = expect(running).rejects.toMatchObject({ code: 'browser_crashed' });
    while (site.headersOf('/busy-loop')['host'] === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
    const [leader = 0] = await runner.browsers();
    // Its own process only: a page that dies first is another failure.
    process.kill(leader, 'SIGKILL');
    await outcome;
    const { result } = await runner.run('lighthouse_html', { url: `${site.url}/plain`, categories: ['seo'] });
    expect(result['scores']).toHaveProperty('seo');
  });
});
