import { z } from 'zod';
import type { TaskError } from '../../protocol/fields.ts';
import { blobRows, errorColumn, errorText, parseRow, resultColumn } from './rows.ts';
import { durably, explained, lightly, type StoreContext } from './store-context.ts';
import { taskStatus, type DueResult } from './task.ts';

/** Results that wait for the hub, oldest first; the plan is asserted by a test. */
export const DUE_SQL = `
  SELECT outbox.attemptId, outbox.taskId, outbox.leaseId, outbox.jobId, outbox.createdAtMs, outbox.tries,
         outbox.lastError, tasks.type, tasks.status, tasks.attempts, tasks.result, tasks.error, tasks.finishedAtMs,
         attempts.startedAtMs, attempts.durationMs, attempts.typeVersion
    FROM outbox
    JOIN tasks ON tasks.id = outbox.taskId
    LEFT JOIN attempts ON attempts.attemptId = outbox.attemptId
   WHERE outbox.state = 'waiting'
   ORDER BY outbox.createdAtMs, outbox.rowid
   LIMIT ?`;

const integer = z.number().int();

const dueRow = z.object({
  attemptId: z.string(),
  taskId: z.string(),
  leaseId: z.string(),
  jobId: z.string(),
  createdAtMs: integer,
  tries: integer,
  lastError: z.string().nullable(),
  type: z.string(),
  status: taskStatus,
  attempts: integer,
  result: resultColumn,
  error: errorColumn,
  finishedAtMs: integer,
  startedAtMs: integer.nullable(),
  durationMs: integer.nullable(),
  typeVersion: integer.nullable(),
});

/** The results that the hub has not confirmed. A result leaves `waiting` once and never comes back. */
export function prepareOutbox(context: StoreContext) {
  const { database, clock } = context;
  const file = database.name;
  const due = database.prepare<[number]>(DUE_SQL);
  const blobsOf = database.prepare<[string]>(
    'SELECT name, sha256, sizeBytes, contentType FROM attemptBlobs WHERE attemptId = ? ORDER BY name',
  );
  const deliver = database.prepare(
    `UPDATE outbox SET state = 'delivered', deliveredAtMs = ? WHERE attemptId = ? AND state = 'waiting'`,
  );
  const refuse = database.prepare(
    `UPDATE outbox SET state = 'refused', refusalCode = ?, refusalMessage = ?
      WHERE attemptId = ? AND state = 'waiting'`,
  );
  const recordTry = database.prepare(
    `UPDATE outbox SET tries = tries + 1, lastError = ? WHERE attemptId = ? AND state = 'waiting'`,
  );
  const count = database.prepare<[], number>(`SELECT count(*) FROM outbox WHERE state = 'waiting'`).pluck();
  const completedTaskOf = database
    .prepare<[string], string>(
      `SELECT taskId FROM outbox JOIN tasks ON tasks.id = taskId
        WHERE attemptId = ? AND state = 'waiting' AND tasks.status = 'completed'`,
    )
    .pluck();
  const withdrawFromTask = database.prepare(
    `UPDATE tasks SET status = 'failed', error = @error, result = NULL WHERE id = @taskId`,
  );
  const withdrawFromAttempt = database.prepare(
    `UPDATE attempts SET outcome = 'failed', error = @error WHERE attemptId = @attemptId`,
  );
  const deleteBlobs = database.prepare('DELETE FROM attemptBlobs WHERE attemptId = ?');

  return {
    dueResults: (limit: number): DueResult[] =>
      explained(context, () =>
        due.all(limit).map((row): DueResult => {
          const { status, finishedAtMs, ...result } = parseRow(dueRow, row, file, 'outbox');
          return {
            ...result,
            outcome: status === 'completed' ? 'completed' : 'failed',
            startedAtMs: result.startedAtMs ?? finishedAtMs,
            finishedAtMs,
            durationMs: result.durationMs ?? 0,
            blobs: parseRow(blobRows, blobsOf.all(result.attemptId), file, `blobs of ${result.attemptId}`),
          };
        }),
      ),

    markDelivered: durably(
      context,
      (attemptId: string): boolean => deliver.run(clock.nowMs(), attemptId).changes === 1,
    ),

    markRefused: durably(
      context,
      (attemptId: string, code: string, message: string): boolean => refuse.run(code, message, attemptId).changes === 1,
    ),

    recordDeliveryTry: lightly(context, (attemptId: string, error: string): void => {
      recordTry.run(error, attemptId);
    }),

    outboxCount: (): number => explained(context, () => count.get() ?? 0),

    withdrawResult: durably(context, (attemptId: string, error: TaskError): boolean => {
      const taskId = completedTaskOf.get(attemptId);
      if (taskId === undefined) return false;
      const text = errorText(error);
      withdrawFromTask.run({ taskId, error: text });
      withdrawFromAttempt.run({ attemptId, error: text });
      deleteBlobs.run(attemptId);
      return true;
    }),
  };
}
