import { TASK_COLUMNS, taskFromRow } from './rows.ts';
import { durably, type StoreContext } from './store-context.ts';
import type { EnqueuedTask, NewTask } from './task.ts';

/**
 * Runs an ended task again. A local task that failed or was cancelled becomes pending with its attempts counted from 0;
 * its history stays. What belongs to the hub, and what has a result to keep, is left alone: a new local task is made.
 */
export function prepareRetryByHand(context: StoreContext, enqueue: (task: NewTask) => EnqueuedTask) {
  const { database, clock } = context;
  const read = database.prepare<[string]>(`SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?`);
  const startAgain = database.prepare(
    `UPDATE tasks
        SET status = 'pending', attempts = 0, runAtMs = @nowMs, startedAtMs = NULL, finishedAtMs = NULL,
            durationMs = NULL, error = NULL, progressPercent = 0, progressStage = '', waitsForSite = 0
      WHERE id = @taskId
      RETURNING ${TASK_COLUMNS}`,
  );

  return durably(context, (taskId: string): EnqueuedTask | null => {
    const row = read.get(taskId);
    if (row === undefined) return null;
    const task = taskFromRow(row, database.name);
    if (task.finishedAtMs === null) return null;
    if (task.origin === 'local' && task.status !== 'completed') {
      const again = startAgain.get({ taskId, nowMs: clock.nowMs() });
      return { task: taskFromRow(again, database.name), created: false };
    }
    const { type, url, payload, lane, priority, maxAttempts } = task;
    return enqueue({ type, url, payload, lane, priority, maxAttempts });
  });
}
