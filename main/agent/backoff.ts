import { errorDefinition, type ErrorCode } from '../protocol/error-table.ts';
import type { Random } from '../protocol/ports.ts';

/** Delays between the attempts of a task: 2, 4, 8 … seconds at most, never more than 5 minutes. */
export const TASK_BACKOFF = { baseMs: 1_000, capMs: 300_000 } as const;

/** A site that asks for a longer pause than this makes the failure final: a lease is not held for days. */
export const LONGEST_PAUSE_MS = 24 * 3_600_000;

/**
 * A random delay in whole milliseconds between 0 and `baseMs · 2^failures`, at most `capMs`: exponential backoff with
 * full jitter, so that many that failed together do not come back together.
 * @param failures in a row so far, the latest included; 1 after the first
 */
export function backoffMs(options: { failures: number; random: Random; baseMs: number; capMs: number }): number {
  const ceilingMs = Math.min(options.capMs, options.baseMs * 2 ** Math.max(0, options.failures));
  return Math.floor(options.random() * (ceilingMs + 1));
}

/** Whether a failed task is tried again, and when. */
export type RetryDecision = { kind: 'retry'; runAtMs: number } | { kind: 'final' };

/**
 * The one rule for what follows a failed attempt: the error table may say "never"; attempts may be used up; the site may
 * have said "not before" (RFC 9110, Retry-After), which the delay is then counted from.
 * @param attempts that count, the failed one included
 */
export function retryDecision(options: {
  code: ErrorCode;
  attempts: number;
  maxAttempts: number;
  nowMs: number;
  notBeforeMs: number | undefined;
  random: Random;
}): RetryDecision {
  if (errorDefinition(options.code).retry === 'never' || options.attempts >= options.maxAttempts) {
    return { kind: 'final' };
  }
  const earliestMs = Math.ceil(Math.max(options.nowMs, options.notBeforeMs ?? 0));
  if (earliestMs - options.nowMs > LONGEST_PAUSE_MS) return { kind: 'final' };
  const delayMs = backoffMs({ failures: options.attempts, random: options.random, ...TASK_BACKOFF });
  return { kind: 'retry', runAtMs: earliestMs + delayMs };
}
