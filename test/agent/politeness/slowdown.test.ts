import { describe, expect, it } from 'vitest';
import { siteOf } from '../../../main/agent/politeness/site-of.ts';
import { asksForLess, slowdownAfter } from '../../../main/agent/politeness/slowdown.ts';

const HOUR_MS = 3_600_000;

describe('how long a site is left alone', () => {
  it.each([
    { what: 'as long as it asks for', earlierStrikes: 0, retryAfterMs: 30_000, pauseMs: 30_000 },
    { what: 'no longer than the host allows', earlierStrikes: 0, retryAfterMs: 100 * HOUR_MS, pauseMs: HOUR_MS },
    { what: 'not at all when it says now', earlierStrikes: 0, retryAfterMs: 0, pauseMs: 0 },
    { what: 'five seconds when it does not say', earlierStrikes: 0, retryAfterMs: null, pauseMs: 5_000 },
    { what: 'twice as long the second time', earlierStrikes: 1, retryAfterMs: null, pauseMs: 10_000 },
    { what: 'a minute at most when it does not say', earlierStrikes: 50, retryAfterMs: null, pauseMs: 60_000 },
    { what: 'as it asks, however often before', earlierStrikes: 50, retryAfterMs: 1_000, pauseMs: 1_000 },
  ])('$what', ({ earlierStrikes, retryAfterMs, pauseMs }) => {
    const slowdown = slowdownAfter({ earlierStrikes, retryAfterMs, longestPauseMs: HOUR_MS });
    expect(slowdown).toEqual({ strikes: earlierStrikes + 1, pauseMs });
  });

  it('only after 429 and 503', () => {
    expect([200, 301, 404, 429, 500, 502, 503, 504].filter(asksForLess)).toEqual([429, 503]);
  });
});

it.each([
  ['https://Example.ORG/a?b#c', 'example.org'],
  ['http://example.org.:8080/', 'example.org'],
  ['http://[2001:DB8::1]:81/', '[2001:db8::1]'],
  ['http://0x7f.1/', '127.0.0.1'],
  ['https://bücher.example/', 'xn--bcher-kva.example'],
  ['no address', ''],
])('the site of %s is "%s"', (url, site) => {
  expect(siteOf(url)).toBe(site);
});
