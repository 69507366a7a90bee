import { parseHttpDate } from '../protocol/http-date.ts';

/** A pause that is asked for is never taken for longer than this: 30 days. */
const LONGEST_MS = 30 * 86_400_000;

/**
 * The pause that a Retry-After asks for (RFC 9110, 10.2.3): seconds, or an HTTP date.
 * @returns milliseconds from now; null for no header, and for one that is neither
 */
export function retryAfterMs(value: string | undefined, nowMs: number): number | null {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, LONGEST_MS);
  const dateMs = parseHttpDate(text, nowMs);
  return dateMs === null ? null : Math.min(Math.max(0, dateMs - nowMs), LONGEST_MS);
}
