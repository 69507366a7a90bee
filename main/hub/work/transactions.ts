import type { JobStatus } from '../store/job-rows.ts';
import type { Store } from '../store/open-store.ts';

/** A job that has just changed its status. */
export interface JobChange {
  jobId: string;
  type: string;
  status: JobStatus | 'deleted';
  attempts: number;
  workerId: string | null;
  /** Code of the error table, when it failed. */
  errorCode: string | null;
}

/** What others must hear of once a transaction is on the disk. */
export class Announcements {
  readonly jobs: JobChange[] = [];
  /** A job can be handed out that could not before. */
  workReady = false;
  /** Workers that have lost a lease, without having asked for it. */
  readonly leaseLosers = new Set<string>();
  leaseGranted = false;
  jobScheduled = false;
  webhookDue = false;
}

/**
 * Runs changes of the store as transactions and tells their consequences only after the commit, so that nobody acts on
 * what a crash takes back.
 */
export class Transactions {
  readonly #store: Store;
  readonly #listeners: ((announcements: Announcements) => void)[] = [];
  #open: Announcements | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Called after each commit; must not throw. */
  onCommit(listener: (announcements: Announcements) => void): void {
    this.#listeners.push(listener);
  }

  /** Runs the work in a transaction, or in the one that is open already. */
  run<T>(work: (announcements: Announcements) => T): T {
    if (this.#open !== null) return work(this.#open);
    const announcements = new Announcements();
    this.#open = announcements;
    let value: T;
    try {
      value = this.#store.transaction(() => work(announcements))();
    } finally {
      this.#open = null;
    }
    for (const listener of this.#listeners) listener(announcements);
    return value;
  }
}
