import { explained, lightly, type StoreContext } from './store-context.ts';
import type { HeldLease, ProgressEntry } from './task.ts';

interface HeldRow {
  leaseId: string;
  taskId: string;
  status: 'pending' | 'processing';
  progressPercent: number;
  progressStage: string;
  attemptId: string | null;
}

/** The statement behind the heartbeat; its plan is asserted by a test. */
export const HELD_SQL = `
  SELECT tasks.leaseId, tasks.id AS taskId, tasks.status, tasks.progressPercent, tasks.progressStage, attempts.attemptId
    FROM tasks INDEXED BY tasks_held
    LEFT JOIN attempts ON attempts.taskId = tasks.id AND attempts.finishedAtMs IS NULL
   WHERE tasks.leaseId IS NOT NULL AND tasks.finishedAtMs IS NULL
   ORDER BY tasks.sequence`;

/** What a heartbeat needs: the leases that the agent answers for, their new ends, and progress. */
export function prepareLeases(context: StoreContext) {
  const { database } = context;
  const held = database.prepare<[], HeldRow>(HELD_SQL);
  const unsent = database.prepare<[], { leaseId: string; taskId: string; attemptId: string }>(
    `SELECT leaseId, taskId, attemptId FROM outbox WHERE state = 'waiting' ORDER BY createdAtMs, rowid`,
  );
  const renew = database.prepare(
    'UPDATE tasks SET leaseExpiresAtMs = @expiresAtMs WHERE leaseId = @leaseId AND finishedAtMs IS NULL',
  );
  const progress = database.prepare(
    `UPDATE tasks SET progressPercent = @percent, progressStage = @stage
      WHERE id = (SELECT taskId FROM attempts WHERE attemptId = @attemptId AND finishedAtMs IS NULL)`,
  );

  return {
    heldLeases: (): HeldLease[] =>
      explained(context, () => [
        ...held.all().map(({ leaseId, taskId, status, attemptId, ...row }): HeldLease => {
          if (status === 'pending') return { leaseId, taskId, state: 'queued', attemptId };
          const progress = { percent: row.progressPercent, stage: row.progressStage };
          return { leaseId, taskId, state: 'running', attemptId, progress };
        }),
        ...unsent.all().map((row): HeldLease => ({ ...row, state: 'delivering' })),
      ]),

    renewLeases: lightly(context, (leaseIds: readonly string[], expiresAtMs: number): void => {
      for (const leaseId of leaseIds) renew.run({ leaseId, expiresAtMs });
    }),

    recordProgress: lightly(context, (entries: readonly ProgressEntry[]): void => {
      for (const entry of entries) progress.run(entry);
    }),
  };
}
