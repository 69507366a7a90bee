import type { Lane } from '../../protocol/fields.ts';
import { formatAttemptId } from './attempt-id.ts';
import { TASK_COLUMNS, taskFromRow } from './rows.ts';
import { durably, explained, lightly, type StoreContext } from './store-context.ts';
import type { ClaimedTask } from './task.ts';

/** Counting stops here: whoever asks wants to know whether there is enough. */
const COUNT_LIMIT = 10_000;

/** All priorities by name: the index is then searched once for each, and tasks that are not due yet cost nothing. */
const PRIORITIES = '1, 2, 3, 4, 5, 6, 7, 8, 9, 10';

/** The statement that takes tasks; its plan is asserted by a test. */
export const CLAIM_SQL = `
  UPDATE tasks
     SET status = 'processing', attempts = attempts + 1, lastAttemptNumber = lastAttemptNumber + 1,
         startedAtMs = @nowMs, claimedEpoch = @epoch, progressPercent = 0, progressStage = ''
   WHERE sequence IN (
     SELECT sequence FROM tasks
      WHERE status = 'pending' AND lane = @lane AND priority IN (${PRIORITIES}) AND runAtMs <= @nowMs
        AND (leaseExpiresAtMs IS NULL OR leaseExpiresAtMs > @nowMs)
      ORDER BY priority, runAtMs, sequence
      LIMIT @limit)
  RETURNING sequence`;

/** Earliest time from which a lane has something to claim; one short search for each priority. */
export const NEXT_RUN_SQL = `
  WITH priorities (priority) AS (VALUES ${PRIORITIES.replace(/\d+/g, '($&)')})
  SELECT min((
    SELECT runAtMs FROM tasks
     WHERE status = 'pending' AND lane = @lane AND tasks.priority = priorities.priority
       AND (leaseExpiresAtMs IS NULL OR leaseExpiresAtMs > @nowMs)
     ORDER BY runAtMs LIMIT 1)) FROM priorities`;

interface ClaimRequest {
  lane: Lane;
  limit: number;
  epoch: number;
}

/** Taking tasks to execute them, and what a scheduler asks before it does. */
export function prepareClaim(context: StoreContext) {
  const { database, clock } = context;
  const claim = database.prepare<unknown[], number>(CLAIM_SQL).pluck();
  // Cheaper than to return all columns from the UPDATE.
  const readClaimed = database.prepare<[number], { number: number }>(
    `SELECT lastAttemptNumber AS number, ${TASK_COLUMNS} FROM tasks WHERE sequence = ?`,
  );
  const nextRun = database.prepare<unknown[], number | null>(NEXT_RUN_SQL).pluck();
  const countPending = database
    .prepare<[Lane], number>(
      `SELECT count(*) FROM (SELECT 1 FROM tasks WHERE status = 'pending' AND lane = ? LIMIT ${COUNT_LIMIT})`,
    )
    .pluck();

  /** Part of a transaction. */
  const claimWithin = (request: ClaimRequest): ClaimedTask[] => {
    const claimed = claim.all({ ...request, nowMs: clock.nowMs() }).map((sequence) => {
      const row = readClaimed.get(sequence);
      const task = taskFromRow(row, database.name);
      const number = row?.number ?? 0;
      return { sequence, task, number, attemptId: formatAttemptId({ taskId: task.id, number }) };
    });
    // SQLite does not promise an order for RETURNING.
    claimed.sort(
      (a, b) => a.task.priority - b.task.priority || a.task.runAtMs - b.task.runAtMs || a.sequence - b.sequence,
    );
    return claimed.map(({ task, attemptId, number }) => ({ task, attemptId, number }));
  };

  return {
    claimDurably: durably(context, claimWithin),
    claimLightly: lightly(context, claimWithin),

    nextRunAtMs: (lane: Lane): number | null =>
      explained(context, () => nextRun.get({ lane, nowMs: clock.nowMs() }) ?? null),

    pendingCounts: (): Record<Lane, number> =>
      explained(context, () => ({
        page: countPending.get('page') ?? 0,
        exclusive: countPending.get('exclusive') ?? 0,
      })),
  };
}
