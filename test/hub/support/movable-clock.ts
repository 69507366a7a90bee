import { systemClock, type Clock } from '../../../main/protocol/ports.ts';

/** A clock that a test can move. */
export interface TestClock extends Clock {
  /** Moves the time on; what sleeps until then wakes at once. */
  advance(byMs: number): void;
}

/** The real clock, which a test can move forward: for hubs and agents that must get on by themselves. */
export class MovableClock implements TestClock {
  #aheadMs = 0;
  readonly #sleepers = new Set<{ untilMs: number; wake: () => void }>();

  nowMs(): number {
    return systemClock.nowMs() + this.#aheadMs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs() + this.#aheadMs;
  }

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const sleeper = { untilMs: this.monotonicMs() + delayMs, wake: () => woken.abort() };
    this.#sleepers.add(sleeper);
    await systemClock.sleep(delayMs, signal === undefined ? woken.signal : AbortSignal.any([signal, woken.signal]));
    this.#sleepers.delete(sleeper);
  }

  advance(byMs: number): void {
    this.#aheadMs += byMs;
    for (const sleeper of this.#sleepers) if (sleeper.untilMs <= this.monotonicMs()) sleeper.wake();
  }
}
