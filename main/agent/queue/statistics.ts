import { explained, type StoreContext } from './store-context.ts';
import { TASK_STATUSES, type QueueStatistics, type TaskStatus } from './task.ts';

const HOUR_MS = 3_600_000;

/** Numbers for people; their cost does not grow with the history. */
export function prepareStatistics(context: StoreContext) {
  const { database, clock } = context;
  const counts = database.prepare<[], { type: string; state: Exclude<TaskStatus, 'processing'>; count: number }>(
    `SELECT type, iif(state = 'live', 'pending', state) AS state, count FROM taskCounts WHERE count > 0 ORDER BY type`,
  );
  const processing = database.prepare<[], { type: string; count: number }>(
    `SELECT type, count(*) AS count FROM tasks
      WHERE finishedAtMs IS NULL AND status = 'processing' GROUP BY type`,
  );
  const oldestPending = database
    .prepare<[], number | null>(`SELECT min(createdAtMs) FROM tasks WHERE finishedAtMs IS NULL AND status = 'pending'`)
    .pluck();
  const endedSince = database.prepare<[number], { status: TaskStatus; count: number }>(
    'SELECT status, count(*) AS count FROM tasks WHERE finishedAtMs >= ? GROUP BY status',
  );
  const outboxWaiting = database.prepare<[], number>(`SELECT count(*) FROM outbox WHERE state = 'waiting'`).pluck();

  const read = database.transaction((): QueueStatistics => {
    const statistics: QueueStatistics = {
      total: 0,
      byStatus: noTasks(),
      byType: {},
      oldestPendingAtMs: oldestPending.get() ?? null,
      completedLastHour: 0,
      failedLastHour: 0,
      outboxWaiting: outboxWaiting.get() ?? 0,
    };
    const add = (type: string, status: TaskStatus, count: number): void => {
      statistics.total += count;
      statistics.byStatus[status] += count;
      (statistics.byType[type] ??= noTasks())[status] += count;
    };
    for (const { type, state, count } of counts.all()) add(type, state, count);
    for (const { type, count } of processing.all()) {
      add(type, 'pending', -count);
      add(type, 'processing', count);
    }
    for (const { status, count } of endedSince.all(clock.nowMs() - HOUR_MS)) {
      if (status === 'completed') statistics.completedLastHour = count;
      if (status === 'failed') statistics.failedLastHour = count;
    }
    return statistics;
  });
  return (): QueueStatistics => explained(context, () => read());
}

function noTasks(): Record<TaskStatus, number> {
  return Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<TaskStatus, number>;
}
