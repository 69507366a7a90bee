import type { LimitInput, LimitSettings } from '../../../main/agent/limits/evaluate-limits.ts';
import { NO_READINGS, type MachineReadings } from '../../../main/agent/limits/machine-readings.ts';
import type { MonthUsage } from '../../../main/agent/usage/usage-amounts.ts';

/** Every limit off. */
export const NO_LIMITS: LimitSettings = {
  workHours: '',
  workWhenIdleMinutes: 0,
  workOnMainsOnly: false,
  minimumBatteryPercent: 0,
  workOnMetered: true,
  workDuringFullScreen: true,
  maxCpuPercent: 100,
  maxMemoryPercent: 100,
};

/** A machine that nothing is wrong with: mains, nobody there, an unmetered line, memory enough. */
export const CALM: MachineReadings = {
  ...NO_READINGS,
  idleMs: 3_600_000,
  onBattery: false,
  batteryPercent: 80,
  metered: false,
  fullScreen: false,
  cpuBusyShare: 0.05,
  cpuOwnShare: 0,
  cpuPressure: 0,
  memoryPressure: 0,
  memoryTotalBytes: 16e9,
  memoryAvailableBytes: 10e9,
  memoryOwnBytes: 0.3e9,
};

/** Sunday, 22 November 2026, 12:00 in Berlin. */
export const SUNDAY_NOON_MS = Date.parse('2026-11-22T11:00:00Z');
export const DECEMBER_MS = Date.parse('2026-11-30T23:00:00Z');

export const NO_USAGE: MonthUsage = {
  year: 2026,
  month: 11,
  totals: { tasks: 0, browserTimeMs: 0, bytesDown: 0, bytesUp: 0 },
  quota: { tasks: null, browserTimeMs: null, bytes: null },
  resetsAtMs: DECEMBER_MS,
};

/** A moment at which every rule is content, but for what is given. */
export function moment(
  given: {
    settings?: Partial<LimitSettings>;
    readings?: Partial<MachineReadings>;
    usage?: Partial<MonthUsage>;
  } & Partial<Pick<LimitInput, 'nowMs' | 'monotonicMs' | 'atLowestConcurrency'>> = {},
): LimitInput {
  return {
    nowMs: SUNDAY_NOON_MS,
    monotonicMs: 1_000_000,
    atLowestConcurrency: true,
    timeZone: 'Europe/Berlin',
    ...given,
    settings: { ...NO_LIMITS, ...given.settings },
    readings: { ...CALM, ...given.readings },
    usage: { ...NO_USAGE, ...given.usage },
  };
}
