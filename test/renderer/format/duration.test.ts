import { describe, expect, it } from 'vitest';
import { formatDuration, formatElapsed, formatTimeLeft } from '../../../renderer/format/duration.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [-5, '0 ms'],
    [999, '999 ms'],
    [999.6, '1.0 s'],
    [1_000, '1.0 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_499, '59 s'],
    [59_500, '1 min'],
    [MINUTE_MS, '1 min'],
    [4 * MINUTE_MS + 20_000, '4 min 20 s'],
    [HOUR_MS - 400, '1 h'],
    [2 * HOUR_MS + 5 * MINUTE_MS, '2 h 5 min'],
    [24 * HOUR_MS, '1 d'],
    [76 * HOUR_MS, '3 d 4 h'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('formatElapsed', () => {
  it.each([
    [-100, '0:00'],
    [7_999, '0:07'],
    [12 * MINUTE_MS + 41_000, '12:41'],
    [HOUR_MS + 2 * MINUTE_MS + 9_000, '1:02:09'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatElapsed(ms)).toBe(text);
  });
});

describe('formatTimeLeft', () => {
  it('never says that nothing is left before it is over', () => {
    expect(formatTimeLeft(1)).toBe('1 s left');
    expect(formatTimeLeft(0)).toBe('over');
  });

  it.each([
    [59 * MINUTE_MS + 1, '1 h left'],
    [59 * MINUTE_MS, '59 min left'],
    [2 * HOUR_MS + 29 * MINUTE_MS + 1, '2 h 30 min left'],
    [50 * HOUR_MS, '3 days left'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatTimeLeft(ms)).toBe(text);
  });
});
