import { SitePoliteness, type SiteLimits } from '../../../main/agent/politeness/site-politeness.ts';
import type { ClaimedTask, NewTask } from '../../../main/agent/queue/task.ts';
import type { Lane } from '../../../main/protocol/fields.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { localTask, openStore, type Store } from '../queue/queue-fixture.ts';

const LIMITS: SiteLimits = { concurrency: 2, intervalMs: 0, longestPauseMs: 900_000 };

/** A queue with politeness before it, used as the executor uses it. */
export class Line {
  readonly store: Store;
  sites: SitePoliteness;
  limits: SiteLimits;
  /** Whether a task that starts is at its site at once. */
  isBrowserWarm = true;

  constructor(limits: Partial<SiteLimits> = {}, store = openStore()) {
    this.store = store;
    this.limits = { ...LIMITS, ...limits };
    this.sites = this.#open();
  }

  #open(): SitePoliteness {
    const { queue, clock } = this.store;
    return new SitePoliteness({ limits: () => this.limits, notes: queue, clock, log: new RecordingLog() });
  }

  restart(): void {
    this.store.queue.beginEpoch();
    this.sites = this.#open();
  }

  add(url: string, more: Partial<NewTask> = {}): string {
    return this.store.queue.enqueue(localTask({ url, ...more })).task.id;
  }

  claim(limit = 10, lane: Lane = 'page'): ClaimedTask[] {
    this.sites.release(this.store.queue);
    const claimed = this.store.queue.claim({ lane, limit, epoch: 1, gate: this.sites.gate(lane) });
    for (const { task } of claimed) {
      const site = new URL(task.url).hostname;
      this.sites.started(site);
      if (this.isBrowserWarm) this.sites.arrived(site);
    }
    return claimed;
  }

  /** Ends an attempt as a success. */
  end({ task, attemptId }: ClaimedTask): void {
    this.sites.ended(new URL(task.url).hostname, this.isBrowserWarm);
    this.store.queue.complete({ attemptId, result: {}, blobs: [] });
  }

  urls(limit = 10, lane: Lane = 'page'): string[] {
    return this.claim(limit, lane).map(({ task }) => task.url);
  }
}

/** @throws Error when there is none */
export function first(claimed: ClaimedTask[]): ClaimedTask {
  const [task] = claimed;
  if (task === undefined) throw new Error('nothing was claimed');
  return task;
}

/** Addresses of different pages of one site. */
export const many = (count: number, site: string): string[] =>
  Array.from({ length: count }, (_, index) => `https://${site}/${index}`);
