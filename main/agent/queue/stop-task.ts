import type { TaskError } from '../../protocol/fields.ts';
import { taskErrorOf } from './finish-attempt.ts';
import { errorText } from './rows.ts';
import { durably, type StoreContext } from './store-context.ts';
import { prepareTaskEnd } from './task-end.ts';
import type { StoppedTask } from './task.ts';

/** A lease that goes back to the hub, and how many executions it has cost. */
export interface ReturnedLease {
  leaseId: string;
  taskId: string;
  attemptsUsed: number;
}

/** Ends of a task that no executor brings about: cancelled, lease lost, given back, interrupted. */
export function prepareStopTask(context: StoreContext) {
  const { database, clock, newId } = context;
  const end = prepareTaskEnd(context);
  const unfinished = database
    .prepare<[string], string>('SELECT id FROM tasks WHERE id = ? AND finishedAtMs IS NULL')
    .pluck();
  const byLease = database.prepare<[string], { id: string; status: string; attempts: number }>(
    'SELECT id, status, attempts FROM tasks WHERE leaseId = ?',
  );
  const refuseResult = database.prepare(
    `UPDATE outbox SET state = 'refused', refusalCode = @code, refusalMessage = @message
      WHERE taskId = @taskId AND state = 'waiting'`,
  );
  const backToPending = database.prepare(
    `UPDATE tasks SET status = 'pending', attempts = max(0, attempts - 1), durationMs = @durationMs,
            progressPercent = 0, progressStage = ''
      WHERE id = @taskId`,
  );

  /** Part of a transaction; the task is known to be unfinished. */
  const stop = (taskId: string, error: TaskError, tellHub: boolean): StoppedTask => {
    const nowMs = clock.nowMs();
    const text = errorText(error);
    const attemptId = end.openAttemptOf(taskId);
    const closed =
      attemptId === null ? null : end.closeAttempt({ attemptId, nowMs, outcome: 'cancelled', error: text });
    end.endTask({
      taskId,
      attemptId: attemptId ?? newId(),
      nowMs,
      durationMs: closed?.durationMs ?? null,
      status: 'cancelled',
      error: text,
      result: null,
      tellHub,
    });
    return { taskId, attemptId };
  };

  return {
    cancel: durably(context, (taskId: string, error: TaskError): StoppedTask | null =>
      unfinished.get(taskId) === undefined ? null : stop(taskId, error, true),
    ),

    loseLease: durably(context, (leaseId: string, error: TaskError): StoppedTask | null => {
      const task = byLease.get(leaseId);
      if (task === undefined) return null;
      if (unfinished.get(task.id) !== undefined) return stop(task.id, error, false);
      refuseResult.run({ taskId: task.id, code: error.code, message: error.message });
      return null;
    }),

    giveBack: durably(context, (leaseIds: readonly string[], error: TaskError): ReturnedLease[] => {
      const returned: ReturnedLease[] = [];
      for (const leaseId of leaseIds) {
        const task = byLease.get(leaseId);
        if (task?.status !== 'pending') continue;
        stop(task.id, error, false);
        returned.push({ leaseId, taskId: task.id, attemptsUsed: task.attempts });
      }
      return returned;
    }),

    requeueUncounted: durably(context, (attemptId: string): boolean => {
      const error = errorText(taskErrorOf('shutdown'));
      const closed = end.closeAttempt({ attemptId, nowMs: clock.nowMs(), outcome: 'cancelled', error });
      if (closed !== null) backToPending.run(closed);
      return closed !== null;
    }),
  };
}
