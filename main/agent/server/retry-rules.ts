import { parseHttpDate } from '../../protocol/http-date.ts';

/**
 * Whether a call that the hub answered with this status may be tried again: time-outs, early data, rate limits and the
 * hub's own faults (RFC 9110 §15, RFC 6585 §4, RFC 8470 §5.2). Every other 4xx is final.
 */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** A hub cannot keep an agent away for longer than this. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * `Retry-After` (RFC 9110 §10.2.3: seconds or an HTTP date) as milliseconds from now; null when absent or unreadable.
 */
export function parseRetryAfterMs(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  const text = value.trim();
  const dateMs = parseHttpDate(text, nowMs);
  const delayMs = /^\d+$/.test(text) ? Number(text) * 1_000 : dateMs === null ? null : dateMs - nowMs;
  if (delayMs === null) return null;
  return Math.min(Math.max(0, delayMs), MAX_RETRY_AFTER_MS);
}
