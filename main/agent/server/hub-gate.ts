import { LegworkError } from '../../protocol/error-table.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import { backoffMs } from '../backoff.ts';

const BASE_MS = 1_000;
const CAP_MS = 300_000;

/**
 * One back-off for one hub, shared by every loop that calls it: it grows with the failures in a row, whoever met them,
 * and while the hub is failing only one call at a time goes through. So a hub that was down is first asked once, and
 * then served at the usual pace, however much has piled up meanwhile.
 */
export class HubGate {
  readonly #clock: Clock;
  readonly #random: Random;
  #failures = 0;
  #notBeforeMs = 0;
  #probing = false;
  #waiting: (() => void)[] = [];

  constructor(options: { clock: Clock; random: Random }) {
    this.#clock = options.clock;
    this.#random = options.random;
  }

  /** True while the last call failed: the next one is a probe and should be short. */
  get failing(): boolean {
    return this.#failures > 0;
  }

  /** How long until the next call may go out, in milliseconds. */
  get delayMs(): number {
    return Math.max(0, this.#notBeforeMs - this.#clock.monotonicMs());
  }

  /**
   * Runs a call when its time has come, and learns from how it ends.
   * @param isHubFailure whether an error means that the hub itself cannot serve (then everybody backs off)
   * @throws whatever the call throws; LegworkError `shutdown` when the signal aborts first
   */
  async pass<T>(
    call: () => Promise<T>,
    isHubFailure: (error: unknown) => { retryAfterMs: number | null } | null,
    signal: AbortSignal,
  ): Promise<T> {
    const probing = await this.#enter(signal);
    const failuresAtStart = this.#failures;
    try {
      const value = await call();
      this.#failures = 0;
      this.#notBeforeMs = 0;
      return value;
    } catch (error) {
      const failure = isHubFailure(error);
      // Calls that were under way together fail together: that is one failure of the hub, not several.
      if (failure !== null && failuresAtStart === this.#failures) this.#failed(failure.retryAfterMs);
      throw error;
    } finally {
      if (probing) this.#probing = false;
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  /** Forgets the failures: the host asked to try again now, or the network has changed. */
  reset(): void {
    this.#failures = 0;
    this.#notBeforeMs = 0;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Waits for this call's turn; true when it goes alone, as the probe of a failing hub. */
  async #enter(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      if (signal.aborted) throw new LegworkError('shutdown');
      const delayMs = this.delayMs;
      if (delayMs > 0 || (this.failing && this.#probing)) {
        await this.#wait(delayMs > 0 ? delayMs : CAP_MS, signal);
      } else {
        // Decided here, without a pause in between, so that of several that wake together only one goes.
        this.#probing = this.failing;
        return this.#probing;
      }
    }
  }

  async #wait(delayMs: number, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const wake = (): void => stop.abort();
    this.#waiting.push(wake);
    signal.addEventListener('abort', wake, { once: true });
    await this.#clock.sleep(delayMs, stop.signal);
    signal.removeEventListener('abort', wake);
    this.#waiting = this.#waiting.filter((other) => other !== wake);
  }

  #failed(retryAfterMs: number | null): void {
    this.#failures += 1;
    const delayMs = backoffMs({ failures: this.#failures, random: this.#random, baseMs: BASE_MS, capMs: CAP_MS });
    this.#notBeforeMs = this.#clock.monotonicMs() + Math.max(delayMs, retryAfterMs ?? 0);
  }
}
