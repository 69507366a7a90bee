import { describe, expect, it } from 'vitest';
import { evaluateLimits, type LimitMemory } from '../../../main/agent/limits/evaluate-limits.ts';
import { LIMIT_RULES } from '../../../main/agent/limits/limit-checks.ts';
import type { LimitRule } from '../../../main/agent/limits/limit-verdict.ts';
import { NO_READINGS } from '../../../main/agent/limits/machine-readings.ts';
import type { UsageAmounts, UsageQuota } from '../../../main/agent/usage/usage-amounts.ts';
import { CALM, DECEMBER_MS, moment, NO_LIMITS, NO_USAGE, SUNDAY_NOON_MS } from './limit-fixture.ts';

type Given = NonNullable<Parameters<typeof moment>[0]>;

/** Only what is not nothing, so that several can be laid over each other. */
function used(totals: UsageAmounts | undefined): Partial<UsageAmounts> {
  return Object.fromEntries(Object.entries(totals ?? {}).filter(([, amount]) => amount > 1));
}

function limited(quota: UsageQuota | undefined): Partial<UsageQuota> {
  return Object.fromEntries(Object.entries(quota ?? {}).filter(([, amount]) => amount !== null));
}

function rulesAt(given: Given, before: LimitMemory = {}): LimitRule[] {
  return evaluateLimits(moment(given), before).verdict.reasons.map(({ rule }) => rule);
}

const HELD = (rule: LimitRule): LimitMemory => ({ [rule]: { clearSinceMs: null } });

/** For each rule: its setting, and a reading that it refuses. */
const REFUSED: Record<LimitRule, Given> = {
  hours: { settings: { workHours: 'Mon-Fri 18:00-08:00' } },
  idle: { settings: { workWhenIdleMinutes: 10 }, readings: { idleMs: 599_999 } },
  mains: { settings: { workOnMainsOnly: true }, readings: { onBattery: true } },
  battery: { settings: { minimumBatteryPercent: 30 }, readings: { onBattery: true, batteryPercent: 29 } },
  metered: { settings: { workOnMetered: false }, readings: { metered: true } },
  full_screen: { settings: { workDuringFullScreen: false }, readings: { fullScreen: true } },
  cpu: { settings: { maxCpuPercent: 50 }, readings: { cpuOwnShare: 0.51 } },
  memory: { settings: { maxMemoryPercent: 10 }, readings: { memoryOwnBytes: 1.7e9 } },
  quota_tasks: {
    usage: {
      totals: { tasks: 100, browserTimeMs: 0, bytesDown: 0, bytesUp: 0 },
      quota: { tasks: 100, browserTimeMs: null, bytes: null },
    },
  },
  quota_browser_time: {
    usage: {
      totals: { tasks: 1, browserTimeMs: 60_000, bytesDown: 0, bytesUp: 0 },
      quota: { tasks: null, browserTimeMs: 60_000, bytes: null },
    },
  },
  quota_bytes: {
    usage: {
      totals: { tasks: 1, browserTimeMs: 0, bytesDown: 700, bytesUp: 300 },
      quota: { tasks: null, browserTimeMs: null, bytes: 1_000 },
    },
  },
};
const RULES = Object.entries(REFUSED) as [LimitRule, Given][];

describe('each rule', () => {
  it('is among those that are tested here', () => {
    expect(Object.keys(REFUSED).sort()).toEqual([...LIMIT_RULES].sort());
  });

  it.each(RULES)('%s forbids work by itself, with a sentence', (rule, given) => {
    const { verdict } = evaluateLimits(moment(given), {});
    expect(verdict.mayWork).toBe(false);
    expect(verdict.reasons.map((reason) => reason.rule)).toEqual([rule]);
    expect(verdict.reasons[0]?.sentence).toMatch(/^[A-Z].{10,}\.$/);
  });

  it.each(RULES)('%s says nothing while the host has not set it', (_rule, { readings }) => {
    expect(rulesAt({ readings: { ...readings } })).toEqual([]);
  });

  it.each(RULES)('%s says nothing on a calm machine in the night', (_rule, { settings }) => {
    expect(rulesAt({ settings: { ...settings }, nowMs: Date.parse('2026-11-23T20:00:00Z') })).toEqual([]);
  });

  it('is told whatever others forbid work with it: every set of rules', () => {
    for (let set = 0; set < 2 ** RULES.length; set += 1) {
      const refusing = RULES.filter((_, index) => (set & (2 ** index)) !== 0);
      const given = refusing.map(([, one]) => one);
      const usage = given.map((one) => one.usage).filter((one) => one !== undefined);
      const { verdict } = evaluateLimits(
        moment({
          settings: Object.assign({}, ...given.map((one) => one.settings)) as NonNullable<Given['settings']>,
          readings: Object.assign({}, ...given.map((one) => one.readings)) as NonNullable<Given['readings']>,
          usage: {
            totals: Object.assign({ ...NO_USAGE.totals }, ...usage.map((one) => used(one.totals))) as UsageAmounts,
            quota: Object.assign({ ...NO_USAGE.quota }, ...usage.map((one) => limited(one.quota))) as UsageQuota,
          },
        }),
        {},
      );
      const told = verdict.reasons.map(({ rule }) => rule);
      expect(told.toSorted()).toEqual(refusing.map(([rule]) => rule).toSorted());
      expect(verdict.mayWork).toBe(refusing.length === 0);
      // Those that last the longest come first.
      expect(told).toEqual(LIMIT_RULES.filter((rule) => told.includes(rule)));
    }
  });
});

describe('what cannot be read', () => {
  const everything = {
    ...NO_LIMITS,
    workWhenIdleMinutes: 10,
    workOnMainsOnly: true,
    minimumBatteryPercent: 30,
    workOnMetered: false,
    workDuringFullScreen: false,
    maxCpuPercent: 50,
    maxMemoryPercent: 10,
  };

  it('never keeps work from starting, and is said', () => {
    const { verdict } = evaluateLimits(moment({ settings: everything, readings: NO_READINGS }), {});
    expect(verdict.mayWork).toBe(true);
    expect(verdict.unknown.map(({ rule }) => rule).sort()).toEqual(
      ['cpu', 'full_screen', 'idle', 'mains', 'memory', 'metered'].sort(),
    );
  });

  it('lets go at once of what it held before', () => {
    const before = Object.fromEntries(LIMIT_RULES.map((rule) => [rule, { clearSinceMs: null }]));
    expect(rulesAt({ settings: everything, readings: NO_READINGS }, before)).toEqual([]);
  });

  it('is not said of a battery that there is none of', () => {
    const { verdict } = evaluateLimits(
      moment({ settings: { minimumBatteryPercent: 30 }, readings: { batteryPercent: null } }),
      {},
    );
    expect(verdict.unknown).toEqual([]);
  });
});

describe('until when', () => {
  it.each([
    ['hours', REFUSED.hours, Date.parse('2026-11-23T17:00:00Z')],
    ['idle', { settings: { workWhenIdleMinutes: 10 }, readings: { idleMs: 60_000 } }, SUNDAY_NOON_MS + 540_000],
    ['quota_tasks', REFUSED.quota_tasks, DECEMBER_MS],
    ['quota_bytes', REFUSED.quota_bytes, DECEMBER_MS],
  ])('%s is foreseen', (_rule, given, untilMs) => {
    expect(evaluateLimits(moment(given), {}).verdict.reasons[0]?.untilMs).toBe(untilMs);
  });

  it.each(['mains', 'metered', 'full_screen', 'cpu'] as const)('%s is not', (rule) => {
    expect(evaluateLimits(moment(REFUSED[rule]), {}).verdict.reasons[0]).not.toHaveProperty('untilMs');
  });
});

describe('thresholds', () => {
  it.each([
    // floor, charge, refused before, refuses now
    [30, 30, false, false],
    [30, 29.9, false, true],
    [30, 31, true, true],
    [30, 34.9, true, true],
    [98, 100, true, false],
  ])('battery floor %d, charge %d, held %s: refuses is %s', (floor, charge, held, refuses) => {
    const given: Given = {
      settings: { minimumBatteryPercent: floor },
      readings: { onBattery: true, batteryPercent: charge },
    };
    const { verdict } = evaluateLimits(moment(given), held ? HELD('battery') : {});
    const refused = verdict.reasons.some(({ sentence }) => sentence.startsWith('The battery is at'));
    expect(refused).toBe(refuses);
  });

  it('an empty battery on mains does not matter', () => {
    expect(rulesAt({ settings: { minimumBatteryPercent: 30 }, readings: { batteryPercent: 3 } })).toEqual([]);
  });

  it('the share of the processors is let go only well below it, and first by fewer tasks side by side', () => {
    const settings = { maxCpuPercent: 40 };
    const at = (cpuOwnShare: number): Given => ({ settings, readings: { cpuOwnShare } });
    expect(rulesAt({ ...at(0.6), atLowestConcurrency: false })).toEqual([]);
    expect(rulesAt({ ...at(0.6), atLowestConcurrency: true })).toEqual(['cpu']);
    expect(rulesAt(at(0.35))).toEqual([]);
    expect(rulesAt(at(0.35), HELD('cpu'))).toEqual(['cpu']);
    expect(rulesAt(at(0.29), HELD('cpu'))).toEqual([]);
  });

  it('the last memory of the machine is left to others, whatever the share', () => {
    const left = (memoryAvailableBytes: number): Given => ({ readings: { memoryAvailableBytes } });
    expect(rulesAt(left(200e6))).toEqual(['memory']);
    expect(rulesAt(left(300e6))).toEqual([]);
    expect(rulesAt(left(300e6), HELD('memory'))).toEqual(['memory']);
    expect(rulesAt({ readings: { memoryTotalBytes: 1e9, memoryAvailableBytes: 100e6 } })).toEqual([]);
  });
});

describe('flapping', () => {
  it.each(['mains', 'battery', 'metered', 'full_screen'] as const)(
    '%s must have been content for a while before work starts again',
    (rule) => {
      const refused = REFUSED[rule];
      const content: Given = {
        settings: refused.settings ?? {},
        readings: rule === 'battery' ? { onBattery: true, batteryPercent: 50 } : {},
      };
      const first = evaluateLimits(moment(refused), {});
      const second = evaluateLimits(moment({ ...content, monotonicMs: 1_002_000 }), first.memory);
      expect(second.verdict.mayWork).toBe(false);
      const untilMs = second.verdict.reasons[0]?.untilMs ?? 0;
      expect(untilMs).toBeGreaterThan(SUNDAY_NOON_MS);
      const again = evaluateLimits(moment({ ...refused, monotonicMs: 1_020_000 }), second.memory);
      const settling = evaluateLimits(moment({ ...content, monotonicMs: 1_022_000 }), again.memory);
      const waitMs = (settling.verdict.reasons[0]?.untilMs ?? 0) - SUNDAY_NOON_MS;
      const almost = evaluateLimits(moment({ ...content, monotonicMs: 1_022_000 + waitMs - 1 }), settling.memory);
      expect(almost.verdict.mayWork).toBe(false);
      const over = evaluateLimits(moment({ ...content, monotonicMs: 1_022_000 + waitMs }), almost.memory);
      expect(over.verdict.mayWork).toBe(true);
      expect(over.memory).toEqual({});
    },
  );

  it('a limit that the host lifts is lifted at once', () => {
    const first = evaluateLimits(moment(REFUSED.full_screen), {});
    expect(rulesAt({ readings: CALM, settings: { workDuringFullScreen: true } }, first.memory)).toEqual([]);
  });
});
