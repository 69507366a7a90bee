import type { JsonObject } from '../../protocol/fields.ts';
import type { StoreContext } from './store-context.ts';
import type { AttemptOutcome, TaskStatus } from './task.ts';

/** The statements by which attempts and tasks end. They are parts of transactions; see `durably`. */
export interface TaskEnd {
  /** Closes an attempt that still runs; null when it does not. `error` is JSON. */
  closeAttempt(attempt: {
    attemptId: string;
    nowMs: number;
    outcome: AttemptOutcome;
    error: string | null;
    typeVersion?: number | undefined;
  }): { taskId: string; durationMs: number } | null;

  /** The attempt of a task that still runs, if there is one. */
  openAttemptOf(taskId: string): string | null;

  /** Ends a task. One of the hub goes to the outbox, unless `tellHub` is false. `error` is JSON. */
  endTask(task: {
    taskId: string;
    attemptId: string;
    nowMs: number;
    durationMs: number | null;
    status: Extract<TaskStatus, 'completed' | 'failed' | 'cancelled'>;
    error: string | null;
    result: JsonObject | null;
    tellHub?: boolean;
  }): void;
}

/** See TaskEnd. */
export function prepareTaskEnd({ database }: StoreContext): TaskEnd {
  const closeAttempt = database.prepare<unknown[], { taskId: string; durationMs: number }>(
    `UPDATE attempts
        SET finishedAtMs = @nowMs, durationMs = max(0, @nowMs - startedAtMs), outcome = @outcome, error = @error,
            typeVersion = @typeVersion
      WHERE attemptId = @attemptId AND finishedAtMs IS NULL
      RETURNING taskId, durationMs`,
  );
  const openAttemptOf = database
    .prepare<[string], string>('SELECT attemptId FROM attempts WHERE taskId = ? AND finishedAtMs IS NULL')
    .pluck();
  const endTask = database.prepare<unknown[], { leaseId: string | null; jobId: string | null }>(
    `UPDATE tasks
        SET status = @status, finishedAtMs = @nowMs, durationMs = coalesce(@durationMs, durationMs),
            error = @error, result = @result,
            progressPercent = CASE WHEN @status = 'completed' THEN 100 ELSE progressPercent END
      WHERE id = @taskId AND finishedAtMs IS NULL
      RETURNING leaseId, jobId`,
  );
  const intoOutbox = database.prepare(
    `INSERT INTO outbox (attemptId, taskId, leaseId, jobId, createdAtMs)
     VALUES (@attemptId, @taskId, @leaseId, @jobId, @nowMs)`,
  );

  return {
    closeAttempt: (attempt) => closeAttempt.get({ ...attempt, typeVersion: attempt.typeVersion ?? null }) ?? null,
    openAttemptOf: (taskId) => openAttemptOf.get(taskId) ?? null,
    endTask: ({ tellHub = true, ...task }) => {
      const result = task.result === null ? null : JSON.stringify(task.result);
      const ended = endTask.get({ ...task, result });
      if (tellHub && ended !== undefined && ended.leaseId !== null) intoOutbox.run({ ...task, ...ended, result });
    },
  };
}
