import { expect, it } from 'vitest';
import { retryAfterMs } from '../../main/browser/retry-after.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 7, 0, 0);
const DAY_MS = 86_400_000;

it.each([
  ['10', 10_000],
  [' 10 ', 10_000],
  ['0', 0],
  ['Sun, 22 Nov 2026 07:00:10 GMT', 10_000],
  ['Sun Nov 22 07:00:10 2026', 10_000],
  ['Sun, 22 Nov 2026 06:00:00 GMT', 0],
  ['99999999999999999999', 30 * DAY_MS],
  ['Sat, 22 Nov 2036 07:00:00 GMT', 30 * DAY_MS],
  ['10, 20', null],
  ['-5', null],
  ['soon', null],
  ['Soon, maybe 2027', null],
  ['', null],
  [undefined, null],
])('Retry-After %s asks for %s ms', (value, pauseMs) => {
  expect(retryAfterMs(value, NOW_MS)).toBe(pauseMs);
});
