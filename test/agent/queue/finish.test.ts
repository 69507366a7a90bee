import { describe, expect, it } from 'vitest';
import { claimOne, HTML_BLOB, leasedTask, localTask, openStore, taskErrorOf } from './queue-fixture.ts';

describe('complete', () => {
  it('records task, attempt and outbox together', () => {
    const { queue, clock } = openStore();
    const { task } = queue.enqueue(leasedTask('lease-1'));
    clock.advance(10);
    const { attemptId } = claimOne(queue);
    clock.advance(250);
    const result = { title: 'Example', status: 404 };
    expect(queue.complete({ attemptId, result, blobs: [HTML_BLOB], typeVersion: 2 })).toBe(true);
    const nowMs = clock.nowMs();
    const stored = queue.get(task.id);
    expect(stored).toMatchObject({ status: 'completed', result, error: null, progressPercent: 100 });
    expect(stored).toMatchObject({ finishedAtMs: nowMs, durationMs: 250, attempts: 1 });
    expect(stored?.attemptHistory).toMatchObject([{ attemptId, outcome: 'completed', blobs: [HTML_BLOB] }]);
    expect(queue.dueResults(10)).toEqual([
      {
        attemptId,
        taskId: task.id,
        leaseId: 'lease-1',
        jobId: 'job-of-lease-1',
        type: 'website_html',
        typeVersion: 2,
        attempts: 1,
        outcome: 'completed',
        startedAtMs: nowMs - 250,
        finishedAtMs: nowMs,
        durationMs: 250,
        result,
        error: null,
        blobs: [HTML_BLOB],
        createdAtMs: nowMs,
        tries: 0,
        lastError: null,
      },
    ]);
  });

  it('does not put local tasks into the outbox', () => {
    const { queue } = openStore();
    queue.enqueue(localTask());
    expect(queue.complete({ attemptId: claimOne(queue).attemptId, result: {}, blobs: [] })).toBe(true);
    expect(queue.outboxCount()).toBe(0);
  });

  it('is ignored when the attempt has ended otherwise: second completion, cancelled, lease lost, unknown', () => {
    const { queue } = openStore();
    for (const lease of ['a', 'b', 'c']) queue.enqueue(leasedTask(lease));
    const [first, second, third] = queue.claim({ lane: 'page', limit: 3, epoch: 1 });
    const complete = (attemptId = ''): boolean => queue.complete({ attemptId, result: { late: true }, blobs: [] });
    expect(complete(first?.attemptId)).toBe(true);
    queue.cancel(second?.task.id ?? '', taskErrorOf('cancelled_by_host'));
    queue.loseLease(third?.task.leaseId ?? '', taskErrorOf('lease_lost'));
    expect([first, second, third].map((claimed) => complete(claimed?.attemptId))).toEqual([false, false, false]);
    expect(complete('no-such-attempt')).toBe(false);
    expect(queue.get(second?.task.id ?? '')).toMatchObject({ status: 'cancelled', result: null });
    expect(queue.get(third?.task.id ?? '')).toMatchObject({ status: 'cancelled', result: null });
  });

  it('is ignored for an earlier attempt of a task that runs again', () => {
    const { queue, clock } = openStore({ random: () => 0 });
    queue.enqueue(localTask());
    const first = claimOne(queue);
    queue.fail({ attemptId: first.attemptId, error: taskErrorOf('page_timeout') });
    clock.advance(1_000);
    const second = claimOne(queue);
    expect(queue.complete({ attemptId: first.attemptId, result: { from: 'the past' }, blobs: [] })).toBe(false);
    expect(queue.get(second.task.id)?.status).toBe('processing');
    expect(queue.complete({ attemptId: second.attemptId, result: { from: 'now' }, blobs: [] })).toBe(true);
  });

  it('leaves nothing behind when a part of it cannot be stored', () => {
    const { queue } = openStore();
    const { task } = queue.enqueue(leasedTask('lease-1'));
    const { attemptId } = claimOne(queue);
    const twice = [HTML_BLOB, HTML_BLOB];
    expect(() => queue.complete({ attemptId, result: {}, blobs: twice })).toThrow();
    expect(queue.get(task.id)).toMatchObject({ status: 'processing', attemptHistory: [{ outcome: null, blobs: [] }] });
    expect(queue.outboxCount()).toBe(0);
    expect(queue.complete({ attemptId, result: {}, blobs: [HTML_BLOB] })).toBe(true);
  });
});

describe('fail', () => {
  it('waits for a retry while attempts are left, then fails for good and tells the hub once', () => {
    const { queue, clock } = openStore();
    const { task } = queue.enqueue(leasedTask('lease-1', { maxAttempts: 3 }));
    const error = taskErrorOf('page_timeout', 'after 30 s');
    for (const [number, delayMs] of [
      [1, 1_000],
      [2, 2_000],
    ] as const) {
      const { attemptId, number: claimedNumber } = claimOne(queue);
      expect(claimedNumber).toBe(number);
      expect(queue.fail({ attemptId, error })).toEqual({ kind: 'retry', runAtMs: clock.nowMs() + delayMs });
      expect(queue.get(task.id)).toMatchObject({ status: 'pending', error, attempts: number, finishedAtMs: null });
      expect(queue.claim({ lane: 'page', limit: 1, epoch: 1 })).toEqual([]);
      expect(queue.outboxCount()).toBe(0);
      clock.advance(delayMs);
    }
    const { attemptId } = claimOne(queue);
    expect(queue.fail({ attemptId, error })).toEqual({ kind: 'final' });
    expect(queue.get(task.id)).toMatchObject({ status: 'failed', error, attempts: 3, finishedAtMs: clock.nowMs() });
    expect(queue.get(task.id)?.attemptHistory.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed']);
    expect(queue.dueResults(10)).toMatchObject([{ attemptId, outcome: 'failed', error, attempts: 3 }]);
    expect(queue.fail({ attemptId, error })).toEqual({ kind: 'ignored' });
    expect(queue.outboxCount()).toBe(1);
  });

  it('does not retry what the error table says never to', () => {
    const { queue } = openStore();
    queue.enqueue(localTask());
    const { attemptId } = claimOne(queue);
    expect(queue.fail({ attemptId, error: taskErrorOf('url_refused') })).toEqual({ kind: 'final' });
  });

  it('does not run before the time that the site asked for', () => {
    const { queue, clock } = openStore();
    queue.enqueue(localTask());
    const notBeforeMs = clock.nowMs() + 3_600_000;
    const decision = queue.fail({
      attemptId: claimOne(queue).attemptId,
      error: taskErrorOf('page_timeout'),
      notBeforeMs,
    });
    clock.advance(3_599_999);
    expect(decision.kind).toBe('retry');
    expect(queue.claim({ lane: 'page', limit: 1, epoch: 1 })).toEqual([]);
    expect(queue.nextRunAtMs('page')).toBeGreaterThanOrEqual(notBeforeMs);
  });

  it('stores a message that is longer than the wire allows, shortened', () => {
    const { queue } = openStore();
    const { task } = queue.enqueue(localTask());
    const error = taskErrorOf('url_refused', 'x'.repeat(10_000));
    queue.fail({ attemptId: claimOne(queue).attemptId, error });
    expect(queue.get(task.id)?.error?.message).toHaveLength(4_000);
  });
});

describe('recordProgress', () => {
  it('shows in the task and its lease, and forgets entries of attempts that have ended', () => {
    const { queue } = openStore();
    queue.enqueueBatch([leasedTask('lease-1'), leasedTask('lease-2')]);
    const [first, second] = queue.claim({ lane: 'page', limit: 2, epoch: 1 });
    queue.complete({ attemptId: second?.attemptId ?? '', result: {}, blobs: [] });
    queue.recordProgress([
      { attemptId: first?.attemptId ?? '', percent: 40, stage: 'loading' },
      { attemptId: second?.attemptId ?? '', percent: 10, stage: 'late' },
    ]);
    expect(queue.get(first?.task.id ?? '')).toMatchObject({ progressPercent: 40, progressStage: 'loading' });
    expect(queue.get(second?.task.id ?? '')).toMatchObject({ progressPercent: 100 });
    expect(queue.heldLeases()).toEqual([
      expect.objectContaining({ leaseId: 'lease-1', state: 'running', progress: { percent: 40, stage: 'loading' } }),
      expect.objectContaining({ leaseId: 'lease-2', state: 'delivering', attemptId: second?.attemptId }),
    ]);
  });

  it('does not weaken the durability of what comes after it', () => {
    const { queue, database } = openStore();
    queue.enqueue(localTask());
    queue.recordProgress([{ attemptId: claimOne(queue).attemptId, percent: 1, stage: '' }]);
    expect(() => queue.recordProgress([{ attemptId: 'x', percent: Number.NaN, stage: '' }])).not.toThrow();
    expect(database.pragma('synchronous', { simple: true })).toBe(2);
  });
});
