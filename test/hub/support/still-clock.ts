import type { TestClock } from './movable-clock.ts';

/** A clock that stands still until a test moves it, however slow the machine is; what sleeps until then wakes at once. */
export class StillClock implements TestClock {
  readonly #startMs: number;
  #aheadMs = 0;
  readonly #sleepers = new Set<{ untilMs: number; wake: () => void }>();

  constructor(startMs = Date.now()) {
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#startMs + this.#aheadMs;
  }

  monotonicMs(): number {
    return this.#aheadMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (delayMs <= 0 || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { untilMs: this.#aheadMs + delayMs, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  advance(byMs: number): void {
    this.#aheadMs += byMs;
    for (const sleeper of this.#sleepers) if (sleeper.untilMs <= this.#aheadMs) sleeper.wake();
  }
}
