import type { UpdateState } from '../../../preload/contract.ts';
import { describeError } from '../../protocol/describe-error.ts';
import type { Clock, Log } from '../../protocol/ports.ts';
import { explainUpdateError } from './explain-update-error.ts';

/** A version that can be had. */
export interface AvailableUpdate {
  version: string;
  notes: string | null;
}

/** What finds, fetches and installs updates. */
export interface Updater {
  /** null: this is the newest. @throws Error in words for people when it cannot be found out, or is not signed */
  check(): Promise<AvailableUpdate | null>;
  /** @throws Error when it does not come whole */
  download(onPercent: (percent: number) => void): Promise<void>;
  /** Ends the program and puts the new one in its place. */
  install(how: { startAgain: boolean }): void;
}

export interface UpdateFlowOptions {
  /** Or, in a sentence, why this copy does not update itself. */
  updater: Updater | string;
  clock: Clock;
  log: Log;
  /** Ends what runs in order; the update is installed afterwards. */
  restart: () => void;
  /** Whether nothing runs and nobody looks. */
  isQuiet: () => boolean;
}

const FIRST_CHECK_MS = 60_000;
const CHECK_INTERVAL_MS = 6 * 3_600_000;
const QUIET_CHECK_MS = 60_000;
/** An update that waits is installed once nothing has run for so many looks in a row. */
const QUIET_LOOKS = 5;

/** The way of an update, each step of which a person sees: found, fetched when they agree, installed when nothing runs. */
export class UpdateFlow {
  readonly #options: UpdateFlowOptions;
  readonly #listeners = new Set<() => void>();
  readonly #stop = new AbortController();
  #state: UpdateState;
  #isRestart = false;

  constructor(options: UpdateFlowOptions) {
    this.#options = options;
    this.#state =
      typeof options.updater === 'string' ? { state: 'unsupported', sentence: options.updater } : { state: 'unknown' };
  }

  state(): UpdateState {
    return this.#state;
  }

  /** @returns the function that ends the subscription */
  subscribe(onChange: () => void): () => void {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  }

  /** Looks for updates from time to time, and installs one that waits when nothing runs. */
  start(): void {
    if (typeof this.#options.updater === 'string') return;
    void this.#repeat(FIRST_CHECK_MS, CHECK_INTERVAL_MS, () => this.check());
    let quietLooks = 0;
    void this.#repeat(QUIET_CHECK_MS, QUIET_CHECK_MS, () => {
      quietLooks = this.#state.state === 'ready' && this.#options.isQuiet() ? quietLooks + 1 : 0;
      if (quietLooks === QUIET_LOOKS) this.install();
      return Promise.resolve();
    });
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Never rejects: what went wrong is a state. */
  async check(): Promise<void> {
    const { updater, clock } = this.#options;
    if (typeof updater === 'string' || !this.#mayCheck()) return;
    this.#enter({ state: 'checking' });
    try {
      const available = await updater.check();
      this.#enter(
        available === null
          ? { state: 'unavailable', checkedAtMs: Math.floor(clock.nowMs()) }
          : { state: 'available', ...available },
      );
    } catch (error) {
      this.#fail('It could not be found out whether there is an update.', error);
    }
  }

  /** Fetches what was found; the person has agreed. */
  async download(): Promise<void> {
    const { updater } = this.#options;
    if (typeof updater === 'string' || this.#state.state !== 'available') return;
    const { version } = this.#state;
    this.#enter({ state: 'downloading', version, percent: 0 });
    try {
      await updater.download((percent) => {
        if (this.#state.state === 'downloading') this.#enter({ state: 'downloading', version, percent });
      });
      this.#enter({ state: 'ready', version });
    } catch (error) {
      this.#fail(`Version ${version} could not be fetched.`, error);
    }
  }

  /** Ends what runs in order, then installs. */
  install(): void {
    if (this.#state.state !== 'ready') return;
    this.#isRestart = true;
    this.#options.restart();
  }

  /** To be called when everything has ended. False when there is nothing to install. */
  finish(): boolean {
    const { updater } = this.#options;
    if (typeof updater === 'string' || this.#state.state !== 'ready') return false;
    updater.install({ startAgain: this.#isRestart });
    return true;
  }

  #mayCheck(): boolean {
    return !['checking', 'downloading', 'ready'].includes(this.#state.state);
  }

  #fail(what: string, error: unknown): void {
    this.#options.log.warn('an update failed', { what, problem: describeError(error) });
    this.#enter({ state: 'failed', sentence: `${what} ${explainUpdateError(error)}` });
  }

  #enter(state: UpdateState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  async #repeat(firstMs: number, everyMs: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    await this.#options.clock.sleep(firstMs, signal);
    while (!signal.aborted) {
      await work();
      await this.#options.clock.sleep(everyMs, signal);
    }
  }
}
