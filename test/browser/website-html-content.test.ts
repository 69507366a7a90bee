import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

describe('documents', () => {
  test('the HTML is the document as scripts have left it, with its doctype', async () => {
    // A busy machine may paint the page some time after its load.
    const { result, html } = await bench.render({ url: `${site.origin}/ok.html`, waitUntil: 'quiet' });
    expect(html).toMatch(/^<!DOCTYPE html>\n<html lang="en">/);
    expect(html).toContain('<p id="made">made by a script</p>');
    expect(html).toContain('naïvely');
    expect(result).toMatchObject({ contentType: 'text/html; charset=utf-8', requestCount: 1, failedRequests: [] });
    expect(result.transferredBytes).toBeGreaterThan(400);
    const { ttfbMs, domContentLoadedMs, loadMs, fcpMs, lcpMs, cls, connectMs } = result.timings;
    expect([ttfbMs, domContentLoadedMs, loadMs].map(Number)).toEqual(
      [ttfbMs, domContentLoadedMs, loadMs].map(Number).sort((a, b) => a - b),
    );
    for (const time of [ttfbMs, domContentLoadedMs, loadMs, fcpMs, lcpMs, connectMs])
      expect(time).toEqual(expect.any(Number));
    expect(cls).toBe(0);
  });

  test.each([
    ['/latin1', 'Café'],
    ['/shift-jis', '日本'],
    ['/gzip', 'Packed'],
    ['/no-type', 'Guessed'],
    ['/xhtml', 'Strict'],
  ])('%s is read as the browser reads it', async (path, title) => {
    const { result, html } = await bench.render({ url: site.origin + path });
    expect(result).toMatchObject({ title, html: 'page.html' });
    expect(html).toContain(`<title>${title}</title>`);
  });

  test('a page cannot lie to Legwork about itself', async () => {
    const { html } = await bench.render({ url: `${site.origin}/poisoned.html`, waitForSelector: 'p' });
    expect(html).toContain('<p>the truth</p>');
  });

  test('half of a surrogate pair does not spoil the rest', async () => {
    const { html } = await bench.render({ url: `${site.origin}/surrogate.html` });
    expect(html).toContain('x\ufffdy😀');
  });

  test('a shift of the layout is measured', async () => {
    const { result } = await bench.render({ url: `${site.origin}/layout-shift.html`, waitForSelector: '#shifted' });
    expect(result.timings.cls).toBeGreaterThan(0.05);
  });
});

describe('answers that are not HTML', () => {
  test.each([
    ['/json', 'body.json', 'application/json', '{"name":"Zoë","list":[1,2]}'],
    ['/text', 'body.txt', 'text/plain', 'plain <b>text</b> – as it is'],
    ['/xml', 'body.xml', 'application/xml', '<?xml version="1.0"?><a><b>x</b></a>'],
  ])('%s is kept as %s', async (path, name, contentType, content) => {
    const { result, blobs } = await bench.render({ url: site.origin + path });
    expect(result).toMatchObject({ status: 200, html: null, body: name, title: null });
    expect(blobs.get(name)?.content.toString()).toBe(content);
    expect(blobs.get(name)?.reference.contentType).toBe(contentType);
  });

  test('a picture is kept byte by byte', async () => {
    const { result, blobs } = await bench.render({ url: `${site.origin}/picture.png` });
    expect(result).toMatchObject({ html: null, body: 'body.png', contentType: 'image/png' });
    expect(blobs.get('body.png')?.content.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  });
});

describe('parts that are asked for', () => {
  test('all at once', async () => {
    const { result, blobs } = await bench.render({
      url: `${site.origin}/ok.html`,
      screenshot: { format: 'jpeg', quality: 50 },
      pdf: true,
      har: true,
      markdown: true,
      text: true,
    });
    expect(result).toMatchObject({
      html: 'page.html',
      screenshot: 'screenshot.jpeg',
      pdf: 'page.pdf',
      har: 'page.har',
      markdown: 'page.md',
      text: 'page.txt',
    });
    const text = (name: string): string => blobs.get(name)?.content.toString() ?? '';
    expect(blobs.get('screenshot.jpeg')?.content.subarray(0, 3).toString('hex')).toBe('ffd8ff');
    expect(text('page.pdf')).toMatch(/^%PDF-/);
    expect(text('page.md')).toContain('# It works – naïvely\n\nSome **bold** text and a [link](/ok.html?again).');
    expect(text('page.md')).not.toContain('insertAdjacentHTML');
    expect(text('page.txt')).toContain('Some bold text and a link.');
    const har = JSON.parse(text('page.har')) as { log: { entries: { request: { url: string } }[] } };
    expect(har.log.entries.map((entry) => entry.request.url)).toEqual([`${site.origin}/ok.html`]);
  });

  test.each(['png', 'webp'])('a picture of the whole page as %s is as high as it can be drawn', async (format) => {
    const { blobs } = await bench.render({ url: `${site.origin}/tall.html`, screenshot: { format, fullPage: true } });
    const picture = blobs.get(`screenshot.${format}`)?.content ?? Buffer.alloc(0);
    if (format === 'png') expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([1280, 16_384]);
    else expect(picture.subarray(8, 12).toString()).toBe('WEBP');
  });

  test('neither the result nor the HAR has cookies or credentials', async () => {
    const { result, blobs } = await bench.render({
      url: `${site.origin}/set-cookie`,
      har: true,
      extraHeaders: { Authorization: 'Bearer hush-hush' },
      cookies: [{ name: 'session', value: 'hush-hush' }],
    });
    expect(JSON.stringify(result)).not.toMatch(/hush-hush|visited=yes/);
    const har = blobs.get('page.har')?.content.toString() ?? '';
    expect(har).toContain('/set-cookie');
    expect(har).not.toMatch(/hush-hush|visited=yes/);
  });
});

describe('what a page loads', () => {
  test('frames of the same and of another site, with their frames', async () => {
    const { result } = await bench.render({ url: `${site.origin}/frames.html`, waitUntil: 'networkidle' });
    // Two frames, the pictures of the inner one and of the frame inside it, and the page itself.
    expect(result.requestCount).toBeGreaterThanOrEqual(6);
    expect(result.failedRequests).toEqual([
      { url: `${site.otherOrigin}/status/404?inside`, type: 'Image', status: 404, error: null },
    ]);
    expect(result.consoleErrors.map(({ text }) => text)).toEqual([
      expect.stringContaining('from the inner frame') as unknown,
    ]);
  });

  test('workers, service workers and WebSockets do not stop it', async () => {
    const worker = await bench.render({
      url: `${site.origin}/worker.html`,
      waitUntil: 'networkidle',
      waitForSelector: '#answered',
    });
    expect(worker.html).toContain('worker got 200');
    expect(worker.result.requestCount).toBe(3);
    const service = await bench.render({ url: `${site.origin}/service-worker.html`, waitForSelector: '#registered' });
    expect(service.html).toContain('registered');
    const socket = await bench.render({
      url: `${site.origin}/websocket.html`,
      waitUntil: 'networkidle',
      waitForSelector: '#open',
    });
    expect(socket.result.requestCount).toBe(2);
  });
});
