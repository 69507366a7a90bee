import type { Statement } from 'better-sqlite3';
import { z } from 'zod';
import type { TaskError } from '../../protocol/fields.ts';
import { formatAttemptId, parseAttemptId } from './attempt-id.ts';
import { BLOBS_SQL, blobRows, errorColumn, errorText, parseRow, resultColumn } from './rows.ts';
import { durably, explained, lightly, type StoreContext } from './store-context.ts';
import { taskStatus, type DueResult } from './task.ts';

/** Results that wait for the hub, oldest first; the plan is asserted by a test. The limit is a sum for claim.ts's reason. */
export const DUE_SQL = `
  SELECT outbox.taskId, outbox.number, outbox.createdAtMs, outbox.tries, outbox.lastError,
         tasks.leaseId, tasks.jobId, tasks.type, tasks.status, tasks.attempts, tasks.result, tasks.error,
         tasks.finishedAtMs, attempts.startedAtMs, attempts.durationMs, attempts.typeVersion
    FROM outbox
    JOIN tasks ON tasks.id = outbox.taskId
    LEFT JOIN attempts ON attempts.taskId = outbox.taskId AND attempts.number = outbox.number
   WHERE outbox.state = 'waiting'
   ORDER BY outbox.createdAtMs, outbox.taskId
   LIMIT ? + 0`;

const integer = z.number().int();

const dueKey = z.object({ taskId: z.string(), number: integer });

const dueRow = dueKey.extend({
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
  const blobsOf = database.prepare<[string, number]>(BLOBS_SQL);
  const deliver = database.prepare(
    `UPDATE outbox SET state = 'delivered', deliveredAtMs = @nowMs
      WHERE taskId = @taskId AND number = @number AND state = 'waiting'`,
  );
  const refuse = database.prepare(
    `UPDATE outbox SET state = 'refused', refusalCode = @code, refusalMessage = @message
      WHERE taskId = @taskId AND number = @number AND state = 'waiting'`,
  );
  const recordTry = database.prepare(
    `UPDATE outbox SET tries = tries + 1, lastError = @error
      WHERE taskId = @taskId AND number = @number AND state = 'waiting'`,
  );
  const count = database.prepare<[], number>(`SELECT count(*) FROM outbox WHERE state = 'waiting'`).pluck();
  const waitingResult = database.prepare(
    `SELECT 1 FROM outbox JOIN tasks ON tasks.id = outbox.taskId
      WHERE outbox.taskId = @taskId AND number = @number AND state = 'waiting' AND tasks.status = 'completed'`,
  );
  const withdrawFromTask = database.prepare(
    `UPDATE tasks SET status = 'failed', error = @error, result = NULL WHERE id = @taskId`,
  );
  const withdrawFromAttempt = database.prepare(
    `UPDATE attempts SET outcome = 'failed', error = @error WHERE taskId = @taskId AND number = @number`,
  );
  const deleteBlobs = database.prepare('DELETE FROM attemptBlobs WHERE taskId = @taskId AND number = @number');

  const isChanged = (statement: Statement, attemptId: string, parameters: object): boolean => {
    const key = parseAttemptId(attemptId);
    return key !== null && statement.run({ ...key, ...parameters }).changes === 1;
  };

  return {
    dueResults: (limit: number, isWanted: (attemptId: string) => boolean = () => true): DueResult[] =>
      explained(context, () =>
        due
          .all(limit)
          .filter((row) => isWanted(formatAttemptId(parseRow(dueKey, row, file, 'outbox'))))
          .map((row): DueResult => {
            const { status, finishedAtMs, number, ...result } = parseRow(dueRow, row, file, 'outbox');
            const attemptId = formatAttemptId({ taskId: result.taskId, number });
            return {
              ...result,
              attemptId,
              outcome: status === 'completed' ? 'completed' : 'failed',
              startedAtMs: result.startedAtMs ?? finishedAtMs,
              finishedAtMs,
              durationMs: result.durationMs ?? 0,
              blobs: parseRow(blobRows, blobsOf.all(result.taskId, number), file, `blobs of ${attemptId}`),
            };
          }),
      ),

    // Taken back by a power failure, it only makes the delivery be repeated, which the hub recognises.
    markDelivered: lightly(context, (attemptId: string): boolean =>
      isChanged(deliver, attemptId, { nowMs: clock.nowMs() }),
    ),

    markRefused: durably(context, (attemptId: string, code: string, message: string): boolean =>
      isChanged(refuse, attemptId, { code, message }),
    ),

    recordDeliveryTry: lightly(context, (attemptId: string, error: string): boolean =>
      isChanged(recordTry, attemptId, { error }),
    ),

    outboxCount: (): number => explained(context, () => count.get() ?? 0),

    withdrawResult: durably(context, (attemptId: string, error: TaskError): boolean => {
      const key = parseAttemptId(attemptId);
      if (key === null || waitingResult.get(key) === undefined) return false;
      const text = errorText(error);
      withdrawFromTask.run({ ...key, error: text });
      withdrawFromAttempt.run({ ...key, error: text });
      deleteBlobs.run(key);
      return true;
    }),
  };
}
