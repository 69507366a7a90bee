import { describeError } from '../protocol/describe-error.ts';
import type { Log } from '../protocol/ports.ts';

const RETRY_MS = 5_000;

/**
 * Whether the store takes changes. After a refusal (a full disk) nothing new is started until a change has gone
 * through, or some time has passed and trying again may show that it is well.
 */
export class StoreHealth {
  readonly #log: Log;
  readonly #onChange: () => void;
  #problem: string | null = null;

  constructor(options: { log: Log; onChange: () => void }) {
    this.#log = options.log;
    this.#onChange = options.onChange;
  }

  /** What the store said when it refused; null when it is well. */
  get problem(): string | null {
    return this.#problem;
  }

  failed(error: unknown): void {
    this.#log.error('the store refused a change', { problem: describeError(error) });
    this.#problem = describeError(error);
    setTimeout(() => this.succeeded(), RETRY_MS).unref();
    this.#onChange();
  }

  succeeded(): void {
    if (this.#problem === null) return;
    this.#problem = null;
    this.#onChange();
  }
}
