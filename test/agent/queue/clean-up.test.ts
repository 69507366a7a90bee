import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { brokenInvariants } from './invariants.ts';
import { claimOne, HTML_BLOB, leasedTask, localTask, openStore, type Store } from './queue-fixture.ts';

/** Ends `count` local tasks with a result of about 2 kB each. */
function addHistory({ queue, clock }: Store, count: number): void {
  queue.enqueueBatch(Array.from({ length: count }, () => localTask()));
  for (const { attemptId } of queue.claim({ lane: 'page', limit: count, epoch: 1 })) {
    queue.complete({ attemptId, result: { text: 'x'.repeat(2_000) }, blobs: [HTML_BLOB] });
    clock.advance(1);
  }
}

describe('cleanUp', () => {
  it('deletes what ended before the time, in small transactions, and nothing else', async () => {
    const store = openStore();
    const { queue, clock, database } = store;
    store.database.pragma('synchronous = OFF');
    addHistory(store, 1_000);
    const boundaryMs = clock.nowMs();
    const { task: ended } = queue.enqueue(localTask());
    queue.complete({ attemptId: claimOne(queue).attemptId, result: {}, blobs: [HTML_BLOB] });
    const { task: running } = queue.enqueue(localTask());
    claimOne(queue);
    const { task: waiting } = queue.enqueue(localTask());
    const report = await queue.cleanUp({ finishedBeforeMs: boundaryMs, chunkRows: 50 });
    expect(report).toMatchObject({ deletedTasks: 1_000, largestChunk: 50, chunks: 20 });
    for (const { id } of [ended, running, waiting]) expect(queue.get(id)).not.toBeNull();
    expect(database.prepare('SELECT count(*) FROM attempts').pluck().get()).toBe(1);
    expect(database.prepare('SELECT count(*) FROM attemptBlobs').pluck().get()).toBe(1);
    expect(brokenInvariants(database)).toEqual([]);
  });

  it('lets other work go on between its transactions', async () => {
    const store = openStore();
    store.database.pragma('synchronous = OFF');
    addHistory(store, 300);
    let turns = 0;
    let next = setImmediate(takeTurn);
    function takeTurn(): void {
      turns += 1;
      store.queue.enqueue(localTask());
      next = setImmediate(takeTurn);
    }
    const report = await store.queue.cleanUp({ finishedBeforeMs: store.clock.nowMs(), chunkRows: 10 });
    clearImmediate(next);
    expect(report.chunks).toBe(30);
    expect(turns).toBeGreaterThan(20);
    expect(store.queue.statistics()).toMatchObject({ total: turns });
  });

  it('never deletes a result that the hub has not confirmed, however old', async () => {
    const { queue, clock } = openStore();
    for (const lease of ['delivered', 'refused', 'waiting']) {
      queue.enqueue(leasedTask(lease));
      queue.complete({ attemptId: claimOne(queue).attemptId, result: {}, blobs: [] });
    }
    const [delivered, refused, waiting] = queue.dueResults(3);
    queue.markDelivered(delivered?.attemptId ?? '');
    queue.markRefused(refused?.attemptId ?? '', 'lease_lost', '');
    clock.advance(365 * 24 * 3_600_000);
    const report = await queue.cleanUp({ finishedBeforeMs: clock.nowMs(), maxRows: 0, chunkRows: 1 });
    expect(report.deletedTasks).toBe(2);
    expect(queue.dueResults(3)).toEqual([waiting]);
  });

  it('keeps the newest when there are more than allowed', async () => {
    const store = openStore();
    addHistory(store, 30);
    const newest = store.queue.list({}, null, 10).tasks.map(({ id }) => id);
    const report = await store.queue.cleanUp({ finishedBeforeMs: 0, maxRows: 10, chunkRows: 7 });
    expect(report).toMatchObject({ deletedTasks: 20, largestChunk: 7 });
    expect(store.queue.list({}, null, 100).tasks.map(({ id }) => id)).toEqual(newest);
  });

  it('gives the space back to the disk', async () => {
    const store = openStore();
    store.database.pragma('synchronous = OFF');
    addHistory(store, 2_000);
    store.database.pragma('wal_checkpoint(TRUNCATE)');
    const beforeBytes = statSync(store.file).size;
    const report = await store.queue.cleanUp({ finishedBeforeMs: store.clock.nowMs() });
    expect(report.freedPages).toBeGreaterThan(500);
    store.database.pragma('wal_checkpoint(TRUNCATE)');
    expect(statSync(store.file).size).toBeLessThan(beforeBytes / 2);
    expect(brokenInvariants(store.database)).toEqual([]);
  });

  it('stops between two transactions when it is told to', async () => {
    const store = openStore();
    addHistory(store, 30);
    const report = await store.queue.cleanUp({
      finishedBeforeMs: store.clock.nowMs(),
      chunkRows: 10,
      signal: AbortSignal.abort(),
    });
    expect(report).toMatchObject({ deletedTasks: 10, chunks: 1 });
  });
});
