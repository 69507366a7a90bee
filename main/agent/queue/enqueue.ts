import type { z } from 'zod';
import { LegworkError } from '../../protocol/error-table.ts';
import type { TaskError } from '../../protocol/fields.ts';
import { siteOf } from '../politeness/site-of.ts';
import { errorText, TASK_COLUMNS, taskFromRow } from './rows.ts';
import { durably, lightly, type StoreContext } from './store-context.ts';
import { newTask, type EnqueuedTask, type NewTask, type Task } from './task.ts';

/** New tasks: singly, many at once (all or none), or one of the hub's that is refused unexecuted. */
export function prepareEnqueue(context: StoreContext) {
  const { database, clock, newId } = context;
  const byUniqueKey = database.prepare(`SELECT ${TASK_COLUMNS} FROM tasks WHERE uniqueKey = ?`);
  const byLease = database.prepare(`SELECT ${TASK_COLUMNS} FROM tasks WHERE leaseId = ?`);
  const insert = database.prepare(
    `INSERT INTO tasks (id, type, url, payload, lane, status, priority, maxAttempts, runAtMs, createdAtMs, finishedAtMs,
                        origin, workerId, jobId, leaseId, leaseExpiresAtMs, uniqueKey, error, site)
     VALUES (@id, @type, @url, @payload, @lane, @status, @priority, @maxAttempts, @runAtMs, @createdAtMs, @finishedAtMs,
             @origin, @workerId, @jobId, @leaseId, @leaseExpiresAtMs, @uniqueKey, @error, @site)`,
  );
  const intoOutbox = database.prepare('INSERT INTO outbox (taskId, number, createdAtMs) VALUES (@id, 1, @createdAtMs)');

  const existing = (task: z.output<typeof newTask>): Task | null => {
    const row =
      (task.uniqueKey === null ? undefined : byUniqueKey.get(task.uniqueKey)) ??
      (task.leaseId === null ? undefined : byLease.get(task.leaseId));
    return row === undefined ? null : taskFromRow(row, database.name);
  };

  /** Part of a transaction. With an error the task is born failed. */
  const insertOne = (given: z.output<typeof newTask>, refusal: TaskError | null): EnqueuedTask => {
    const found = existing(given);
    if (found !== null) return { task: found, created: false };
    const nowMs = clock.nowMs();
    const task: Task = {
      ...given,
      id: newId(),
      status: refusal === null ? 'pending' : 'failed',
      attempts: 0,
      progressPercent: 0,
      progressStage: '',
      runAtMs: given.runAtMs ?? nowMs,
      createdAtMs: nowMs,
      startedAtMs: null,
      finishedAtMs: refusal === null ? null : nowMs,
      durationMs: null,
      error: refusal,
      result: null,
      claimedEpoch: null,
    };
    insert.run({
      ...task,
      payload: JSON.stringify(task.payload),
      error: refusal === null ? null : errorText(refusal),
      result: null,
      site: siteOf(task.url),
    });
    return { task, created: true };
  };

  const insertAll = (given: readonly NewTask[]): EnqueuedTask[] =>
    given.map((task, index) => insertOne(parseNewTask(task, `tasks.${index}.`), null));

  return {
    enqueueBatch: durably(context, insertAll),

    // What a power failure takes back, the hub hands out again: the next handshake does not list the leases.
    enqueueLeased: lightly(context, insertAll),

    enqueue: durably(context, (given: NewTask): EnqueuedTask => insertOne(parseNewTask(given, ''), null)),

    refuseLeased: durably(context, (given: NewTask, error: TaskError): EnqueuedTask => {
      const refused = insertOne(parseNewTask({ ...given, origin: 'hub' }, ''), error);
      if (refused.created) intoOutbox.run({ id: refused.task.id, createdAtMs: refused.task.createdAtMs });
      return refused;
    }),
  };
}

/** @throws LegworkError `invalid_payload` with the place of each wrong field */
function parseNewTask(given: NewTask, place: string): z.output<typeof newTask> {
  const parsed = newTask.safeParse(given);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${place}${issue.path.join('.')}: ${issue.message}`);
  throw new LegworkError('invalid_payload', issues.join('; '));
}
