import type { Clock } from '../protocol/ports.ts';

/** Why a sleep ends early. Without a reason of our own each wake would make an exception with a stack trace. */
const WOKEN = new Error('woken');

/** A pause of a loop that somebody may cut short. One sleeper at a time; a wake without a sleeper is forgotten. */
export class WakeableSleep {
  readonly #clock: Clock;
  #sleeper: AbortController | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves after `delayMs`, on `wake`, or when the signal aborts; never rejects. */
  async sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const sleeper = new AbortController();
    this.#sleeper = sleeper;
    const stop = (): void => sleeper.abort(WOKEN);
    signal.addEventListener('abort', stop, { once: true });
    await this.#clock.sleep(delayMs, sleeper.signal);
    signal.removeEventListener('abort', stop);
    if (this.#sleeper === sleeper) this.#sleeper = null;
  }

  /** Ends the sleep that is under way, if any. */
  wake(): void {
    this.#sleeper?.abort(WOKEN);
  }
}
