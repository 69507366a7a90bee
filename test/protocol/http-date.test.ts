import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseHttpDate } from '../../main/protocol/http-date.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 7, 0, 0);
const IN_TEN_SECONDS_MS = NOW_MS + 10_000;

describe('a date of HTTP', () => {
  const zone = process.env['TZ'];
  beforeEach(() => {
    // Where a date without a zone would be five hours off if it were taken for a local one.
    process.env['TZ'] = 'America/New_York';
  });
  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  it.each([
    ['as it is sent today', 'Sun, 22 Nov 2026 07:00:10 GMT', IN_TEN_SECONDS_MS],
    ['as RFC 850 wrote it', 'Sunday, 22-Nov-26 07:00:10 GMT', IN_TEN_SECONDS_MS],
    ['as asctime writes it, which means UTC', 'Sun Nov 22 07:00:10 2026', IN_TEN_SECONDS_MS],
    ['of asctime with a day of one digit', 'Sun Nov  1 07:00:10 2026', Date.UTC(2026, 10, 1, 7, 0, 10)],
    ['whose two digits are near', 'Saturday, 22-Nov-70 07:00:10 GMT', Date.UTC(2070, 10, 22, 7, 0, 10)],
    [
      'whose two digits would be more than 50 years ahead',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      Date.UTC(1994, 10, 6, 8, 49, 37),
    ],
    ['in a leap second', 'Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2016, 11, 31, 23, 59, 59)],
  ])('%s', (_what, text, dateMs) => {
    expect(parseHttpDate(text, NOW_MS)).toBe(dateMs);
  });

  it.each([
    'soon',
    'Soon, maybe 2027',
    '-5',
    '1.5',
    '2026-11-22T07:00:10Z',
    'Sun, 22 Nov 2026 07:00:10',
    'Sun, 22 Nov 2026 07:00:10 +0100',
    'Sun, 31 Nov 2026 07:00:10 GMT',
    'Sun, 22 Nov 2026 24:00:10 GMT',
    'Sun, 22 Nou 2026 07:00:10 GMT',
    '',
  ])('"%s" is none', (text) => {
    expect(parseHttpDate(text, NOW_MS)).toBeNull();
  });
});
