import { describe, expect, it } from 'vitest';
import { claimOne, HTML_BLOB, leasedTask, localTask, openStore, taskErrorOf } from './queue-fixture.ts';

const byHost = taskErrorOf('cancelled_by_host');
const leaseLost = taskErrorOf('lease_lost');
const shutdown = taskErrorOf('shutdown');

describe('cancel', () => {
  it('ends a waiting local task', () => {
    const { queue } = openStore();
    const { task } = queue.enqueue(localTask());
    expect(queue.cancel(task.id, byHost)).toEqual({ taskId: task.id, attemptId: null });
    expect(queue.get(task.id)).toMatchObject({ status: 'cancelled', error: byHost, attempts: 0 });
    expect(queue.outboxCount()).toBe(0);
    expect(queue.cancel(task.id, byHost)).toBeNull();
    expect(queue.cancel('no-such-task', byHost)).toBeNull();
  });

  it('ends a running task, names the attempt to abort, and lets the hub hear of it', () => {
    const { queue } = openStore();
    const { task } = queue.enqueue(leasedTask('lease-1'));
    const { attemptId } = claimOne(queue);
    expect(queue.cancel(task.id, byHost)).toEqual({ taskId: task.id, attemptId });
    expect(queue.get(task.id)?.attemptHistory).toMatchObject([{ attemptId, outcome: 'cancelled', error: byHost }]);
    expect(queue.dueResults(1)).toMatchObject([{ attemptId, outcome: 'failed', error: byHost, result: null }]);
    expect(queue.fail({ attemptId, error: byHost })).toEqual({ kind: 'ignored' });
  });

  it('lets the hub hear of a leased task that never ran', () => {
    const { queue } = openStore();
    const { task } = queue.enqueue(leasedTask('lease-1'));
    queue.cancel(task.id, byHost);
    expect(queue.dueResults(1)).toMatchObject([{ leaseId: 'lease-1', attempts: 0, outcome: 'failed', durationMs: 0 }]);
  });
});

describe('loseLease', () => {
  it('ends the task without a word to the hub, and the history says why', () => {
    const { queue } = openStore();
    queue.enqueueBatch([leasedTask('running'), leasedTask('waiting')]);
    const { task, attemptId } = claimOne(queue);
    expect(queue.loseLease('running', leaseLost)).toEqual({ taskId: task.id, attemptId });
    expect(queue.loseLease('waiting', taskErrorOf('cancelled_by_operator'))).toMatchObject({ attemptId: null });
    expect(queue.loseLease('never-heard-of', leaseLost)).toBeNull();
    expect(queue.get(task.id)).toMatchObject({ status: 'cancelled', error: leaseLost });
    expect(queue.outboxCount()).toBe(0);
    expect(queue.heldLeases()).toEqual([]);
  });

  it('refuses a result that still waits, and keeps it in the history', () => {
    const { queue, database } = openStore();
    const { task } = queue.enqueue(leasedTask('lease-1'));
    queue.complete({ attemptId: claimOne(queue).attemptId, result: { kept: true }, blobs: [] });
    expect(queue.loseLease('lease-1', leaseLost)).toBeNull();
    expect(queue.dueResults(1)).toEqual([]);
    expect(queue.get(task.id)).toMatchObject({ status: 'completed', result: { kept: true } });
    expect(database.prepare('SELECT state, refusalCode FROM outbox').get()).toEqual({
      state: 'refused',
      refusalCode: 'lease_lost',
    });
  });
});

describe('stopping the agent', () => {
  it('gives waiting leases back with the attempts they have cost, and nothing else', () => {
    const { queue, clock } = openStore();
    queue.enqueueBatch([leasedTask('a'), leasedTask('b'), leasedTask('c'), localTask()]);
    const [first, second] = queue.claim({ lane: 'page', limit: 2, epoch: 1 });
    queue.fail({ attemptId: first?.attemptId ?? '', error: taskErrorOf('page_timeout') });
    const returned = queue.giveBack(['a', 'b', 'c', 'never-heard-of'], shutdown);
    expect(returned.map(({ leaseId, attemptsUsed }) => ({ leaseId, attemptsUsed }))).toEqual([
      { leaseId: 'a', attemptsUsed: 1 },
      { leaseId: 'c', attemptsUsed: 0 },
    ]);
    expect(queue.get(first?.task.id ?? '')).toMatchObject({ status: 'cancelled', error: shutdown });
    expect(queue.get(second?.task.id ?? '')).toMatchObject({ status: 'processing' });
    expect(queue.outboxCount()).toBe(0);
    clock.advance(300_000);
    expect(claimOne(queue).task.origin).toBe('local');
  });

  it('does not count an attempt that a stop interrupted, and runs the task again at its old place', () => {
    const { queue } = openStore();
    const { task } = queue.enqueue(localTask({ maxAttempts: 1 }));
    queue.enqueue(localTask());
    const first = claimOne(queue);
    expect(queue.requeueUncounted(first.attemptId)).toBe(true);
    expect(queue.requeueUncounted(first.attemptId)).toBe(false);
    expect(queue.get(task.id)).toMatchObject({ status: 'pending', attempts: 0 });
    const again = claimOne(queue);
    expect(again).toMatchObject({ number: 2, task: { id: task.id, attempts: 1 } });
    expect(queue.get(task.id)?.attemptHistory).toMatchObject([
      { number: 1, outcome: 'cancelled', error: { code: 'shutdown' } },
      { number: 2, outcome: null },
    ]);
  });
});

describe('retry by hand', () => {
  it('runs a failed local task again, with its history kept', () => {
    const { queue } = openStore();
    const { task } = queue.enqueue(localTask({ maxAttempts: 1, uniqueKey: 'once' }));
    queue.fail({ attemptId: claimOne(queue).attemptId, error: taskErrorOf('page_timeout') });
    expect(queue.retry(task.id)).toMatchObject({
      created: false,
      task: { id: task.id, status: 'pending', attempts: 0 },
    });
    const again = claimOne(queue);
    expect(again.number).toBe(2);
    queue.complete({ attemptId: again.attemptId, result: {}, blobs: [] });
    expect(queue.get(task.id)?.attemptHistory.map(({ outcome }) => outcome)).toEqual(['failed', 'completed']);
  });

  it('makes a new local task of one that belongs to the hub or has a result', () => {
    const { queue } = openStore();
    const leased = queue.enqueue(leasedTask('lease-1', { priority: 2 })).task;
    queue.fail({ attemptId: claimOne(queue).attemptId, error: taskErrorOf('url_refused') });
    const copy = queue.retry(leased.id);
    expect(copy).toMatchObject({
      created: true,
      task: { origin: 'local', leaseId: null, priority: 2, url: leased.url },
    });
    expect(queue.get(leased.id)?.status).toBe('failed');

    queue.complete({ attemptId: claimOne(queue).attemptId, result: { kept: true }, blobs: [HTML_BLOB] });
    expect(queue.retry(copy?.task.id ?? '')).toMatchObject({ created: true });
    expect(queue.get(copy?.task.id ?? '')?.result).toEqual({ kept: true });
  });

  it('does nothing for a task that has not ended', () => {
    const { queue } = openStore();
    const { task } = queue.enqueue(localTask());
    expect(queue.retry(task.id)).toBeNull();
    claimOne(queue);
    expect(queue.retry(task.id)).toBeNull();
    expect(queue.retry('no-such-task')).toBeNull();
  });
});

describe('the outbox', () => {
  it('hands results out oldest first and counts tries', () => {
    const { queue, clock } = openStore();
    for (const lease of ['a', 'b', 'c']) {
      queue.enqueue(leasedTask(lease));
      queue.complete({ attemptId: claimOne(queue).attemptId, result: { lease }, blobs: [] });
      clock.advance(lease === 'a' ? 0 : 1);
    }
    const [oldest] = queue.dueResults(1);
    expect(oldest).toMatchObject({ leaseId: 'a', result: { lease: 'a' } });
    queue.recordDeliveryTry(oldest?.attemptId ?? '', 'connection refused');
    expect(queue.dueResults(9).map(({ leaseId, tries, lastError }) => [leaseId, tries, lastError])).toEqual([
      ['a', 1, 'connection refused'],
      ['b', 0, null],
      ['c', 0, null],
    ]);
    expect(queue.markDelivered(oldest?.attemptId ?? '')).toBe(true);
    expect(queue.markDelivered(oldest?.attemptId ?? '')).toBe(false);
    expect(queue.markRefused(oldest?.attemptId ?? '', 'lease_lost', '')).toBe(false);
    expect(queue.outboxCount()).toBe(2);
  });

  it('turns a result whose parts are gone into a failure under the same attempt', () => {
    const { queue } = openStore();
    const { task } = queue.enqueue(leasedTask('lease-1'));
    const { attemptId } = claimOne(queue);
    queue.complete({ attemptId, result: { html: 'page.html' }, blobs: [HTML_BLOB] });
    const error = taskErrorOf('blob_missing', 'page.html');
    expect(queue.withdrawResult(attemptId, error)).toBe(true);
    expect(queue.dueResults(1)).toMatchObject([{ attemptId, outcome: 'failed', error, result: null, blobs: [] }]);
    expect(queue.get(task.id)).toMatchObject({ status: 'failed', error, result: null });
    queue.markDelivered(attemptId);
    expect(queue.withdrawResult(attemptId, error)).toBe(false);
  });

  it('knows which blobs are still named', () => {
    const { queue } = openStore();
    queue.enqueue(localTask());
    queue.complete({ attemptId: claimOne(queue).attemptId, result: {}, blobs: [HTML_BLOB] });
    const gone = 'b'.repeat(64);
    expect(queue.referencedBlobs([HTML_BLOB.sha256, gone])).toEqual(new Set([HTML_BLOB.sha256]));
  });
});
