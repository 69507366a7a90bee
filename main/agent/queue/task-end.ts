import type { BlobReference, JsonObject } from '../../protocol/fields.ts';
import type { NetworkUsage } from '../../protocol/task-host-messages.ts';
import { parseAttemptId } from './attempt-id.ts';
import type { StoreContext } from './store-context.ts';
import type { AttemptOutcome, TaskStatus } from './task.ts';
import { prepareRecordUsage } from './usage.ts';

/** A task that has not ended, and its latest attempt, which is open while the task is `processing`. */
export interface LiveTask {
  taskId: string;
  type: string;
  origin: 'hub' | 'local';
  /** Number of the latest attempt; 0 before the first. */
  number: number;
  status: 'pending' | 'processing';
  attempts: number;
  maxAttempts: number;
  startedAtMs: number | null;
  claimedEpoch: number | null;
  leaseId: string | null;
}

/** The columns of a LiveTask, for a SELECT. */
export const LIVE_COLUMNS =
  'id AS taskId, type, origin, lastAttemptNumber AS number, status, attempts, maxAttempts, startedAtMs, claimedEpoch, leaseId';

/** The statements by which attempts and tasks end. They are parts of transactions; see `durably`. */
export interface TaskEnd {
  /** The task that runs under this attempt; null when none does: it has ended, or runs under a later attempt. */
  runningUnder(attemptId: string): LiveTask | null;

  /** A task that has not ended. */
  live(taskId: string): LiveTask | null;

  /** Writes the open attempt of a task into the history, and what it took to the usage. `error` is JSON. Returns how long it took. */
  closeAttempt(
    task: LiveTask,
    end: {
      nowMs: number;
      outcome: AttemptOutcome;
      error: string | null;
      blobs?: readonly BlobReference[];
      /** Whether the task was done with it, well or not, and counts as one in the usage. */
      isTaskDone?: boolean;
      typeVersion?: number | undefined;
      network?: NetworkUsage | undefined;
    },
  ): number;

  /** Ends a task. One of the hub goes to the outbox, unless `tellHub` is false. `error` is JSON. */
  endTask(
    task: LiveTask,
    end: {
      nowMs: number;
      /** Of the attempt that ended with it; null when none did. */
      durationMs: number | null;
      status: Extract<TaskStatus, 'completed' | 'failed' | 'cancelled'>;
      error: string | null;
      result: JsonObject | null;
      tellHub?: boolean;
    },
  ): void;
}

/** See TaskEnd. */
export function prepareTaskEnd(context: StoreContext): TaskEnd {
  const { database } = context;
  const recordUsage = prepareRecordUsage(context);
  const live = database.prepare<[string], LiveTask>(
    `SELECT ${LIVE_COLUMNS} FROM tasks WHERE id = ? AND finishedAtMs IS NULL`,
  );
  const insertAttempt = database.prepare(
    `INSERT INTO attempts (taskId, number, epoch, startedAtMs, finishedAtMs, durationMs, outcome, error, typeVersion,
                           type, url, site)
     SELECT @taskId, @number, @epoch, @startedAtMs, @nowMs, @durationMs, @outcome, @error, @typeVersion, type, url, site
       FROM tasks WHERE id = @taskId`,
  );
  const insertBlob = database.prepare(
    `INSERT INTO attemptBlobs (taskId, number, name, sha256, sizeBytes, contentType)
     VALUES (@taskId, @number, @name, @sha256, @sizeBytes, @contentType)`,
  );
  const endTask = database.prepare(
    `UPDATE tasks
        SET status = @status, finishedAtMs = @nowMs, durationMs = coalesce(@durationMs, durationMs),
            error = @error, result = @result,
            progressPercent = CASE WHEN @status = 'completed' THEN 100 ELSE progressPercent END
      WHERE id = @taskId`,
  );
  const intoOutbox = database.prepare(
    'INSERT INTO outbox (taskId, number, createdAtMs) VALUES (@taskId, @number, @nowMs)',
  );

  return {
    runningUnder: (attemptId) => {
      const key = parseAttemptId(attemptId);
      const task = key === null ? undefined : live.get(key.taskId);
      return task?.status === 'processing' && task.number === key?.number ? task : null;
    },

    live: (taskId) => live.get(taskId) ?? null,

    closeAttempt: ({ taskId, number, ...task }, { blobs = [], isTaskDone = false, network, ...end }) => {
      const startedAtMs = task.startedAtMs ?? end.nowMs;
      const durationMs = Math.max(0, end.nowMs - startedAtMs);
      const typeVersion = end.typeVersion ?? null;
      const epoch = task.claimedEpoch ?? 0;
      insertAttempt.run({ taskId, number, epoch, startedAtMs, durationMs, ...end, typeVersion });
      for (const blob of blobs) insertBlob.run({ taskId, number, ...blob });
      recordUsage(task, { tasks: isTaskDone ? 1 : 0, browserTimeMs: durationMs, ...network });
      return durationMs;
    },

    endTask: (task, { tellHub = true, ...end }) => {
      const result = end.result === null ? null : JSON.stringify(end.result);
      endTask.run({ taskId: task.taskId, ...end, result });
      if (!tellHub || task.leaseId === null) return;
      // An end without an execution still needs a name of its own: that of the attempt that was not made.
      const number = task.status === 'processing' ? task.number : task.number + 1;
      intoOutbox.run({ taskId: task.taskId, number, nowMs: end.nowMs });
    },
  };
}
