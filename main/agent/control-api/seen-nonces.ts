import { MAX_CLOCK_SKEW_SECONDS } from '../../protocol/signature.ts';

/** More than a few hundred calls a second are no use of this API. */
const MAX_NONCES = 100_000;

/**
 * The nonces of accepted calls, for as long as their timestamps would be accepted. They are in memory only: calls that
 * were signed before this start of the agent are refused by their timestamp.
 */
export class SeenNonces {
  readonly #timestamps = new Map<string, number>();

  /** @returns `full` when too many calls were made to remember them all */
  remember(nonce: string, timestamp: number, nowSeconds: number): 'new' | 'seen' | 'full' {
    if (this.#timestamps.has(nonce)) return 'seen';
    if (this.#timestamps.size >= MAX_NONCES) this.#forget(nowSeconds);
    if (this.#timestamps.size >= MAX_NONCES) return 'full';
    this.#timestamps.set(nonce, timestamp);
    return 'new';
  }

  #forget(nowSeconds: number): void {
    for (const [nonce, timestamp] of this.#timestamps) {
      if (timestamp + MAX_CLOCK_SKEW_SECONDS < nowSeconds) this.#timestamps.delete(nonce);
    }
  }
}
