import type { Clock } from '../protocol/ports.ts';

/** Wakes at least this often, so that a clock that was set forward is noticed. */
const LONGEST_SLEEP_MS = 60_000;

/** One time to wake at, moved as needed. The action reads what is due itself, so that ringing early does no harm. */
export class Alarm {
  readonly #clock: Clock;
  readonly #action: (lateMs: number) => void;
  #ringAtMs: number | null = null;
  #sleeping: AbortController | null = null;
  #closed = false;

  /** @param action is told how late it is: by much when the machine slept or the process was stopped */
  constructor(clock: Clock, action: (lateMs: number) => void) {
    this.#clock = clock;
    this.#action = action;
  }

  /** Rings at this Unix time in milliseconds instead of any other; never for null. */
  ringAt(timeMs: number | null): void {
    if (this.#closed || timeMs === this.#ringAtMs) return;
    this.#ringAtMs = timeMs;
    this.#sleeping?.abort();
    this.#sleeping = null;
    if (timeMs !== null) void this.#sleep(timeMs);
  }

  /** Rings at this time unless an earlier one is set. */
  ringBy(timeMs: number): void {
    if (this.#ringAtMs === null || timeMs < this.#ringAtMs) this.ringAt(timeMs);
  }

  close(): void {
    this.#closed = true;
    this.#sleeping?.abort();
  }

  async #sleep(timeMs: number): Promise<void> {
    const sleeping = new AbortController();
    this.#sleeping = sleeping;
    const delayMs = Math.min(Math.max(0, timeMs - this.#clock.nowMs()), LONGEST_SLEEP_MS);
    await this.#clock.sleep(delayMs, sleeping.signal);
    if (sleeping.signal.aborted || this.#closed) return;
    this.#sleeping = null;
    this.#ringAtMs = null;
    const lateMs = this.#clock.nowMs() - timeMs;
    if (lateMs >= 0) this.#action(lateMs);
    else this.ringAt(timeMs);
  }
}
