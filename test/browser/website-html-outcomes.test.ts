import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../main/protocol/error-table.ts';
import { startOutcomeSite, type OutcomeSite } from '../fixtures/outcome-site.ts';
import { RenderBench } from './render.ts';

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

describe('answers that are results', () => {
  test.each([200, 404, 410, 500, 503])('status %i', async (status) => {
    const { result, html } = await bench.render({ url: `${site.origin}/status/${status}` });
    expect(result).toMatchObject({ status, title: `Status ${status}`, html: 'page.html', body: null });
    expect(html).toContain(`<title>Status ${status}</title>`);
  });

  test.each([204, 205, 304])('status %i, which has no document', async (status) => {
    const { result, blobs } = await bench.render({
      url: `${site.origin}/status/${status}`,
      screenshot: {},
      text: true,
    });
    expect(result).toMatchObject({ status, title: null, html: null, body: null, screenshot: null, redirects: [] });
    expect(blobs.size).toBe(0);
  });

  test('an empty body', async () => {
    const { result, html } = await bench.render({ url: `${site.origin}/empty-body` });
    expect(result).toMatchObject({ status: 200, title: '' });
    expect(html).toBe('<html><head></head><body></body></html>');
  });
});

describe('redirects', () => {
  test('of the site are listed with their statuses', async () => {
    const { result } = await bench.render({ url: `${site.origin}/redirect/3` });
    expect(result.finalUrl).toBe(`${site.origin}/ok.html`);
    expect(result.redirects).toEqual([
      { url: `${site.origin}/redirect/3`, status: 302 },
      { url: `${site.origin}/redirect/2`, status: 302 },
      { url: `${site.origin}/redirect/1`, status: 301 },
    ]);
  });

  test.each([
    ['javascript-redirect.html', 'ok.html#from-script'],
    ['onload-redirect.html', 'ok.html'],
    ['meta-redirect.html', 'ok.html'],
    ['beforeunload.html', 'ok.html'],
  ])('%s is followed', async (from, to) => {
    const { result } = await bench.render({ url: `${site.origin}/${from}` });
    expect(result).toMatchObject({
      requestedUrl: `${site.origin}/${from}`,
      finalUrl: `${site.origin}/${to}`,
      redirects: [{ url: `${site.origin}/${from}`, status: 200 }],
      title: 'A plain page',
    });
  });

  test.each([
    ['late-refresh.html', 'late-refresh.html'],
    ['redirect-to-no-content.html', 'redirect-to-no-content.html'],
    ['leaves-by-mail.html', 'leaves-by-mail.html'],
    ['window-stop.html', 'window-stop.html'],
    ['history.html', 'pushed?by=script#part'],
  ])('%s stays', async (from, to) => {
    const { result } = await bench.render({ url: `${site.origin}/${from}` });
    expect(result).toMatchObject({ finalUrl: `${site.origin}/${to}`, status: 200, redirects: [], html: 'page.html' });
  });
});

describe('failures', () => {
  test.each<[path: string, code: ErrorCode]>([
    ['/redirect-endless?0', 'too_many_redirects'],
    ['/endless-javascript-redirect.html?0', 'too_many_redirects'],
    ['/endless-meta-redirect.html', 'too_many_redirects'],
    ['/to-file', 'url_refused'],
    ['/to-mail', 'url_refused'],
    ['/download', 'download_refused'],
    ['/zip', 'download_refused'],
    ['/pdf', 'download_refused'],
    ['/redirect-to-download.html', 'download_refused'],
    ['/empty', 'empty_response'],
    ['/closed', 'connection_failed'],
    ['/redirect-to-nowhere.html', 'connection_failed'],
    ['/cut', 'connection_failed'],
    ['/bad-http', 'invalid_response'],
    ['/bad-gzip', 'invalid_response'],
  ])('%s: %s', async (path, code) => {
    const error = await bench.failure({ url: site.origin + path });
    expect(error.code).toBe(code);
    expect(error.message).not.toMatch(/\n|\.ts:/);
  });

  test('no such host, nobody listening, a certificate that nobody signed', async () => {
    const listener = await startOutcomeSite();
    await listener.close();
    expect((await bench.failure({ url: 'http://nowhere.invalid/' })).code).toBe('name_not_resolved');
    expect((await bench.failure({ url: listener.origin })).code).toBe('connection_failed');
    expect((await bench.failure({ url: site.tlsOrigin })).code).toBe('tls_failed');
  });

  test.each<[path: string, waitUntil: string]>([
    ['/hang', 'domcontentloaded'],
    ['/hang-body', 'domcontentloaded'],
    ['/hanging-image.html', 'load'],
    ['/hanging-image.html', 'networkidle'],
    ['/ticks.html', 'quiet'],
  ])('%s never comes to %s', async (path, waitUntil) => {
    const error = await bench.failure({ url: site.origin + path, waitUntil, timeoutMs: 1_500 });
    expect(error).toMatchObject({ code: 'page_timeout', detail: `It did not come to ${waitUntil} within 1500 ms.` });
  });

  test.each([
    ['/large', 'Its document'],
    ['/large-packed', 'Its document'],
    ['/large-parts', 'All its parts together'],
  ])('%s is stopped on the way', async (path, what) => {
    const error = await bench.failure({ url: site.origin + path, timeoutMs: 60_000 });
    expect(error.code).toBe('page_too_large');
    expect(error.detail).toContain(what);
  });

  test('nothing is left open by any of them', async () => {
    await bench.onlyReadyPageLeft();
    expect(bench.pool.browsers).toBe(1);
  });
});
