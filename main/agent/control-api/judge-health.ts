import type { HealthProblem } from './messages.ts';

/** How an attempt ended, as far as the machine's health goes. */
export type AttemptVerdict = 'ok' | 'infrastructure' | 'other';

/** What the health of an agent is judged by. Times are Unix milliseconds. */
export interface HealthFacts {
  nowMs: number;
  /** The connection to the hub, and since when it is so; null without a hub. */
  hub: { state: string; reason: string | null; sinceMs: number } | null;
  /** How the latest attempts ended, the newest last. */
  attempts: readonly AttemptVerdict[];
  isBrowserMissing: boolean;
  /** Why results find no room, or the store takes no changes; null when all is well. */
  disk: string | null;
  store: string | null;
  /** The hub's clock minus this machine's. */
  clockOffsetMs: number;
  /** Since when tasks are due and may start, and yet none has started; null when that is not so. */
  dueAndIdleSinceMs: number | null;
}

/** How long a hub may be away, attempts may fail and due tasks may wait, before somebody should look. */
export const HEALTH_LIMITS = {
  hubAwayMs: 5 * 60_000,
  failedAttempts: 5,
  clockOffsetMs: 30_000,
  stuckMs: 5 * 60_000,
} as const;

function minutes(durationMs: number): string {
  const whole = Math.floor(durationMs / 60_000);
  return whole === 1 ? '1 minute' : `${whole} minutes`;
}

function hubProblem({ hub, nowMs }: HealthFacts): HealthProblem | null {
  if (hub === null || hub.state === 'connected' || hub.state === 'ended') return null;
  const because = hub.reason === null ? '' : ` ${hub.reason}`;
  if (hub.state === 'revoked' || hub.state === 'superseded' || hub.state === 'too_old' || hub.state === 'unaccepted') {
    const message = `The hub does not work with this agent (${hub.state}).${because}`;
    return { code: 'hub_refuses', message, sinceMs: hub.sinceMs };
  }
  const awayMs = nowMs - hub.sinceMs;
  if (awayMs < HEALTH_LIMITS.hubAwayMs) return null;
  const message = `The hub has not answered for ${minutes(awayMs)}.${because}`;
  return { code: 'hub_unreachable', message, sinceMs: hub.sinceMs };
}

function browserProblem({ isBrowserMissing, attempts }: HealthFacts): HealthProblem | null {
  if (isBrowserMissing) {
    return { code: 'browser_missing', message: 'No usable Chromium was found. Run `legwork doctor`.', sinceMs: null };
  }
  const latest = attempts.slice(-HEALTH_LIMITS.failedAttempts);
  const isFailing = latest.length === HEALTH_LIMITS.failedAttempts && latest.every((end) => end === 'infrastructure');
  if (!isFailing) return null;
  const message =
    `The last ${HEALTH_LIMITS.failedAttempts} attempts failed on this machine, not on their pages. ` +
    'Run `legwork doctor`, and look at the log.';
  return { code: 'browser_failing', message, sinceMs: null };
}

function clockProblem({ clockOffsetMs }: HealthFacts): HealthProblem | null {
  if (Math.abs(clockOffsetMs) < HEALTH_LIMITS.clockOffsetMs) return null;
  const seconds = Math.round(Math.abs(clockOffsetMs) / 1_000);
  const direction = clockOffsetMs > 0 ? 'behind' : 'ahead of';
  const message = `The clock of this machine is ${seconds} s ${direction} the hub's. Set it.`;
  return { code: 'clock_off', message, sinceMs: null };
}

function queueProblem({ dueAndIdleSinceMs, nowMs }: HealthFacts): HealthProblem | null {
  if (dueAndIdleSinceMs === null || nowMs - dueAndIdleSinceMs < HEALTH_LIMITS.stuckMs) return null;
  const message = `Tasks are due and may start, but none has started for ${minutes(nowMs - dueAndIdleSinceMs)}.`;
  return { code: 'queue_stuck', message, sinceMs: dueAndIdleSinceMs };
}

/** What is wrong with an agent, the gravest first; empty when it is well. A pause is not wrong. Pure. */
export function judgeHealth(facts: HealthFacts): HealthProblem[] {
  return [
    facts.disk === null ? null : ({ code: 'disk_low', message: facts.disk, sinceMs: null } as const),
    facts.store === null ? null : ({ code: 'store_failing', message: facts.store, sinceMs: null } as const),
    browserProblem(facts),
    hubProblem(facts),
    queueProblem(facts),
    clockProblem(facts),
  ].filter((problem) => problem !== null);
}
