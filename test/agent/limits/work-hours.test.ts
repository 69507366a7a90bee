import { describe, expect, it } from 'vitest';
import { isOpen, nextChange, parseWorkHours } from '../../../main/agent/limits/work-hours.ts';

const ZONE = 'Europe/Berlin';

function hours(text: string) {
  const parsed = parseWorkHours(text);
  if (parsed === null) throw new Error(`not hours: ${text}`);
  return parsed;
}

describe('hours of the week', () => {
  it.each([
    'Mon',
    '18:00-08:00',
    'Mon-Fri 18:00',
    'Mon-Fri 18:00-18:00',
    'Mon-Fri 24:00-08:00',
    'Mon-Fri 08:00-00:00',
    'Mon 25:00-26:00',
    'Mon 08:60-09:00',
    'Mon 8-9',
    'Mondays 08:00-09:00',
    'Mon-Wed-Fri 08:00-09:00',
    'Mon-Fri 08:00-09:00, Sat 10:00-11:00',
    'always',
  ])('refuses %j', (text) => {
    expect(parseWorkHours(text)).toBeNull();
  });

  it.each([
    // Berlin is an hour ahead of UTC in winter.
    ['Mon-Fri 18:00-08:00', '2026-11-20T16:59:59Z', false],
    ['Mon-Fri 18:00-08:00', '2026-11-20T17:00:00Z', true],
    ['Mon-Fri 18:00-08:00', '2026-11-21T06:59:59Z', true],
    ['Mon-Fri 18:00-08:00', '2026-11-21T07:00:00Z', false],
    ['Mon-Fri 18:00-08:00', '2026-11-22T20:00:00Z', false],
    ['sat , sun 00:00-24:00', '2026-11-20T22:59:59Z', false],
    ['sat , sun 00:00-24:00', '2026-11-20T23:00:00Z', true],
    ['sat , sun 00:00-24:00', '2026-11-22T22:59:59Z', true],
    ['sat , sun 00:00-24:00', '2026-11-22T23:00:00Z', false],
    ['Sat-Mon 10:00-11:00', '2026-11-23T09:30:00Z', true],
    ['Sat-Mon 10:00-11:00', '2026-11-24T09:30:00Z', false],
    ['daily 12:00-13:00; Sun 20:00-02:00', '2026-11-23T00:30:00Z', true],
    ['daily 12:00-13:00; Sun 20:00-02:00', '2026-11-23T01:00:00Z', false],
    ['', '2026-11-20T12:00:00Z', true],
  ])('%j at %s: open is %s', (text, at, expected) => {
    expect(isOpen(hours(text), Date.parse(at), ZONE)).toBe(expected);
  });

  it.each([
    ['Mon-Fri 18:00-08:00', '2026-11-20T12:00:00Z', '2026-11-20T17:00:00.000Z'],
    ['Mon-Fri 18:00-08:00', '2026-11-20T17:00:00Z', '2026-11-21T07:00:00.000Z'],
    ['Mon-Fri 18:00-08:00', '2026-11-21T07:00:00Z', '2026-11-23T17:00:00.000Z'],
    ['Mon 10:00-11:00', '2026-11-23T10:00:00Z', '2026-11-30T09:00:00.000Z'],
    ['Sat,Sun 00:00-24:00', '2026-11-21T12:00:00Z', '2026-11-22T23:00:00.000Z'],
  ])('%j changes after %s at %s', (text, after, expected) => {
    const changesAtMs = nextChange(hours(text), Date.parse(after), ZONE);
    expect(changesAtMs === null ? null : new Date(changesAtMs).toISOString()).toBe(expected);
  });

  it('never changes when it is always open', () => {
    expect(nextChange(hours('daily 00:00-24:00'), Date.parse('2026-11-20T12:00:00Z'), ZONE)).toBeNull();
    expect(nextChange(hours(''), Date.parse('2026-11-20T12:00:00Z'), ZONE)).toBeNull();
  });
});

describe('when the clocks change', () => {
  // On 29 March 2026 the hour from 02:00 to 03:00 is left out in Berlin, on 25 October it comes twice.
  it('opens with the end of the skipped hour when it would have opened within it', () => {
    const night = hours('daily 02:30-05:00');
    expect(nextChange(night, Date.parse('2026-03-28T23:00:00Z'), ZONE)).toBe(Date.parse('2026-03-29T01:00:00Z'));
    expect(nextChange(night, Date.parse('2026-03-29T01:00:00Z'), ZONE)).toBe(Date.parse('2026-03-29T03:00:00Z'));
  });

  it('leaves out what lies within the skipped hour altogether', () => {
    const night = hours('daily 02:10-02:50');
    expect(nextChange(night, Date.parse('2026-03-28T12:00:00Z'), ZONE)).toBe(Date.parse('2026-03-30T00:10:00Z'));
  });

  it('is open in both of the doubled hours', () => {
    const night = hours('daily 02:15-02:45');
    const changes: string[] = [];
    let atMs: number | null = Date.parse('2026-10-24T22:00:00Z');
    for (let count = 0; count < 4 && atMs !== null; count += 1) {
      atMs = nextChange(night, atMs, ZONE);
      if (atMs !== null) changes.push(new Date(atMs).toISOString().slice(11, 16));
    }
    expect(changes).toEqual(['00:15', '00:45', '01:15', '01:45']);
  });

  it('keeps to the wall clock: a night lasts 13 hours in spring and 15 in autumn', () => {
    const night = hours('daily 18:00-08:00');
    const lengthHours = (from: string): number => {
      const opensMs = nextChange(night, Date.parse(from), ZONE) ?? 0;
      return ((nextChange(night, opensMs, ZONE) ?? 0) - opensMs) / 3_600_000;
    };
    expect(lengthHours('2026-03-28T12:00:00Z')).toBe(13);
    expect(lengthHours('2026-10-24T12:00:00Z')).toBe(15);
    expect(lengthHours('2026-06-01T12:00:00Z')).toBe(14);
  });
});
