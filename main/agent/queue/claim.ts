import type { Lane } from '../../protocol/fields.ts';
import { formatAttemptId } from './attempt-id.ts';
import { PRIORITIES } from './claim-order.ts';
import { TASK_COLUMNS, taskFromRow } from './rows.ts';
import { prepareSiteTurns, type SiteGate } from './site-turns.ts';
import { durably, explained, lightly, type StoreContext } from './store-context.ts';
import type { ClaimedTask } from './task.ts';

/** Counting stops here: whoever asks wants to know whether there is enough. */
const COUNT_LIMIT = 10_000;

/*
 * A lane stands in the statements as text, and the limit as a sum: SQLite (with STAT4, as it is built here) looks at the
 * values of bare parameters that meet a LIMIT or an index that it could do without, and would compile the statement anew
 * for each call.
 */

/** The statement that takes one task; its plan is asserted by a test. */
export const CLAIM_SQL = `
  UPDATE tasks
     SET status = 'processing', attempts = attempts + 1, lastAttemptNumber = lastAttemptNumber + 1,
         startedAtMs = @nowMs, claimedEpoch = @epoch, progressPercent = 0, progressStage = ''
   WHERE sequence = @sequence`;

/** Earliest time from which a lane has something to claim; one short search for each priority. */
export function nextRunSql(lane: Lane): string {
  return `
    WITH priorities (priority) AS (VALUES ${PRIORITIES.replace(/\d+/g, '($&)')})
    SELECT min((
      SELECT runAtMs FROM tasks
       WHERE finishedAtMs IS NULL AND status = 'pending' AND waitsForSite = 0 AND lane = '${lane}'
         AND tasks.priority = priorities.priority
         AND (leaseExpiresAtMs IS NULL OR leaseExpiresAtMs > @nowMs)
       ORDER BY runAtMs LIMIT 1)) FROM priorities`;
}

function countSql(lane: Lane, waitsForSite: 0 | 1): string {
  return `SELECT count(*) FROM (
    SELECT 1 FROM tasks
     WHERE finishedAtMs IS NULL AND status = 'pending' AND waitsForSite = ${waitsForSite} AND lane = '${lane}'
     LIMIT ${COUNT_LIMIT})`;
}

interface ClaimRequest {
  lane: Lane;
  limit: number;
  epoch: number;
  /** Keeps tasks back whose site may not be visited now; without it every site may. */
  gate?: SiteGate;
}

/** Taking tasks to execute them, and what a scheduler asks before it does. */
export function prepareClaim(context: StoreContext) {
  const { database, clock } = context;
  const byLane = <Statement>(prepare: (lane: Lane) => Statement): Record<Lane, Statement> => ({
    page: prepare('page'),
    exclusive: prepare('exclusive'),
  });
  const claim = database.prepare(CLAIM_SQL);
  const readClaimed = database.prepare<[number], { number: number }>(
    `SELECT lastAttemptNumber AS number, ${TASK_COLUMNS} FROM tasks WHERE sequence = ?`,
  );
  const nextRun = byLane((lane) => database.prepare<unknown[], number | null>(nextRunSql(lane)).pluck());
  const countInLine = byLane((lane) => database.prepare<[], number>(countSql(lane, 0)).pluck());
  const countSetAside = byLane((lane) => database.prepare<[], number>(countSql(lane, 1)).pluck());
  const sites = prepareSiteTurns(context);

  /** Part of a transaction. */
  const claimWithin = ({ gate, lane, epoch, limit }: ClaimRequest): ClaimedTask[] => {
    const sequences = gate === undefined ? sites.firstInLine(lane, limit) : sites.siftWithin(lane, limit, gate);
    const nowMs = clock.nowMs();
    return sequences.map((sequence) => {
      claim.run({ sequence, epoch, nowMs });
      const row = readClaimed.get(sequence);
      const task = taskFromRow(row, database.name);
      const number = row?.number ?? 0;
      return { task, number, attemptId: formatAttemptId({ taskId: task.id, number }) };
    });
  };

  return {
    claimDurably: durably(context, claimWithin),
    claimLightly: lightly(context, claimWithin),

    nextRunAtMs: (lane: Lane): number | null =>
      explained(context, () => nextRun[lane].get({ nowMs: clock.nowMs() }) ?? null),

    siftHead: sites.siftHead,
    releaseSite: sites.releaseSite,

    pendingCounts: (): Record<Lane, number> =>
      explained(context, () => ({
        page: Math.min(COUNT_LIMIT, (countInLine.page.get() ?? 0) + (countSetAside.page.get() ?? 0)),
        exclusive: Math.min(COUNT_LIMIT, (countInLine.exclusive.get() ?? 0) + (countSetAside.exclusive.get() ?? 0)),
      })),

    setAsideCounts: (): Record<Lane, number> =>
      explained(context, () => ({
        page: countSetAside.page.get() ?? 0,
        exclusive: countSetAside.exclusive.get() ?? 0,
      })),
  };
}
