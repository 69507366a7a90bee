import type { LimitInput } from './evaluate-limits.ts';
import type { LimitRule } from './limit-verdict.ts';
import { isOpen, nextChange, parseWorkHours } from './work-hours.ts';

/** What one rule makes of a moment. */
export type RuleFinding =
  /** The host has not set it. */
  | { state: 'off' }
  /** It is set, and this machine cannot tell. */
  | { state: 'unknown'; sentence: string }
  /** The sentence is why work does not start yet all the same, when it had been refused just before. */
  | { state: 'allows'; sentence: string }
  | { state: 'refuses'; sentence: string; untilMs?: number };

/** `held`: the rule was refusing just before, and lets go at another threshold than it takes hold. */
type RuleCheck = (input: LimitInput, held: boolean) => RuleFinding;

const OFF: RuleFinding = { state: 'off' };
const MINUTE_MS = 60_000;
/** Battery and shares must get better by so much before work starts again. */
const BATTERY_MARGIN_PERCENT = 5;
const SHARE_MARGIN = 0.75;
/** Below this the whole machine is about to run out of memory, whoever uses it. */
const LAST_MEMORY_BYTES = 256 * 1024 ** 2;
const LAST_MEMORY_SHARE = 0.03;

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

const hours: RuleCheck = ({ settings, nowMs, timeZone }) => {
  const workHours = parseWorkHours(settings.workHours) ?? [];
  if (workHours.length === 0) return OFF;
  if (isOpen(workHours, nowMs, timeZone)) return { state: 'allows', sentence: '' };
  const untilMs = nextChange(workHours, nowMs, timeZone);
  return { state: 'refuses', sentence: 'It is outside the hours of work.', ...(untilMs === null ? {} : { untilMs }) };
};

const idle: RuleCheck = ({ settings, readings, nowMs }) => {
  const wantedMs = settings.workWhenIdleMinutes * MINUTE_MS;
  if (wantedMs === 0) return OFF;
  if (readings.idleMs === null) {
    return { state: 'unknown', sentence: 'Whether somebody uses this machine cannot be told here.' };
  }
  if (readings.idleMs >= wantedMs) return { state: 'allows', sentence: '' };
  return {
    state: 'refuses',
    sentence: `Somebody uses this machine; work starts after ${settings.workWhenIdleMinutes} minutes without that.`,
    untilMs: nowMs + wantedMs - readings.idleMs,
  };
};

const mains: RuleCheck = ({ settings, readings }) => {
  if (!settings.workOnMainsOnly) return OFF;
  if (readings.onBattery === null) {
    return { state: 'unknown', sentence: 'Whether this machine is on mains power cannot be told here.' };
  }
  if (readings.onBattery) return { state: 'refuses', sentence: 'The machine is on battery.' };
  return { state: 'allows', sentence: 'The machine is on mains power again only just now.' };
};

const battery: RuleCheck = ({ settings, readings }, held) => {
  const floor = settings.minimumBatteryPercent;
  // On mains, or where there is no battery, there is nothing to spare.
  if (floor === 0 || readings.onBattery !== true) return OFF;
  if (readings.batteryPercent === null) {
    return { state: 'unknown', sentence: 'The charge of the battery cannot be told here.' };
  }
  const wanted = held ? Math.min(100, floor + BATTERY_MARGIN_PERCENT) : floor;
  const charge = Math.floor(readings.batteryPercent);
  if (charge >= wanted) return { state: 'allows', sentence: 'The battery is charged enough only just now.' };
  return { state: 'refuses', sentence: `The battery is at ${charge} %; work needs ${wanted} %, or mains power.` };
};

const metered: RuleCheck = ({ settings, readings }) => {
  if (settings.workOnMetered) return OFF;
  if (readings.metered === null) {
    return { state: 'unknown', sentence: 'Whether the network connection is metered cannot be told here.' };
  }
  if (readings.metered) return { state: 'refuses', sentence: 'The network connection is metered.' };
  return { state: 'allows', sentence: 'The network connection is no longer metered only just now.' };
};

const fullScreen: RuleCheck = ({ settings, readings }) => {
  if (settings.workDuringFullScreen) return OFF;
  if (readings.fullScreen === null) {
    return { state: 'unknown', sentence: 'Whether a program fills the screen cannot be told here.' };
  }
  if (readings.fullScreen) return { state: 'refuses', sentence: 'A program fills the screen.' };
  return { state: 'allows', sentence: 'A program filled the screen a moment ago.' };
};

const cpu: RuleCheck = ({ settings, readings, atLowestConcurrency }, held) => {
  const share = settings.maxCpuPercent / 100;
  if (share >= 1) return OFF;
  if (readings.cpuOwnShare === null) {
    return { state: 'unknown', sentence: 'How much of the processors Legwork uses cannot be told here.' };
  }
  const isTooMuch = readings.cpuOwnShare > (held ? share * SHARE_MARGIN : share);
  // First fewer tasks run side by side; only when there is but one left it has to wait.
  if (!isTooMuch || (!held && !atLowestConcurrency)) return { state: 'allows', sentence: '' };
  const used = percent(readings.cpuOwnShare);
  return { state: 'refuses', sentence: `Legwork has used ${used} of the processors; it may use ${percent(share)}.` };
};

const memory: RuleCheck = ({ settings, readings, atLowestConcurrency }, held) => {
  const { memoryTotalBytes: total, memoryAvailableBytes: available, memoryOwnBytes: own } = readings;
  const share = settings.maxMemoryPercent / 100;
  if (total !== null && available !== null) {
    const last = Math.min(LAST_MEMORY_BYTES, total * LAST_MEMORY_SHARE);
    if (available < (held ? last / SHARE_MARGIN : last)) {
      return { state: 'refuses', sentence: 'The machine has hardly any memory left.' };
    }
  }
  if (share >= 1) return { state: 'allows', sentence: '' };
  if (total === null || own === null) {
    return { state: 'unknown', sentence: 'How much memory Legwork uses cannot be told here.' };
  }
  const isTooMuch = own > total * (held ? share * SHARE_MARGIN : share);
  if (!isTooMuch || (!held && !atLowestConcurrency)) return { state: 'allows', sentence: '' };
  const used = percent(own / total);
  return { state: 'refuses', sentence: `Legwork holds ${used} of the memory; it may hold ${percent(share)}.` };
};

/** A quota is reached when it is used up; it is whole again on the first of the month. */
function quota(used: number, allowed: number | null, what: string, untilMs: number): RuleFinding {
  if (allowed === null) return OFF;
  if (used < allowed) return { state: 'allows', sentence: '' };
  return { state: 'refuses', sentence: `This month's quota of ${what} is used up.`, untilMs };
}

/** Every rule of the host, by name. */
export const LIMIT_CHECKS: Readonly<Record<LimitRule, RuleCheck>> = {
  quota_tasks: ({ usage }) => quota(usage.totals.tasks, usage.quota.tasks, 'tasks', usage.resetsAtMs),
  quota_browser_time: ({ usage }) =>
    quota(usage.totals.browserTimeMs, usage.quota.browserTimeMs, 'browser time', usage.resetsAtMs),
  quota_bytes: ({ usage: { totals, quota: allowed, resetsAtMs } }) =>
    quota(totals.bytesDown + totals.bytesUp, allowed.bytes, 'network traffic', resetsAtMs),
  hours,
  metered,
  battery,
  mains,
  full_screen: fullScreen,
  idle,
  memory,
  cpu,
};

/** The rules, those first that usually last the longest: in this order their reasons are told. */
export const LIMIT_RULES = Object.keys(LIMIT_CHECKS) as LimitRule[];
