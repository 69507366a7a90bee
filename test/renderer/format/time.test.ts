import { describe, expect, it } from 'vitest';
import {
  dayOf,
  formatAgo,
  formatListTime,
  formatMonth,
  startOfDayMs,
  tomorrowMs,
} from '../../../renderer/format/time.ts';

const NOW_MS = Date.parse('2026-11-22T14:05:09Z');

describe('formatListTime', () => {
  it('gives the clock today, the day this year, and the year before', () => {
    expect(formatListTime(Date.parse('2026-11-22T00:00:01Z'), NOW_MS, 'UTC')).toBe('00:00');
    expect(formatListTime(Date.parse('2026-11-21T23:59:59Z'), NOW_MS, 'UTC')).toBe('21 Nov, 23:59');
    expect(formatListTime(Date.parse('2025-12-31T23:59:59Z'), NOW_MS, 'UTC')).toBe('31 Dec 2025');
  });

  it('counts days in the time zone of the machine', () => {
    expect(formatListTime(Date.parse('2026-11-21T23:30:00Z'), NOW_MS, 'Europe/Berlin')).toBe('00:30');
  });
});

describe('formatAgo', () => {
  it.each([
    [-5_000, 'just now'],
    [59_999, 'just now'],
    [60_000, '1 min ago'],
    [3_600_000, '1 h ago'],
    [90_000_000, '1 d ago'],
  ])('%d ms are %s', (agoMs, text) => {
    expect(formatAgo(NOW_MS - agoMs, NOW_MS)).toBe(text);
  });
});

describe('days', () => {
  it('turns a day of a date field into its start, and back', () => {
    const startMs = startOfDayMs('2026-03-29');
    expect(startMs).not.toBeNull();
    expect(dayOf(startMs ?? 0)).toBe('2026-03-29');
  });

  it('refuses what is no day', () => {
    expect(startOfDayMs('')).toBeNull();
    expect(startOfDayMs('29.3.2026')).toBeNull();
  });

  it('ends a pause until tomorrow on the morning of the next day', () => {
    const until = new Date(tomorrowMs(NOW_MS));
    expect(dayOf(until.getTime())).toBe(dayOf(NOW_MS + 86_400_000));
    expect(until.getHours()).toBe(8);
  });

  it('means the clock of that morning, also when it is put back in the night', () => {
    const zone = process.env['TZ'];
    try {
      process.env['TZ'] = 'Europe/Berlin';
      expect(new Date(tomorrowMs(Date.parse('2026-10-24T20:00:00Z'))).toISOString()).toBe('2026-10-25T07:00:00.000Z');
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });
});

describe('formatMonth', () => {
  it('names a month, and leaves what is none', () => {
    expect(formatMonth('2026-11')).toBe('November 2026');
    expect(formatMonth('soon')).toBe('soon');
  });
});
