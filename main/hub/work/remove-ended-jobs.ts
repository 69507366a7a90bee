import { setImmediate as nextTurn } from 'node:timers/promises';
import { FINAL_STATUSES } from '../store/job-rows.ts';
import type { JobStore } from '../store/job-store.ts';
import type { JobLifecycle } from './job-lifecycle.ts';
import type { Transactions } from './transactions.ts';

/** Jobs are deleted in portions, each in one transaction, so that many of them do not hold the calls up. */
const AT_ONCE = 200;

/**
 * Deletes jobs that ended before `endedBeforeMs` (Unix milliseconds), with their results; their blobs go with the next
 * collection of garbage.
 * @returns how many; fewer than there are when the signal aborts
 */
export async function removeEndedJobs(options: {
  transactions: Transactions;
  jobs: JobStore;
  lifecycle: JobLifecycle;
  endedBeforeMs: number;
  signal: AbortSignal;
}): Promise<number> {
  const { transactions, jobs, lifecycle, endedBeforeMs, signal } = options;
  let removed = 0;
  for (const status of FINAL_STATUSES) {
    for (let isMore = true; isMore && !signal.aborted;) {
      const portion = jobs.endedBefore(status, endedBeforeMs, AT_ONCE);
      transactions.run(() => {
        for (const job of portion) lifecycle.remove(job);
      });
      removed += portion.length;
      isMore = portion.length === AT_ONCE;
      await nextTurn();
    }
  }
  return removed;
}
