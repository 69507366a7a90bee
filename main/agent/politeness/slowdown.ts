/** What is remembered of a site that has asked for less: when it may be visited again. */
export interface Slowdown {
  /** Answers in a row that asked for less (429, 503). */
  strikes: number;
  pauseMs: number;
}

/** The pause after an answer that names none: 5 s, 10, 20 … up to a minute. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_UNASKED_PAUSE_MS = 60_000;

/** Whether a status says that the site is being visited too much: Too Many Requests (RFC 6585), Service Unavailable. */
export function asksForLess(status: number): boolean {
  return status === 429 || status === 503;
}

/**
 * How a site is to be slowed down after an answer that asks for less. Its Retry-After (RFC 9110, 10.2.3) is heeded up
 * to a limit, so that no answer shuts a site for good; without one the pause grows with each such answer. Pure.
 * @param retryAfterMs milliseconds from now, null when the answer names none
 */
export function slowdownAfter(options: {
  earlierStrikes: number;
  retryAfterMs: number | null;
  longestPauseMs: number;
}): Slowdown {
  const strikes = options.earlierStrikes + 1;
  const unaskedMs = Math.min(LONGEST_UNASKED_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(strikes - 1, 10));
  const wantedMs = Math.max(0, options.retryAfterMs ?? unaskedMs);
  return { strikes, pauseMs: Math.min(wantedMs, options.longestPauseMs) };
}
