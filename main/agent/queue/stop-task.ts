import { LegworkError } from '../../protocol/error-table.ts';
import type { TaskError } from '../../protocol/fields.ts';
import { taskErrorOf } from '../../protocol/task-error.ts';
import type { NetworkUsage } from '../../protocol/task-host-messages.ts';
import { formatAttemptId } from './attempt-id.ts';
import { errorText } from './rows.ts';
import { durably, type StoreContext } from './store-context.ts';
import { prepareTaskEnd, type LiveTask } from './task-end.ts';
import type { StoppedTask } from './task.ts';

/** A lease that goes back to the hub, and how many executions it has cost. */
export interface ReturnedLease {
  leaseId: string;
  taskId: string;
  attemptsUsed: number;
}

/** Ends of a task that no executor brings about: cancelled, lease lost, given back, interrupted. */
export function prepareStopTask(context: StoreContext) {
  const { database, clock } = context;
  const end = prepareTaskEnd(context);
  const taskOfLease = database.prepare<[string], string>('SELECT id FROM tasks WHERE leaseId = ?').pluck();
  const refuseResult = database.prepare(
    `UPDATE outbox SET state = 'refused', refusalCode = @code, refusalMessage = @message
      WHERE taskId = @taskId AND state = 'waiting'`,
  );
  const backToPending = database.prepare(
    `UPDATE tasks SET status = 'pending', attempts = max(0, attempts - 1), durationMs = @durationMs,
            progressPercent = 0, progressStage = ''
      WHERE id = @taskId`,
  );

  /** Part of a transaction. */
  const stop = (task: LiveTask, taskError: TaskError, tellHub: boolean): StoppedTask => {
    const nowMs = clock.nowMs();
    const error = errorText(taskError);
    const isRunning = task.status === 'processing';
    const durationMs = isRunning ? end.closeAttempt(task, { nowMs, outcome: 'cancelled', error }) : null;
    end.endTask(task, { nowMs, durationMs, status: 'cancelled', error, result: null, tellHub });
    return { taskId: task.taskId, attemptId: isRunning ? formatAttemptId(task) : null };
  };

  return {
    cancel: durably(context, (taskId: string, error: TaskError): StoppedTask | null => {
      const task = end.live(taskId);
      return task === null ? null : stop(task, error, true);
    }),

    loseLease: durably(context, (leaseId: string, error: TaskError): StoppedTask | null => {
      const taskId = taskOfLease.get(leaseId);
      if (taskId === undefined) return null;
      const task = end.live(taskId);
      if (task !== null) return stop(task, error, false);
      refuseResult.run({ taskId, code: error.code, message: error.message });
      return null;
    }),

    giveBack: durably(context, (leaseIds: readonly string[], error: TaskError): ReturnedLease[] => {
      const returned: ReturnedLease[] = [];
      for (const leaseId of leaseIds) {
        const task = end.live(taskOfLease.get(leaseId) ?? '');
        if (task?.status !== 'pending') continue;
        stop(task, error, false);
        returned.push({ leaseId, taskId: task.taskId, attemptsUsed: task.attempts });
      }
      return returned;
    }),

    requeueUncounted: durably(context, (attemptId: string, network?: NetworkUsage): boolean => {
      const task = end.runningUnder(attemptId);
      if (task === null) return false;
      const error = errorText(taskErrorOf(new LegworkError('shutdown')));
      const durationMs = end.closeAttempt(task, { nowMs: clock.nowMs(), outcome: 'cancelled', error, network });
      backToPending.run({ taskId: task.taskId, durationMs });
      return true;
    }),
  };
}
