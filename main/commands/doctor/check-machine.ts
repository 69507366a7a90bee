import type { AgentConfig } from '../../agent/config/config-schema.ts';
import { evaluateLimits } from '../../agent/limits/evaluate-limits.ts';
import { completeReadings, type MachineReadings } from '../../agent/limits/machine-readings.ts';
import { createMachineReader } from '../../agent/limits/readers/create-machine-reader.ts';
import type { LimitRule } from '../../agent/limits/limit-verdict.ts';
import { monthAt, systemTimeZone } from '../../agent/usage/calendar.ts';
import { systemClock } from '../../protocol/ports.ts';
import { formatBytes } from '../output.ts';
import { type CheckResult, ok, warn } from './check.ts';

/** Use of the processors is a difference between two readings. */
const BETWEEN_READINGS_MS = 500;
/** Limits that are on although the host has asked for none: where they cannot be watched, that is only mentioned. */
const ON_BY_DEFAULT: ReadonlySet<LimitRule> = new Set(['metered', 'full_screen', 'battery']);

/** What can be read of this machine, and whether the host's limits would let work start now. */
export async function checkMachine(config: AgentConfig): Promise<CheckResult[]> {
  const reader = createMachineReader(systemClock);
  await reader.read();
  await systemClock.sleep(BETWEEN_READINGS_MS);
  const readings = completeReadings(await reader.read());
  reader.close();
  return [describeReadings(readings), checkLimits(config, readings)];
}

function describeReadings(readings: MachineReadings): CheckResult {
  const facts: [string, string | null][] = [
    ['power', powerOf(readings)],
    ['processors in use', percent(readings.cpuBusyShare)],
    ['waiting for a processor', percent(readings.cpuPressure)],
    ['memory left', readings.memoryAvailableBytes === null ? null : formatBytes(readings.memoryAvailableBytes)],
    ['last used by a person', readings.idleMs === null ? null : `${Math.round(readings.idleMs / 1_000)} s ago`],
    ['metered connection', yesOrNo(readings.metered)],
    ['full screen', yesOrNo(readings.fullScreen)],
  ];
  const known = facts.filter(([, value]) => value !== null).map(([name, value]) => `${name}: ${value}`);
  const unknown = facts.filter(([, value]) => value === null).map(([name]) => name);
  const parts = [
    known.length === 0 ? '' : `${known.join(', ')}.`,
    unknown.length === 0 ? '' : `Not known here: ${unknown.join(', ')}.`,
  ];
  return ok('machine', parts.filter((part) => part !== '').join(' '));
}

function powerOf({ onBattery, batteryPercent }: MachineReadings): string | null {
  if (onBattery === null) return null;
  const charge = batteryPercent === null ? '' : ` (${Math.round(batteryPercent)} %)`;
  return `${onBattery ? 'battery' : 'mains'}${charge}`;
}

function percent(share: number | null): string | null {
  return share === null ? null : `${Math.round(share * 100)} %`;
}

function yesOrNo(value: boolean | null): string | null {
  return value === null ? null : value ? 'yes' : 'no';
}

function checkLimits(config: AgentConfig, readings: MachineReadings): CheckResult {
  const nowMs = systemClock.nowMs();
  const timeZone = systemTimeZone();
  const { year, month, endsAtMs } = monthAt(nowMs, timeZone);
  const { verdict } = evaluateLimits(
    {
      settings: config,
      readings,
      // Quotas are not looked at: what the month has cost is in the store, which a running agent writes to.
      usage: {
        year,
        month,
        totals: { tasks: 0, browserTimeMs: 0, bytesDown: 0, bytesUp: 0 },
        quota: { tasks: null, browserTimeMs: null, bytes: null },
        resetsAtMs: endsAtMs,
      },
      nowMs,
      monotonicMs: systemClock.monotonicMs(),
      timeZone,
      atLowestConcurrency: true,
    },
    {},
  );
  const unwatched = verdict.unknown.filter(({ rule }) => !ON_BY_DEFAULT.has(rule)).map(({ sentence }) => sentence);
  if (unwatched.length > 0) {
    return warn('limits', unwatched.join(' '), 'These limits have no effect here; set others, such as workHours.');
  }
  if (verdict.mayWork) return ok('limits', 'They let work start now.');
  const reasons = verdict.reasons.map(({ sentence }) => sentence).join(' ');
  return ok('limits', `They keep work from starting now. ${reasons}`);
}
