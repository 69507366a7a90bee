import { durably, explained, type StoreContext } from './store-context.ts';
import type { CleanUpReport } from './task.ts';

/** Free pages that stay in the file for new rows: giving them back only to ask for them again costs writing. */
const KEPT_FREE_PAGES = 256;
/** Pages that one step gives back to the file system; a step of 200 takes about 2 ms. */
const PAGES_A_STEP = 200;

export interface CleanUpRequest {
  /** Tasks that ended before this time go. */
  finishedBeforeMs: number;
  /** Of the ended tasks at most this many stay, the newest. */
  maxRows?: number;
  /** Tasks that one transaction deletes; default 100. */
  chunkRows?: number;
  /** Pause between two transactions; default 10 ms. */
  pauseMs?: number;
  /** Ends the work early, between two transactions. */
  signal?: AbortSignal;
}

interface Candidate {
  sequence: number;
  finishedAtMs: number;
  waiting: number;
}

/** Deletes history in small transactions with pauses between them. What the hub has not confirmed stays. */
export function prepareCleanUp(context: StoreContext) {
  const { database, clock } = context;
  const candidates = database.prepare<unknown[], Candidate>(
    `SELECT sequence, finishedAtMs,
            EXISTS (SELECT 1 FROM outbox WHERE outbox.taskId = tasks.id AND outbox.state = 'waiting') AS waiting
       FROM tasks
      WHERE finishedAtMs <= @finishedBeforeMs AND (finishedAtMs, sequence) > (@afterMs, @afterSequence)
      ORDER BY finishedAtMs, sequence
      LIMIT @limit`,
  );
  const remove = database.prepare('DELETE FROM tasks WHERE sequence = ?');
  const countEnded = database
    .prepare<[], number>(`SELECT coalesce(sum(count), 0) FROM taskCounts WHERE state <> 'live'`)
    .pluck();

  const deleteChunk = durably(
    context,
    (from: { finishedBeforeMs: number; afterMs: number; afterSequence: number; limit: number }) => {
      const rows = candidates.all(from);
      const deletable = rows.filter((row) => row.waiting === 0);
      for (const row of deletable) remove.run(row.sequence);
      return { last: rows.at(-1) ?? null, deleted: deletable.length };
    },
  );

  const freePages = (): number => Number(database.pragma('freelist_count', { simple: true }));

  return async (request: CleanUpRequest): Promise<CleanUpReport> => {
    const chunkRows = request.chunkRows ?? 100;
    const report: CleanUpReport = { deletedTasks: 0, chunks: 0, largestChunk: 0, freedPages: 0 };
    const pause = async (): Promise<boolean> => {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.sleep(request.pauseMs ?? 10, request.signal);
      return request.signal?.aborted !== true && database.open;
    };

    /** Deletes at most `budget` tasks that ended before the time given; false when it was told to stop. */
    const deleteEnded = async (finishedBeforeMs: number, budget: number): Promise<boolean> => {
      let left = budget;
      let position = { afterMs: -1, afterSequence: 0 };
      while (left > 0) {
        const { last, deleted } = deleteChunk({ finishedBeforeMs, ...position, limit: Math.min(chunkRows, left) });
        if (last === null) return true;
        position = { afterMs: last.finishedAtMs, afterSequence: last.sequence };
        left -= deleted;
        report.chunks += 1;
        report.deletedTasks += deleted;
        report.largestChunk = Math.max(report.largestChunk, deleted);
        if (!(await pause())) return false;
      }
      return true;
    };

    if (!(await deleteEnded(request.finishedBeforeMs - 1, Number.POSITIVE_INFINITY))) return report;
    const excess = request.maxRows === undefined ? 0 : (countEnded.get() ?? 0) - request.maxRows;
    if (!(await deleteEnded(Number.MAX_SAFE_INTEGER, excess))) return report;

    for (let free = freePages(); free > KEPT_FREE_PAGES;) {
      const steps = Math.min(PAGES_A_STEP, free - KEPT_FREE_PAGES);
      explained(context, () => database.pragma(`incremental_vacuum(${steps})`));
      const freeNow = freePages();
      if (freeNow >= free) break;
      report.freedPages += free - freeNow;
      free = freeNow;
      if (!(await pause())) return report;
    }
    explained(context, () => database.pragma('wal_checkpoint(PASSIVE)'));
    return report;
  };
}
