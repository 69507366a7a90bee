import { randomUUID } from 'node:crypto';
import { LegworkError } from '../../protocol/error-table.ts';
import type { TaskError } from '../../protocol/fields.ts';
import { taskErrorOf } from '../../protocol/task-error.ts';
import { formatAttemptId } from './attempt-id.ts';
import { prepareFinishAttempt } from './finish-attempt.ts';
import { durably, type StoreContext } from './store-context.ts';
import { LIVE_COLUMNS, type LiveTask } from './task-end.ts';
import type { RecoveredTask } from './task.ts';

/** A start of the agent on this database. */
export interface Epoch {
  /** Made once for the database. */
  instanceId: string;
  /** Grows with each start. */
  epoch: number;
  /** Whether the start before this one ended in order, see `endEpoch`; true for the first. */
  afterCleanEnd: boolean;
  /** Tasks that an earlier start left running. */
  recovered: RecoveredTask[];
}

/** Tasks that are marked as running although nobody runs them: after a crash, or by a fault of the executor. */
export function prepareRecover(context: StoreContext) {
  const { database, clock } = context;
  const finish = prepareFinishAttempt(context);
  const readMeta = database.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck();
  const writeMeta = database.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const running = database.prepare<[], LiveTask>(
    `SELECT ${LIVE_COLUMNS} FROM tasks
      WHERE finishedAtMs IS NULL AND status = 'processing' ORDER BY createdAtMs, sequence`,
  );

  const takeBackWaiting = database.prepare(
    `UPDATE tasks SET waitsForSite = 0 WHERE status = 'pending' AND waitsForSite = 1`,
  );

  /** Part of a transaction. */
  const recover = (task: LiveTask, error: TaskError): RecoveredTask => ({
    taskId: task.taskId,
    attemptId: formatAttemptId(task),
    leaseId: task.leaseId,
    decision: finish.failWithin(task, { error }),
  });

  return {
    beginEpoch: durably(context, (): Epoch => {
      const instanceId = readMeta.get('instanceId') ?? randomUUID();
      const earlier = Number(readMeta.get('epoch') ?? '0');
      const afterCleanEnd = earlier === 0 || readMeta.get('cleanlyEndedEpoch') === String(earlier);
      const epoch = earlier + 1;
      writeMeta.run('instanceId', instanceId);
      writeMeta.run('epoch', String(epoch));
      // Which sites may be visited is known anew as soon as their turn comes.
      takeBackWaiting.run();
      const error = taskErrorOf(new LegworkError('agent_crashed'));
      return { instanceId, epoch, afterCleanEnd, recovered: running.all().map((task) => recover(task, error)) };
    }),

    endEpoch: durably(context, (epoch: number): void => {
      writeMeta.run('cleanlyEndedEpoch', String(epoch));
    }),

    resetStuck: durably(
      context,
      (request: { thresholdMs: number; epoch: number; running: ReadonlySet<string> }): RecoveredTask[] => {
        const startedBeforeMs = clock.nowMs() - request.thresholdMs;
        const error = taskErrorOf(new LegworkError('internal', 'The task was marked as running, but nobody ran it.'));
        return running
          .all()
          .filter((task) => !request.running.has(formatAttemptId(task)))
          .filter((task) => (task.claimedEpoch ?? 0) < request.epoch || (task.startedAtMs ?? 0) <= startedBeforeMs)
          .map((task) => recover(task, error));
      },
    ),
  };
}
