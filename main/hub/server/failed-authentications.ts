import type { Clock } from '../../protocol/ports.ts';
import { HubRefusal } from '../refusal.ts';

const WINDOW_MS = 60_000;
/** Guessers make names up; forgetting all of them then is better than growing without end. */
const MAX_CALLERS = 50_000;

/**
 * Counts refused signatures and keys by network address and claimed name. Whoever has too many in a minute is told to
 * wait until it is over. A right signature or key always passes and is not asked about here: otherwise anybody could
 * lock a worker or the operator out by failing in their name.
 */
export class FailedAuthentications {
  readonly #clock: Clock;
  readonly #maxPerMinute: number;
  readonly #counted: () => void;
  #failures = new Map<string, number>();
  #windowEndsAtMs = 0;

  constructor(options: { clock: Clock; maxPerMinute: number; counted: () => void }) {
    this.#clock = options.clock;
    this.#maxPerMinute = options.maxPerMinute;
    this.#counted = options.counted;
  }

  /** @throws HubRefusal `rate_limited` */
  check(address: string, claimedName: string): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#windowEndsAtMs) return;
    if ((this.#failures.get(`${address} ${claimedName}`) ?? 0) < this.#maxPerMinute) return;
    const retryAfterSeconds = Math.ceil((this.#windowEndsAtMs - nowMs) / 1_000);
    throw new HubRefusal('rate_limited', 'Too many failed authentications.', undefined, retryAfterSeconds);
  }

  note(address: string, claimedName: string): void {
    this.#counted();
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#windowEndsAtMs || this.#failures.size >= MAX_CALLERS) {
      this.#failures = new Map();
      this.#windowEndsAtMs = nowMs + WINDOW_MS;
    }
    const caller = `${address} ${claimedName}`;
    this.#failures.set(caller, (this.#failures.get(caller) ?? 0) + 1);
  }
}
