import type { UiSnapshot } from '../../../preload/contract.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { SnapshotContent } from './snapshot-inputs.ts';

/** At most ten snapshots a second. */
const SHORTEST_INTERVAL_MS = 100;

/**
 * Makes snapshots when something has changed: the first change at once, those that follow within a tenth of a second
 * together. One that says the same as the one before is not told; without a listener none is made.
 */
export class SnapshotFeed {
  readonly #clock: Clock;
  readonly #build: () => SnapshotContent;
  readonly #listeners = new Set<(snapshot: UiSnapshot) => void>();
  readonly #stop = new AbortController();
  #sequence = 0;
  #toldSequence = 0;
  #content = '';
  #last: UiSnapshot | null = null;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #isWaiting = false;

  constructor(options: { clock: Clock; build: () => SnapshotContent }) {
    this.#clock = options.clock;
    this.#build = options.build;
  }

  /** The state now. */
  present(): UiSnapshot {
    return this.#make();
  }

  /** @returns the function that ends the subscription */
  subscribe(listener: (snapshot: UiSnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something may have changed. Costs next to nothing while a snapshot is about to be made anyway. */
  changed(): void {
    if (this.#isWaiting || this.#listeners.size === 0 || this.#stop.signal.aborted) return;
    const waitMs = this.#lastAtMs + SHORTEST_INTERVAL_MS - this.#clock.monotonicMs();
    if (waitMs <= 0) {
      this.#tell();
      return;
    }
    this.#isWaiting = true;
    void this.#clock.sleep(waitMs, this.#stop.signal).then(() => {
      this.#isWaiting = false;
      if (!this.#stop.signal.aborted) this.#tell();
      return undefined;
    });
  }

  close(): void {
    this.#stop.abort();
    this.#listeners.clear();
  }

  #tell(): void {
    this.#lastAtMs = this.#clock.monotonicMs();
    const snapshot = this.#make();
    if (snapshot.sequence === this.#toldSequence) return;
    this.#toldSequence = snapshot.sequence;
    for (const listener of this.#listeners) listener(snapshot);
  }

  #make(): UiSnapshot {
    const content = this.#build();
    const text = JSON.stringify(content);
    if (this.#last !== null && text === this.#content) return this.#last;
    this.#content = text;
    this.#sequence += 1;
    this.#last = { sequence: this.#sequence, atMs: Math.floor(this.#clock.nowMs()), ...content };
    return this.#last;
  }
}
