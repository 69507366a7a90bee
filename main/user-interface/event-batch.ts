import type { Clock } from '../protocol/ports.ts';

/** Collects what happens in a row, so that it is told together. */
export class EventBatch<Item> {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #maxItems: number;
  readonly #tell: (items: Item[]) => void;
  readonly #stop = new AbortController();
  #items: Item[] = [];
  #isWaiting = false;

  /** @param options.maxItems of more, only the newest are told */
  constructor(options: { clock: Clock; intervalMs: number; maxItems: number; tell: (items: Item[]) => void }) {
    this.#clock = options.clock;
    this.#intervalMs = options.intervalMs;
    this.#maxItems = options.maxItems;
    this.#tell = options.tell;
  }

  add(item: Item): void {
    this.#items.push(item);
    if (this.#items.length > this.#maxItems * 2) this.#items = this.#items.slice(-this.#maxItems);
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    void this.#clock.sleep(this.#intervalMs, this.#stop.signal).then(() => {
      this.#isWaiting = false;
      const items = this.#items.slice(-this.#maxItems);
      this.#items = [];
      if (!this.#stop.signal.aborted) this.#tell(items);
      return undefined;
    });
  }

  close(): void {
    this.#stop.abort();
  }
}
