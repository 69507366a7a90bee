import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../main/protocol/fields.ts';
import { startOutcomeSite, type OutcomeSite } from '../fixtures/outcome-site.ts';
import { CHROMIUM_PATH, HEADLESS_SHELL_PATH, jsonOf, RenderBench } from './render.ts';

let site: OutcomeSite;
let bench: RenderBench;

beforeAll(async () => {
  site = await startOutcomeSite();
  bench = new RenderBench();
});

afterAll(async () => {
  await bench.close();
  await site.close();
});

async function seenBy(payload: JsonObject): Promise<Record<string, unknown>> {
  const { html } = await bench.render({ url: `${site.origin}/emulation.html`, ...payload });
  return jsonOf(html, 'seen');
}

async function headersOf(payload: JsonObject, path = '/echo'): Promise<Record<string, unknown>> {
  const { html } = await bench.render({ url: site.origin + path, ...payload });
  return jsonOf(html, 'headers');
}

describe('what a page sees', () => {
  test('by default', async () => {
    expect(await seenBy({})).toMatchObject({ width: 1280, height: 720, scale: 1, touch: 0, dark: false, cookie: '' });
  });

  test('of each wish', async () => {
    const seen = await seenBy({
      viewport: { width: 500, height: 400, deviceScaleFactor: 2 },
      userAgent: 'Robot/1.0',
      locale: 'de-DE',
      timezoneId: 'Asia/Tokyo',
      colorScheme: 'dark',
      cookies: [{ name: 'taste', value: 'sweet' }],
    });
    expect(seen).toMatchObject({
      width: 500,
      height: 400,
      scale: 2,
      userAgent: 'Robot/1.0',
      languages: ['de-DE'],
      number: '1.234,5',
      timeZone: 'Asia/Tokyo',
      dark: true,
      cookie: 'taste=sweet',
    });
  });

  test('of a device, and nothing of it in the next page', async () => {
    const phone = await seenBy({ device: 'Pixel 7' });
    expect(phone).toMatchObject({ width: 412, scale: 2.625, touch: 1, mobile: true });
    expect(phone['userAgent']).toContain('Android');
    expect(await seenBy({})).toMatchObject({ width: 1280, touch: 0, mobile: false });
  });

  test('a device that there is not is refused with those that come close', async () => {
    const error = await bench.failure({ url: site.origin, device: 'Pixel 77' });
    expect(error).toMatchObject({ code: 'invalid_payload' });
    expect(error.detail).toMatch(/^payload\.device: .* Known are .*Pixel 7/);
  });

  test('without JavaScript', async () => {
    const { result, html } = await bench.render({
      url: `${site.origin}/emulation.html`,
      javaScriptEnabled: false,
      waitUntil: 'quiet',
      waitForSelector: 'pre',
    });
    expect(html).toContain('<p>no script</p>');
    expect(html).toContain('<pre id="seen"></pre>');
    expect(result.title).toBe('What the page sees');
  });

  test('frames of other sites see it too', async () => {
    const { result } = await bench.render({
      url: `${site.origin}/frames.html`,
      waitUntil: 'networkidle',
      locale: 'fr-FR',
    });
    expect(result.consoleErrors.map(({ text }) => text)).toEqual(['from the inner frame fr-FR']);
  });
});

describe('what is sent', () => {
  test('extra headers go along, Authorization only to the page’s own origin', async () => {
    const extraHeaders = { 'X-Shop': 'blue', Authorization: 'Bearer token' };
    expect(await headersOf({ extraHeaders })).toMatchObject({ 'x-shop': 'blue', authorization: 'Bearer token' });
    const elsewhere = await headersOf({ extraHeaders }, '/to-other-site');
    expect(elsewhere['host']).toContain('localhost');
    expect(elsewhere).toHaveProperty('x-shop', 'blue');
    expect(elsewhere).not.toHaveProperty('authorization');
  });

  test('cookies do not outlive their page', async () => {
    expect(await headersOf({ cookies: [{ name: 'a', value: 'b' }] })).toMatchObject({ cookie: 'a=b' });
    expect(await headersOf({}, '/set-cookie')).toMatchObject({ cookie: 'visited=yes' });
    expect(await headersOf({})).not.toHaveProperty('cookie');
  });

  test('basic authentication: right, wrong, none', async () => {
    const url = `${site.origin}/protected`;
    const right = await bench.render({ url, basicAuth: { username: 'reader', password: 'open sesame' } });
    expect(right.result).toMatchObject({ status: 200, title: 'Welcome' });
    const wrong = await bench.render({ url, basicAuth: { username: 'reader', password: 'guess' } });
    expect(wrong.result).toMatchObject({ status: 401, title: 'Refused' });
    expect((await bench.render({ url })).result.status).toBe(401);
  });

  test('blocked kinds of resources never reach the site, and are no failures', async () => {
    const before = site.requests.length;
    const { result, html } = await bench.render({
      url: `${site.origin}/resources.html`,
      blockResources: ['image', 'stylesheet', 'script', 'fetch'],
    });
    const asked = site.requests.slice(before).map(({ path }) => path);
    expect(asked).toEqual(['/resources.html']);
    expect(result.failedRequests).toEqual([]);
    expect(html).not.toContain('data-script');
    const all = await bench.render({ url: `${site.origin}/resources.html`, waitForSelector: '#done' });
    expect(all.html).toContain('data-script="ran"');
    expect(all.result.requestCount).toBe(5);
  });
});

describe('when the page is taken', () => {
  test('domcontentloaded does not wait for pictures', async () => {
    const { html, result } = await bench.render({
      url: `${site.origin}/hanging-image.html`,
      waitUntil: 'domcontentloaded',
    });
    expect(html).toContain('parsed');
    expect(result.timings.loadMs).toBeNull();
  });

  test('networkidle waits for a request that comes after load, quiet for the last change', async () => {
    const idle = await bench.render({ url: `${site.origin}/request-later.html`, waitUntil: 'networkidle' });
    expect(idle.html).toContain('late answer');
    const quiet = await bench.render({ url: `${site.origin}/changes.html`, waitUntil: 'quiet' });
    expect(quiet.html).toContain('<p id="count">12</p>');
  });

  test('a selector is waited for, not found in time, or none', async () => {
    const url = `${site.origin}/selector-later.html`;
    expect((await bench.render({ url, waitForSelector: 'p.late' })).html).toContain('here at last');
    expect((await bench.failure({ url, waitForSelector: '.never', timeoutMs: 1_500 })).code).toBe('selector_timeout');
    const none = await bench.failure({ url, waitForSelector: '..bad' });
    expect(none).toMatchObject({ code: 'invalid_payload', detail: 'payload.waitForSelector: is not a CSS selector.' });
  });
});

describe.skipIf(CHROMIUM_PATH === null || HEADLESS_SHELL_PATH === null)('engines', () => {
  test('full Chromium where it is asked for, with the same window', async () => {
    const { result, html } = await bench.render({ url: `${site.origin}/emulation.html`, engine: 'chromium' });
    expect(result.browser.engine).toBe('chromium');
    expect(jsonOf(html, 'seen')).toMatchObject({ width: 1280, height: 720 });
    const usual = await bench.render({ url: `${site.origin}/ok.html` });
    expect(usual.result.browser.engine).toBe('headless_shell');
    const refused = await bench.render({ url: `${site.origin}/protected`, engine: 'chromium' });
    expect(refused.result).toMatchObject({ status: 401, title: 'Refused' });
    expect((await bench.failure({ url: `${site.origin}/pdf`, engine: 'chromium' })).code).toBe('download_refused');
  });
});
