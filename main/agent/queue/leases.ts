import { formatAttemptId, parseAttemptId } from './attempt-id.ts';
import { explained, lightly, type StoreContext } from './store-context.ts';
import type { HeldLease, ProgressEntry } from './task.ts';

interface HeldRow {
  leaseId: string;
  taskId: string;
  status: 'pending' | 'processing';
  progressPercent: number;
  progressStage: string;
  number: number;
}

/** The statement behind the heartbeat; its plan is asserted by a test. */
export const HELD_SQL = `
  SELECT leaseId, id AS taskId, status, progressPercent, progressStage, lastAttemptNumber AS number
    FROM tasks INDEXED BY tasks_held
   WHERE leaseId IS NOT NULL AND finishedAtMs IS NULL
   ORDER BY sequence`;

/** What a heartbeat needs: the leases that the agent answers for, their new ends, and progress. */
export function prepareLeases(context: StoreContext) {
  const { database } = context;
  const held = database.prepare<[], HeldRow>(HELD_SQL);
  const unsent = database.prepare<[], { leaseId: string; taskId: string; number: number }>(
    `SELECT tasks.leaseId, outbox.taskId, outbox.number
       FROM outbox JOIN tasks ON tasks.id = outbox.taskId
      WHERE outbox.state = 'waiting'
      ORDER BY outbox.createdAtMs, outbox.taskId`,
  );
  const renew = database.prepare(
    'UPDATE tasks SET leaseExpiresAtMs = @expiresAtMs WHERE leaseId = @leaseId AND finishedAtMs IS NULL',
  );
  const progress = database.prepare(
    `UPDATE tasks SET progressPercent = @percent, progressStage = @stage
      WHERE id = @taskId AND status = 'processing' AND lastAttemptNumber = @number`,
  );

  return {
    heldLeases: (): HeldLease[] =>
      explained(context, () => [
        ...held.all().map(({ leaseId, taskId, status, number, ...row }): HeldLease => {
          if (status === 'pending') return { leaseId, taskId, state: 'queued', attemptId: null };
          const attemptId = formatAttemptId({ taskId, number });
          const progress = { percent: row.progressPercent, stage: row.progressStage };
          return { leaseId, taskId, state: 'running', attemptId, progress };
        }),
        ...unsent.all().map(({ leaseId, ...key }): HeldLease => {
          return { leaseId, taskId: key.taskId, state: 'delivering', attemptId: formatAttemptId(key) };
        }),
      ]),

    renewLeases: lightly(context, (leaseIds: readonly string[], expiresAtMs: number): void => {
      for (const leaseId of leaseIds) renew.run({ leaseId, expiresAtMs });
    }),

    recordProgress: lightly(context, (entries: readonly ProgressEntry[]): void => {
      for (const { attemptId, percent, stage } of entries) {
        const key = parseAttemptId(attemptId);
        if (key !== null) progress.run({ ...key, percent, stage });
      }
    }),
  };
}
