import type { BlobReference, JsonObject, TaskError } from '../../protocol/fields.ts';
import type { NetworkUsage } from '../../protocol/task-host-messages.ts';
import { retryDecision, type RetryDecision } from '../backoff.ts';
import { errorText } from './rows.ts';
import { durably, type StoreContext } from './store-context.ts';
import { prepareTaskEnd, type LiveTask } from './task-end.ts';
import type { FailureDecision } from './task.ts';

export interface Completion {
  attemptId: string;
  result: JsonObject;
  blobs: readonly BlobReference[];
  /** Version of the task type that made the result. */
  typeVersion?: number | undefined;
  /** What the attempt took of the network, as far as it was measured. */
  network?: NetworkUsage | undefined;
}

export interface Failure {
  attemptId: string;
  error: TaskError;
  /** No retry before this time (Unix milliseconds). */
  notBeforeMs?: number | undefined;
  typeVersion?: number | undefined;
  network?: NetworkUsage | undefined;
}

/** `complete` and `fail`: the two ways in which an executor ends an attempt. */
export function prepareFinishAttempt(context: StoreContext) {
  const { database, clock, random } = context;
  const end = prepareTaskEnd(context);
  const waitForRetry = database.prepare(
    `UPDATE tasks SET status = 'pending', runAtMs = @runAtMs, error = @error, durationMs = @durationMs,
            progressPercent = 0, progressStage = ''
      WHERE id = @taskId`,
  );

  /** Part of a transaction: ends the open attempt of a task with an error. */
  const failWithin = (task: LiveTask, failure: Omit<Failure, 'attemptId'>): RetryDecision => {
    const nowMs = clock.nowMs();
    const error = errorText(failure.error);
    const { typeVersion, notBeforeMs, network } = failure;
    const { attempts, maxAttempts } = task;
    const { code, class: errorClass } = failure.error;
    const decision = retryDecision({ code, attempts, maxAttempts, nowMs, notBeforeMs, random });
    const status = errorClass === 'cancelled' ? 'cancelled' : 'failed';
    const isTaskDone = decision.kind !== 'retry' && status === 'failed';
    const durationMs = end.closeAttempt(task, { nowMs, outcome: 'failed', error, isTaskDone, typeVersion, network });
    if (decision.kind === 'retry') {
      waitForRetry.run({ taskId: task.taskId, runAtMs: decision.runAtMs, error, durationMs });
    } else {
      end.endTask(task, { nowMs, durationMs, status, error, result: null });
    }
    return decision;
  };

  return {
    failWithin,

    fail: durably(context, (failure: Failure): FailureDecision => {
      const task = end.runningUnder(failure.attemptId);
      return task === null ? { kind: 'ignored' } : failWithin(task, failure);
    }),

    complete: durably(context, ({ attemptId, result, blobs, typeVersion, network }: Completion): boolean => {
      const task = end.runningUnder(attemptId);
      if (task === null) return false;
      const nowMs = clock.nowMs();
      const durationMs = end.closeAttempt(task, {
        nowMs,
        outcome: 'completed',
        error: null,
        isTaskDone: true,
        blobs,
        typeVersion,
        network,
      });
      end.endTask(task, { nowMs, durationMs, status: 'completed', error: null, result });
      return true;
    }),
  };
}
