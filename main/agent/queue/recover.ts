import { randomUUID } from 'node:crypto';
import { prepareFinishAttempt, taskErrorOf } from './finish-attempt.ts';
import { durably, type StoreContext } from './store-context.ts';
import type { RecoveredTask } from './task.ts';

/** A start of the agent on this database. */
export interface Epoch {
  /** Made once for the database. */
  instanceId: string;
  /** Grows with each start. */
  epoch: number;
  /** Tasks that an earlier start left running. */
  recovered: RecoveredTask[];
}

interface OpenAttempt {
  attemptId: string;
  epoch: number;
  startedAtMs: number;
}

/** Tasks that are marked as running although nobody runs them: after a crash, or by a fault of the executor. */
export function prepareRecover(context: StoreContext) {
  const { database, clock } = context;
  const finish = prepareFinishAttempt(context);
  const readMeta = database.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck();
  const writeMeta = database.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const openAttempts = database.prepare<[], OpenAttempt>(
    'SELECT attemptId, epoch, startedAtMs FROM attempts WHERE finishedAtMs IS NULL ORDER BY startedAtMs, attemptId',
  );

  return {
    beginEpoch: durably(context, (): Epoch => {
      const instanceId = readMeta.get('instanceId') ?? randomUUID();
      const epoch = Number(readMeta.get('epoch') ?? '0') + 1;
      writeMeta.run('instanceId', instanceId);
      writeMeta.run('epoch', String(epoch));
      const error = taskErrorOf('agent_crashed');
      const recovered = openAttempts.all().map((attempt) => finish.recoverWithin(attempt.attemptId, error));
      return { instanceId, epoch, recovered: recovered.filter((task) => task !== null) };
    }),

    resetStuck: durably(
      context,
      (request: { thresholdMs: number; epoch: number; running: ReadonlySet<string> }): RecoveredTask[] => {
        const startedBeforeMs = clock.nowMs() - request.thresholdMs;
        const error = taskErrorOf('internal', 'The task was marked as running, but nobody ran it.');
        return openAttempts
          .all()
          .filter((attempt) => !request.running.has(attempt.attemptId))
          .filter((attempt) => attempt.epoch < request.epoch || attempt.startedAtMs <= startedBeforeMs)
          .map((attempt) => finish.recoverWithin(attempt.attemptId, error))
          .filter((task) => task !== null);
      },
    ),
  };
}
