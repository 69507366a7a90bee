import { backoffMs } from '../../agent/backoff.ts';
import type { Clock, Random } from '../../protocol/ports.ts';

const BACKOFF = { baseMs: 2_000, capMs: 300_000 } as const;
/** After this long without a failure the next one counts as the first again. */
const STEADY_MS = 600_000;

/** How long to wait before a failed agent is started again: longer with each failure that soon follows another. */
export class RestartBackoff {
  readonly #clock: Clock;
  readonly #random: Random;
  #failures = 0;
  #failedAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Counts a failure. @returns milliseconds to wait after it */
  failed(): number {
    const nowMs = this.#clock.monotonicMs();
    this.#failures = nowMs - this.#failedAtMs > STEADY_MS ? 1 : this.#failures + 1;
    this.#failedAtMs = nowMs;
    return backoffMs({ failures: this.#failures, random: this.#random, ...BACKOFF });
  }
}
