import { describe, expect, it } from 'vitest';
import { claimOne, leasedTask, localTask, openStore, taskErrorOf } from './queue-fixture.ts';

describe('enqueue', () => {
  it('stores a task with its defaults', () => {
    const { queue, clock } = openStore();
    const { task, created } = queue.enqueue(localTask({ payload: { url: 'https://example.org/', text: 'Grüße 🦊' } }));
    expect(created).toBe(true);
    expect(queue.get(task.id)).toEqual({ ...task, attemptHistory: [] });
    expect(task).toMatchObject({ status: 'pending', priority: 5, attempts: 0, maxAttempts: 3, origin: 'local' });
    expect(task).toMatchObject({ createdAtMs: clock.nowMs(), runAtMs: clock.nowMs(), error: null, result: null });
    expect(task.payload).toEqual({ url: 'https://example.org/', text: 'Grüße 🦊' });
  });

  it('returns the existing task for a uniqueKey that is there, whatever has become of it', () => {
    const { queue } = openStore();
    const first = queue.enqueue(localTask({ uniqueKey: 'home-page' }));
    const again = queue.enqueue(localTask({ uniqueKey: 'home-page', url: 'https://example.net/' }));
    expect(again).toEqual({ task: first.task, created: false });
    const { attemptId } = claimOne(queue);
    queue.complete({ attemptId, result: { ok: true }, blobs: [] });
    const afterwards = queue.enqueue(localTask({ uniqueKey: 'home-page' }));
    expect(afterwards.created).toBe(false);
    expect(afterwards.task).toMatchObject({ id: first.task.id, status: 'completed' });
    expect(queue.statistics().total).toBe(1);
  });

  it('takes a lease once: a replayed answer of the hub makes no second task', () => {
    const { queue } = openStore();
    const first = queue.enqueue(leasedTask('lease-1'));
    expect(queue.enqueue(leasedTask('lease-1'))).toEqual({ task: first.task, created: false });
    expect(queue.enqueue(leasedTask('lease-2')).created).toBe(true);
  });

  it.each([
    ['priority', { priority: 11 }],
    ['priority', { priority: 0 }],
    ['maxAttempts', { maxAttempts: 0 }],
    ['type', { type: 'Website HTML' }],
    ['leaseId', { origin: 'hub' as const }],
    ['leaseId', { leaseId: 'lease-1', jobId: 'job-1' }],
  ])('refuses a wrong %s and says where it is', (field, wrong) => {
    const { queue } = openStore();
    expect(() => queue.enqueue(localTask(wrong))).toThrow(
      expect.objectContaining({ code: 'invalid_payload', detail: expect.stringContaining(field) as string }),
    );
  });
});

describe('enqueueBatch', () => {
  it('adds all tasks, duplicates within the batch once', () => {
    const { queue } = openStore();
    const added = queue.enqueueBatch([
      localTask({ uniqueKey: 'a' }),
      localTask({ uniqueKey: 'b' }),
      localTask({ uniqueKey: 'a' }),
    ]);
    expect(added.map(({ created }) => created)).toEqual([true, true, false]);
    expect(added[2]?.task.id).toBe(added[0]?.task.id);
  });

  it('adds none when one is wrong, and names it', () => {
    const { queue } = openStore();
    const batch = [localTask(), localTask(), localTask({ priority: 99 })];
    expect(() => queue.enqueueBatch(batch)).toThrow(/tasks\.2\.priority/);
    expect(queue.statistics().total).toBe(0);
  });
});

describe('refuseLeased', () => {
  it('records the refusal without an attempt and tells the hub', () => {
    const { queue, clock } = openStore();
    const error = taskErrorOf('unknown_type', 'Type "bake_bread".');
    const refused = queue.refuseLeased(leasedTask('lease-1', { type: 'bake_bread', url: '' }), error);
    expect(refused.task).toMatchObject({ status: 'failed', attempts: 0, error });
    expect(queue.dueResults(10)).toMatchObject([
      {
        leaseId: 'lease-1',
        jobId: 'job-of-lease-1',
        taskId: refused.task.id,
        outcome: 'failed',
        attempts: 0,
        startedAtMs: clock.nowMs(),
        finishedAtMs: clock.nowMs(),
        durationMs: 0,
        result: null,
        error,
        blobs: [],
      },
    ]);
    expect(queue.claim({ lane: 'page', limit: 10, epoch: 1 })).toEqual([]);
  });

  it('leaves a task alone that has the lease already', () => {
    const { queue } = openStore();
    const { task } = queue.enqueue(leasedTask('lease-1'));
    expect(queue.refuseLeased(leasedTask('lease-1'), taskErrorOf('unknown_type')).task).toEqual(task);
    expect(queue.outboxCount()).toBe(0);
  });
});
