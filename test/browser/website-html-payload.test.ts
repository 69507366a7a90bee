import { describe, expect, test } from 'vitest';
import { taskDefinitions } from '../../main/browser/tasks/registry.ts';
import { LegworkError } from '../../main/protocol/error-table.ts';
import { TaskCatalogue } from '../../main/protocol/task-type.ts';

const catalogue = new TaskCatalogue(taskDefinitions);
const url = 'https://example.org/';

function refusal(payload: unknown): string {
  try {
    catalogue.parsePayload('website_html', payload);
  } catch (error) {
    if (error instanceof LegworkError && error.code === 'invalid_payload') return error.detail;
    throw error;
  }
  throw new Error('It was taken.');
}

describe('a payload of website_html', () => {
  test('needs nothing but an address', () => {
    expect(catalogue.parsePayload('website_html', { url })).toEqual({
      url,
      waitUntil: 'load',
      timeoutMs: 30_000,
      extraHeaders: {},
      cookies: [],
      javaScriptEnabled: true,
      blockResources: [],
      pdf: false,
      har: false,
      markdown: false,
      text: false,
      engine: 'any',
    });
  });

  test.each([
    ['ftp://example.org/', 'must be an http or https address, not ftp:'],
    ['file:///etc/passwd', 'must be an http or https address, not file:'],
    ['javascript:alert(1)', 'must be an http or https address, not javascript:'],
    ['chrome://crash', 'must be an http or https address, not chrome:'],
    ['/relative', 'must be an absolute URL'],
    ['example.org', 'must be an absolute URL'],
    ['https://user:secret@example.org/', 'must not contain a user name or password; use basicAuth'],
    [`https://example.org/${'x'.repeat(9_000)}`, 'must have at most 8000 characters'],
  ])('is refused with the address %s', (address, message) => {
    const detail = refusal({ url: address });
    expect(detail).toContain('payload.url: ');
    expect(detail).toContain(message);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['an unknown field', { screenShot: {} }, 'payload.screenShot: there is no such field'],
    ['an unknown field inside', { screenshot: { full: true } }, 'payload.screenshot.full: there is no such field'],
    ['too long a time', { timeoutMs: 120_001 }, 'payload.timeoutMs: '],
    ['an unknown state', { waitUntil: 'idle' }, 'payload.waitUntil: '],
    ['no time zone', { timezoneId: 'Mars/Olympus' }, 'payload.timezoneId: must be a time zone'],
    ['no locale', { locale: 'not a locale' }, 'payload.locale: must be a language tag'],
    ['device and viewport', { device: 'Pixel 7', viewport: { width: 1, height: 1 } }, 'payload.viewport: may not'],
    [
      'a header of the connection',
      { extraHeaders: { 'Transfer-Encoding': 'x' } },
      'payload.extraHeaders.Transfer-Encoding:',
    ],
    ['the host header', { extraHeaders: { HOST: 'x' } }, 'payload.extraHeaders.HOST: may not be set'],
    ['the length', { extraHeaders: { 'content-length': '1' } }, 'may not be set'],
    ['cookies as a header', { extraHeaders: { Cookie: 'a=b' } }, 'use cookies'],
    ['a header name with a space', { extraHeaders: { 'X A': '1' } }, 'is not a header name'],
    ['a header with a line end', { extraHeaders: { 'X-A': '1\r\nX-B: 2' } }, 'without line ends'],
    ['a header beyond ASCII', { extraHeaders: { 'X-A': 'é' } }, 'must be printable ASCII'],
    ['a cookie with a semicolon', { cookies: [{ name: 'a', value: 'b; Domain=x' }] }, 'payload.cookies.0.value'],
    ['a quality of 0', { screenshot: { quality: 0 } }, 'payload.screenshot.quality'],
  ])('is refused with %s', (_what, wrong, message) => {
    expect(refusal({ url, ...wrong })).toContain(message);
  });

  test('has a deadline beyond its time-out', () => {
    const type = catalogue.get('website_html');
    expect(type.deadlineMs({ ...catalogue.parsePayload('website_html', { url }), timeoutMs: 5_000 })).toBe(65_000);
  });
});
