import type { JsonObject, Progress } from '../protocol/fields.ts';
import type { Clock } from '../protocol/ports.ts';

export type HubEventKind = 'job' | 'progress' | 'worker' | 'gap';

/** Something that happened, for whoever watches. `id` is empty for what is not kept for catching up. */
export interface HubEvent {
  id: string;
  kind: HubEventKind;
  data: JsonObject;
}

const PROGRESS_EVERY_MS = 250;

/**
 * What happens in the hub, live and with a bounded memory for readers that reconnect. Progress is coalesced to its
 * newest state a job and not kept: it is worthless later.
 */
export class EventStream {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #listeners = new Set<(event: HubEvent) => void>();
  readonly #progress = new Map<string, Progress>();
  readonly #closed = new AbortController();
  /** Differs with each start of the hub, so that an id of an earlier one is recognised as such. */
  readonly #start: string;
  #kept: HubEvent[] = [];
  #count = 0;
  #flushing = false;

  constructor(clock: Clock, capacity: number) {
    this.#clock = clock;
    this.#capacity = capacity;
    this.#start = clock.nowMs().toString(36);
  }

  publish(kind: 'job' | 'worker', data: JsonObject): void {
    this.#count += 1;
    const event: HubEvent = { id: `${this.#start}-${this.#count}`, kind, data };
    this.#kept.push(event);
    if (this.#kept.length >= this.#capacity * 2) this.#kept = this.#kept.slice(-this.#capacity);
    this.#tell(event);
  }

  publishProgress(jobId: string, progress: Progress): void {
    if (this.#listeners.size === 0) return;
    this.#progress.set(jobId, progress);
    if (!this.#flushing) void this.#flushSoon();
  }

  /**
   * Follows the stream from after `lastEventId`, or from now on when it is null.
   * @returns what was missed, oldest first; a `gap` event stands for what is not kept any more
   */
  follow(lastEventId: string | null, listener: (event: HubEvent) => void): { missed: HubEvent[]; stop: () => void } {
    this.#listeners.add(listener);
    return { missed: this.#missedSince(lastEventId), stop: () => this.#listeners.delete(listener) };
  }

  close(): void {
    this.#closed.abort();
    this.#listeners.clear();
  }

  #missedSince(lastEventId: string | null): HubEvent[] {
    if (lastEventId === null) return [];
    const kept = this.#kept.slice(-this.#capacity);
    const position = kept.findIndex((event) => event.id === lastEventId);
    if (position >= 0) return kept.slice(position + 1);
    if (lastEventId === `${this.#start}-${this.#count}`) return [];
    return [{ id: '', kind: 'gap', data: { reason: 'Events were missed. Read the lists again.' } }, ...kept];
  }

  #tell(event: HubEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async #flushSoon(): Promise<void> {
    this.#flushing = true;
    await this.#clock.sleep(PROGRESS_EVERY_MS, this.#closed.signal);
    this.#flushing = false;
    for (const [jobId, progress] of this.#progress) this.#tell({ id: '', kind: 'progress', data: { jobId, progress } });
    this.#progress.clear();
  }
}
