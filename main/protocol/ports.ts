/** Ports that more than one program uses; each has a real adapter and, in tests, a hand-written fake. */

/** Time. `nowMs` may jump when the system's clock is set; `monotonicMs` never goes back and is for durations. */
export interface Clock {
  /** Unix time in milliseconds. */
  nowMs(): number;
  monotonicMs(): number;
  /** Resolves after `delayMs`, or as soon as the signal aborts (it does not reject). */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured log. Fields never hold a secret, signature, cookie or authorization header; adapters redact them as well. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** Random numbers for jitter, in [0, 1); `Math.random` in programs, a fixed sequence in tests. */
export type Random = () => number;

/** The system's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (delayMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, Math.max(0, Math.min(delayMs, 2 ** 31 - 1)));
      signal?.addEventListener('abort', finish, { once: true });
      return undefined;
    }),
};
