import { describe, expect, it } from 'vitest';
import { evaluateLimits, type LimitMemory, type LimitSettings } from '../../../main/agent/limits/evaluate-limits.ts';
import type { MachineReadings } from '../../../main/agent/limits/machine-readings.ts';
import { CALM, NO_LIMITS, NO_USAGE } from './limit-fixture.ts';

const ZONE = 'Europe/Berlin';
const STEP_MS = 15_000;
/** Monday, 23 November 2026, midnight in Berlin. */
const MONDAY_MS = Date.parse('2026-11-22T23:00:00Z');
const HOUR_MS = 3_600_000;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** `Mon 08:00` of that week as milliseconds since its beginning. */
function at(text: string): number {
  const [day = '', time = ''] = text.split(' ');
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return DAYS.indexOf(day) * 24 * HOUR_MS + hour * HOUR_MS + minute * 60_000;
}

/** From–to, in the words of `at`. */
function within(weekMs: number, spans: readonly [string, string][]): boolean {
  return spans.some(([from, to]) => weekMs >= at(from) && weekMs < at(to));
}

/** Somebody's laptop: at work in the office by day, a film on Friday evening, a train ride on Saturday. */
function laptopAt(weekMs: number): Partial<MachineReadings> {
  const used: [string, string][] = [
    ...['Mon', 'Tue', 'Wed', 'Thu', 'Fri'].flatMap((day): [string, string][] => [
      [`${day} 08:00`, `${day} 12:00`],
      [`${day} 13:00`, `${day} 17:00`],
    ]),
    ['Fri 20:00', 'Fri 22:10'],
    ['Sat 10:00', 'Sat 14:00'],
  ];
  const lastUsedMs = used
    .filter(([from]) => at(from) <= weekMs)
    .reduce((latest, [, to]) => Math.max(latest, Math.min(at(to), weekMs)), -24 * HOUR_MS);
  const onTrain = within(weekMs, [['Sat 10:00', 'Sat 14:00']]);
  const trainHours = onTrain ? (weekMs - at('Sat 10:00')) / HOUR_MS : 0;
  return {
    idleMs: weekMs - lastUsedMs,
    onBattery: onTrain || within(weekMs, [['Wed 09:00', 'Wed 10:00']]),
    batteryPercent: onTrain ? 95 - 20 * trainHours : 100,
    metered: onTrain,
    fullScreen: within(weekMs, [['Fri 20:00', 'Fri 22:00']]),
  };
}

/** The week as spans: from when to when work was done, or why it was not. */
function week(settings: Partial<LimitSettings>): string[] {
  const spans: { from: number; what: string }[] = [];
  let memory: LimitMemory = {};
  for (let weekMs = 0; weekMs < 7 * 24 * HOUR_MS; weekMs += STEP_MS) {
    const result = evaluateLimits(
      {
        settings: { ...NO_LIMITS, ...settings },
        readings: { ...CALM, ...laptopAt(weekMs) },
        usage: NO_USAGE,
        nowMs: MONDAY_MS + weekMs,
        monotonicMs: weekMs,
        timeZone: ZONE,
        atLowestConcurrency: true,
      },
      memory,
    );
    memory = result.memory;
    const { mayWork, reasons } = result.verdict;
    const what = mayWork ? 'works' : reasons.map(({ rule }) => rule).join(' + ');
    if (spans.at(-1)?.what !== what) spans.push({ from: weekMs, what });
  }
  return spans.map(({ from, what }) => {
    const hour = Math.floor((from % (24 * HOUR_MS)) / HOUR_MS);
    const seconds = Math.floor((from % HOUR_MS) / 1_000);
    const time = [hour, Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, '0'));
    return `${DAYS[Math.floor(from / (24 * HOUR_MS))]} ${time.join(':')} ${what}`;
  });
}

describe('a week of a laptop', () => {
  it('without limits it would have worked all the time', () => {
    expect(week({})).toEqual(['Mon 00:00:00 works']);
  });

  it('in the nights and at the weekend, on mains, on no metered line, while nothing fills the screen', () => {
    const settings = {
      workHours: 'Mon-Fri 18:00-08:00; Sat,Sun 00:00-24:00',
      workOnMainsOnly: true,
      workOnMetered: false,
      workDuringFullScreen: false,
    };
    expect(week(settings)).toEqual([
      'Mon 00:00:00 hours', // Sunday's hours ended at midnight; Monday's begin in the evening.
      'Mon 18:00:00 works',
      'Tue 08:00:00 hours',
      'Tue 18:00:00 works',
      'Wed 08:00:00 hours',
      'Wed 09:00:00 hours + mains',
      'Wed 10:00:30 hours',
      'Wed 18:00:00 works',
      'Thu 08:00:00 hours',
      'Thu 18:00:00 works',
      'Fri 08:00:00 hours',
      'Fri 18:00:00 works',
      'Fri 20:00:00 full_screen',
      'Fri 22:01:00 works',
      'Sat 10:00:00 metered + mains',
      'Sat 14:00:30 works',
    ]);
  });

  it('when nobody has used it for half an hour, also on battery above a floor', () => {
    const settings = { workWhenIdleMinutes: 30, minimumBatteryPercent: 40 };
    expect(week(settings)).toEqual([
      'Mon 00:00:00 works',
      ...['Mon', 'Tue', 'Wed', 'Thu'].flatMap((day) => [
        `${day} 08:00:00 idle`,
        `${day} 12:30:00 works`,
        `${day} 13:00:00 idle`,
        `${day} 17:30:00 works`,
      ]),
      'Fri 08:00:00 idle',
      'Fri 12:30:00 works',
      'Fri 13:00:00 idle',
      'Fri 17:30:00 works',
      'Fri 20:00:00 idle',
      'Fri 22:40:00 works',
      'Sat 10:00:00 idle',
      // 95 % at ten, 20 % less each hour: below 40 % after a quarter to one.
      'Sat 12:45:15 battery + idle',
      'Sat 14:00:00 idle',
      'Sat 14:30:00 works',
    ]);
  });
});
