import type { AgentConfig } from '../config/config-schema.ts';
import type { MonthUsage } from '../usage/usage-amounts.ts';
import { LIMIT_CHECKS, LIMIT_RULES, type RuleFinding } from './limit-checks.ts';
import type { LimitReason, LimitRule, LimitVerdict } from './limit-verdict.ts';
import type { MachineReadings } from './machine-readings.ts';

/** The settings that the rules read. */
export type LimitSettings = Pick<
  AgentConfig,
  | 'workHours'
  | 'workWhenIdleMinutes'
  | 'workOnMainsOnly'
  | 'minimumBatteryPercent'
  | 'workOnMetered'
  | 'workDuringFullScreen'
  | 'maxCpuPercent'
  | 'maxMemoryPercent'
>;

/** Everything that decides whether work may start at a moment. */
export interface LimitInput {
  settings: LimitSettings;
  readings: MachineReadings;
  /** This month's usage and quota. */
  usage: MonthUsage;
  nowMs: number;
  /** Never goes back, for how long something has lasted. */
  monotonicMs: number;
  /** IANA name of the host's time zone. */
  timeZone: string;
  /** Whether tasks run one by one already, so that running fewer side by side cannot spare more. */
  atLowestConcurrency: boolean;
}

/** Since when (monotonic) a rule that forbids work would allow it again; null while it would not. By rule. */
export type LimitMemory = Readonly<Partial<Record<LimitRule, { clearSinceMs: number | null }>>>;

/**
 * How long a rule must have been content before it lets work start again, milliseconds: a cable that is plugged in and
 * out, or a film that is paused, must not start and stop browsers. The other rules cannot flap.
 */
const SETTLE_MS: Readonly<Partial<Record<LimitRule, number>>> = {
  mains: 30_000,
  battery: 30_000,
  metered: 30_000,
  full_screen: 60_000,
};

/**
 * Whether work may start, by the host's rules. Pure: what a rule said before comes in as `before` and goes out as
 * `memory`, since a rule lets go later, and at another threshold, than it takes hold.
 */
export function evaluateLimits(input: LimitInput, before: LimitMemory): { verdict: LimitVerdict; memory: LimitMemory } {
  const reasons: LimitReason[] = [];
  const unknown: LimitVerdict['unknown'] = [];
  const memory: Partial<Record<LimitRule, { clearSinceMs: number | null }>> = {};
  for (const rule of LIMIT_RULES) {
    const held = before[rule];
    const finding = LIMIT_CHECKS[rule](input, held !== undefined);
    switch (finding.state) {
      case 'off':
      case 'unknown':
        if (finding.state === 'unknown') unknown.push({ rule, sentence: finding.sentence });
        break;
      case 'refuses':
        memory[rule] = { clearSinceMs: null };
        reasons.push(reasonOf(rule, finding));
        break;
      case 'allows': {
        const settleMs = SETTLE_MS[rule] ?? 0;
        if (held === undefined || settleMs === 0) break;
        const clearSinceMs = held.clearSinceMs ?? input.monotonicMs;
        const leftMs = clearSinceMs + settleMs - input.monotonicMs;
        if (leftMs <= 0) break;
        memory[rule] = { clearSinceMs };
        reasons.push({ rule, sentence: finding.sentence, untilMs: input.nowMs + leftMs });
        break;
      }
    }
  }
  return { verdict: { mayWork: reasons.length === 0, reasons, unknown }, memory };
}

function reasonOf(rule: LimitRule, finding: Extract<RuleFinding, { state: 'refuses' }>): LimitReason {
  const { sentence, untilMs } = finding;
  return { rule, sentence, ...(untilMs === undefined ? {} : { untilMs }) };
}
