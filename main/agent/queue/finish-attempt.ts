import type { ErrorCode } from '../../protocol/error-table.ts';
import { errorDefinition } from '../../protocol/error-table.ts';
import type { BlobReference, JsonObject, TaskError } from '../../protocol/fields.ts';
import { retryDecision } from '../backoff.ts';
import { errorText } from './rows.ts';
import { durably, type StoreContext } from './store-context.ts';
import { prepareTaskEnd } from './task-end.ts';
import type { FailureDecision, RecoveredTask } from './task.ts';

export interface Completion {
  attemptId: string;
  result: JsonObject;
  blobs: readonly BlobReference[];
  /** Version of the task type that made the result. */
  typeVersion?: number;
}

export interface Failure {
  attemptId: string;
  error: TaskError;
  /** No retry before this time (Unix milliseconds). */
  notBeforeMs?: number | undefined;
  typeVersion?: number | undefined;
}

/** A task error with the text of the error table, and a detail. */
export function taskErrorOf(code: ErrorCode, detail = ''): TaskError {
  const { class: errorClass, message } = errorDefinition(code);
  return { code, class: errorClass, message: detail === '' ? message : `${message} ${detail}` };
}

/** `complete` and `fail`: the two ways in which an executor ends an attempt. */
export function prepareFinishAttempt(context: StoreContext) {
  const { database, clock, random } = context;
  const end = prepareTaskEnd(context);
  const insertBlob = database.prepare(
    `INSERT INTO attemptBlobs (attemptId, name, sha256, sizeBytes, contentType)
     VALUES (@attemptId, @name, @sha256, @sizeBytes, @contentType)`,
  );
  const attemptsOf = database.prepare<[string], { attempts: number; maxAttempts: number; leaseId: string | null }>(
    'SELECT attempts, maxAttempts, leaseId FROM tasks WHERE id = ?',
  );
  const waitForRetry = database.prepare(
    `UPDATE tasks SET status = 'pending', runAtMs = @runAtMs, error = @error, durationMs = @durationMs,
            progressPercent = 0, progressStage = ''
      WHERE id = @taskId`,
  );

  const complete = durably(context, (completion: Completion): boolean => {
    const nowMs = clock.nowMs();
    const { attemptId, typeVersion } = completion;
    const closed = end.closeAttempt({ attemptId, nowMs, outcome: 'completed', error: null, typeVersion });
    if (closed === null) return false;
    for (const blob of completion.blobs) insertBlob.run({ attemptId, ...blob });
    end.endTask({ ...closed, attemptId, nowMs, status: 'completed', error: null, result: completion.result });
    return true;
  });

  /** Part of a transaction. */
  const failWithin = (failure: Failure): { decision: FailureDecision; taskId: string; leaseId: string | null } => {
    const nowMs = clock.nowMs();
    const { attemptId, typeVersion } = failure;
    const error = errorText(failure.error);
    const closed = end.closeAttempt({ attemptId, nowMs, outcome: 'failed', error, typeVersion });
    const task = closed === null ? undefined : attemptsOf.get(closed.taskId);
    if (closed === null || task === undefined) return { decision: { kind: 'ignored' }, taskId: '', leaseId: null };
    const decision = retryDecision({
      code: failure.error.code,
      attempts: task.attempts,
      maxAttempts: task.maxAttempts,
      nowMs,
      notBeforeMs: failure.notBeforeMs,
      random,
    });
    if (decision.kind === 'retry') waitForRetry.run({ ...closed, runAtMs: decision.runAtMs, error });
    else {
      const status = failure.error.class === 'cancelled' ? 'cancelled' : 'failed';
      end.endTask({ ...closed, attemptId, nowMs, status, error, result: null });
    }
    return { decision, taskId: closed.taskId, leaseId: task.leaseId };
  };

  return {
    complete,
    fail: durably(context, (failure: Failure): FailureDecision => failWithin(failure).decision),

    /** Part of a transaction: fails an attempt that nobody carries out any more. */
    recoverWithin(attemptId: string, error: TaskError): RecoveredTask | null {
      const { decision, taskId, leaseId } = failWithin({ attemptId, error });
      return decision.kind === 'ignored' ? null : { taskId, attemptId, leaseId, decision };
    },
  };
}
