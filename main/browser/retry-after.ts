/** A pause that is asked for is never taken for longer than this: 30 days. */
const LONGEST_MS = 30 * 86_400_000;

/**
 * The pause that a Retry-After asks for (RFC 9110, 10.2.3): seconds, or an HTTP date.
 * @returns milliseconds from now; null for no header, and for one that is neither
 */
export function retryAfterMs(value: string | undefined, nowMs: number): number | null {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, LONGEST_MS);
  // Date.parse takes much more than an HTTP date, such as "-5" or "1.5".
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return null;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? null : Math.min(Math.max(0, dateMs - nowMs), LONGEST_MS);
}
