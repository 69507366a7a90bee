import type { Clock } from '../../../main/protocol/ports.ts';

/** A clock on which every wait is over at once: the time jumps on by as much. So an agent's back-off costs a test nothing. */
export class HurriedClock implements Clock {
  #aheadMs = 0;

  nowMs(): number {
    return Math.floor(Date.now() + this.#aheadMs);
  }

  monotonicMs(): number {
    return performance.now() + this.#aheadMs;
  }

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    const endMs = this.monotonicMs() + delayMs;
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (signal?.aborted === true) return;
    this.#aheadMs += Math.max(0, Math.min(endMs - this.monotonicMs(), 3_600_000));
  }
}
