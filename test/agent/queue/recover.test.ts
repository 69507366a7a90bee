import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../main/agent/queue/open-database.ts';
import { Queue } from '../../../main/agent/queue/queue.ts';
import { claimOne, leasedTask, localTask, ManualClock, openStore, taskErrorOf } from './queue-fixture.ts';

describe('beginEpoch', () => {
  it('keeps the instance and grows with each start', () => {
    const first = openStore();
    const one = first.queue.beginEpoch();
    expect(one).toMatchObject({ epoch: 1, recovered: [], afterCleanEnd: true });
    first.database.close();
    const two = openStore({ file: first.file }).queue.beginEpoch();
    expect(two).toEqual({ instanceId: one.instanceId, epoch: 2, recovered: [], afterCleanEnd: false });
    expect(openStore().queue.beginEpoch().instanceId).not.toBe(one.instanceId);
  });

  it('knows whether the start before it ended in order', () => {
    const { queue } = openStore();
    queue.endEpoch(queue.beginEpoch().epoch);
    expect(queue.beginEpoch().afterCleanEnd).toBe(true);
    const { epoch, afterCleanEnd } = queue.beginEpoch();
    expect(afterCleanEnd).toBe(false);
    queue.endEpoch(epoch - 1);
    expect(queue.beginEpoch().afterCleanEnd).toBe(false);
  });

  it('puts back what an earlier start left running, with the attempt counted', () => {
    const { queue, clock } = openStore();
    const { epoch } = queue.beginEpoch();
    const { task } = queue.enqueue(leasedTask('lease-1'));
    const { attemptId } = claimOne(queue, epoch);
    clock.advance(5_000);
    const { recovered } = queue.beginEpoch();
    expect(recovered).toEqual([
      { taskId: task.id, attemptId, leaseId: 'lease-1', decision: { kind: 'retry', runAtMs: clock.nowMs() + 1_000 } },
    ]);
    expect(queue.get(task.id)).toMatchObject({ status: 'pending', attempts: 1, error: { code: 'agent_crashed' } });
    expect(queue.get(task.id)?.attemptHistory).toMatchObject([{ outcome: 'failed', durationMs: 5_000 }]);
    expect(queue.complete({ attemptId, result: {}, blobs: [] })).toBe(false);
    expect(queue.heldLeases()).toMatchObject([{ leaseId: 'lease-1', state: 'queued' }]);
  });

  it('fails what has used up its attempts, and the hub hears of it', () => {
    const { queue } = openStore();
    queue.enqueueBatch([leasedTask('lease-1', { maxAttempts: 1 }), localTask({ maxAttempts: 1 })]);
    queue.claim({ lane: 'page', limit: 2, epoch: queue.beginEpoch().epoch });
    const { recovered } = queue.beginEpoch();
    expect(recovered.map(({ decision }) => decision)).toEqual([{ kind: 'final' }, { kind: 'final' }]);
    expect(queue.statistics().byStatus.failed).toBe(2);
    expect(queue.dueResults(10)).toMatchObject([
      { leaseId: 'lease-1', outcome: 'failed', attempts: 1, error: { code: 'agent_crashed', class: 'infrastructure' } },
    ]);
  });
});

describe('resetStuck', () => {
  it('fails only attempts over the threshold that nobody carries out', () => {
    const { queue, clock } = openStore();
    const { epoch } = queue.beginEpoch();
    queue.enqueueBatch([localTask(), localTask(), localTask()]);
    const [forgotten, working] = queue.claim({ lane: 'page', limit: 2, epoch });
    clock.advance(60_000);
    const fresh = claimOne(queue, epoch);
    const running = new Set([working?.attemptId ?? '']);
    const reset = queue.resetStuck({ thresholdMs: 60_000, epoch, running });
    expect(reset).toMatchObject([{ attemptId: forgotten?.attemptId, decision: { kind: 'retry' } }]);
    expect(queue.get(forgotten?.task.id ?? '')).toMatchObject({ status: 'pending', error: { code: 'internal' } });
    for (const claimed of [working, fresh]) expect(queue.get(claimed?.task.id ?? '')?.status).toBe('processing');
    expect(queue.resetStuck({ thresholdMs: 60_000, epoch, running })).toEqual([]);
  });

  it('takes attempts of an earlier epoch at once', () => {
    const { queue } = openStore();
    queue.enqueue(localTask());
    claimOne(queue, 1);
    expect(queue.resetStuck({ thresholdMs: 3_600_000, epoch: 2, running: new Set() })).toHaveLength(1);
  });
});

it('records a failure of the class cancelled as a cancellation, and the hub hears of it', () => {
  const { queue } = openStore();
  queue.enqueue(leasedTask('lease-1'));
  const { attemptId, task } = claimOne(queue);
  expect(queue.fail({ attemptId, error: taskErrorOf('cancelled_by_host') })).toEqual({ kind: 'final' });
  expect(queue.get(task.id)?.status).toBe('cancelled');
  expect(queue.dueResults(1)).toMatchObject([{ outcome: 'failed', error: { code: 'cancelled_by_host' } }]);
});

it('waits for the disk when it claims after a start that did not end in order', () => {
  const NORMAL = 1;
  const FULL = 2;
  const file = openStore().file;
  const database = openDatabase(file);
  onTestFinished(() => void database.close());
  const level = (): unknown => database.pragma('synchronous', { simple: true });
  /** Asked for the time within the transaction, it notes how the database would commit it. */
  const levels: unknown[] = [];
  const clock = new ManualClock();
  const nowMs = clock.nowMs.bind(clock);
  clock.nowMs = () => {
    if (database.inTransaction) levels.push(level());
    return nowMs();
  };
  const queue = new Queue({ database, clock, random: Math.random });
  queue.enqueueBatch([localTask(), localTask()]);
  const first = queue.beginEpoch();
  levels.length = 0;
  claimOne(queue, first.epoch);
  expect(new Set(levels)).toEqual(new Set([NORMAL]));
  expect(level()).toBe(FULL);
  const second = queue.beginEpoch();
  levels.length = 0;
  claimOne(queue, second.epoch);
  expect(new Set(levels)).toEqual(new Set([FULL]));
});
