import { describe, expect, it } from 'vitest';
import { lighthousePayload } from '../../main/browser/lighthouse-html/payload.ts';
import { extraHeaders } from '../../main/browser/request-headers.ts';
import { websiteHtmlPayload } from '../../main/browser/website-html/payload.ts';

/** RFC 9110, 7.6.1 and 11.7, RFC 9112, 6.1, RFC 7540, 3.2.1, and what browsers keep for themselves. */
const REFUSED = `Host Connection Keep-Alive Proxy-Connection TE Trailer Transfer-Encoding Upgrade HTTP2-Settings
  Proxy-Authenticate Proxy-Authorization Proxy-Anything Via Expect Content-Length Content-Encoding Accept-Encoding
  Sec-Fetch-Site Sec-WebSocket-Key Sec-CH-UA $sealed User-Agent`.split(/\s+/);

describe('extraHeaders', () => {
  it.each(REFUSED.flatMap((name) => [name, name.toLowerCase(), name.toUpperCase()]))('cannot set %s', (name) => {
    for (const schema of [websiteHtmlPayload, lighthousePayload]) {
      const parsed = schema.safeParse({ url: 'https://a.example/', extraHeaders: { [name]: 'x' } });
      expect(parsed.success).toBe(false);
      expect(parsed.error?.issues[0]?.path).toEqual(['extraHeaders', name]);
    }
  });

  it.each([
    'X-Anything',
    'Referer',
    'Origin',
    'Accept-Language',
    'Authorization',
    'constructor',
    'toString',
    'Security',
  ])('can set %s', (name) => {
    expect(extraHeaders.safeParse({ [name]: 'value' }).success).toBe(true);
  });

  it.each(['X Y', 'X:Y', 'X\r\nHost', 'X\u0000', '', 'Ü', `X${'y'.repeat(100)}`])(
    'has no header of the name %j',
    (name) => {
      expect(extraHeaders.safeParse({ [name]: 'value' }).success).toBe(false);
    },
  );

  it.each(['a\r\nHost: b', 'a\nb', 'a\u0000', ' a', 'a ', 'ü', 'x'.repeat(4_001)])('takes no value %j', (value) => {
    expect(extraHeaders.safeParse({ 'X-A': value }).success).toBe(false);
  });
});
