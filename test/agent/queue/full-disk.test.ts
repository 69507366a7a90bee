import { expect, it } from 'vitest';
import { LegworkError } from '../../../main/protocol/error-table.ts';
import { brokenInvariants } from './invariants.ts';
import { leasedTask, localTask, openStore } from './queue-fixture.ts';

it('says that the disk is full, changes nothing, and goes on when there is room again', () => {
  const { queue, database } = openStore();
  queue.enqueue(leasedTask('lease-1'));
  const [claimed] = queue.claim({ lane: 'page', limit: 1, epoch: 1 });
  const attemptId = claimed?.attemptId ?? '';
  const pages = Number(database.pragma('page_count', { simple: true }));
  database.pragma(`max_page_count = ${pages}`);

  const large = { text: 'x'.repeat(100_000) };
  expect(() => queue.complete({ attemptId, result: large, blobs: [] })).toThrow(
    expect.objectContaining({ name: 'LegworkError', code: 'disk_full' }),
  );
  const batch = Array.from({ length: 5_000 }, () => localTask());
  expect(() => queue.enqueueBatch(batch)).toThrow(LegworkError);
  expect(queue.statistics()).toMatchObject({ total: 1, byStatus: { processing: 1 }, outboxWaiting: 0 });
  expect(brokenInvariants(database)).toEqual([]);

  database.pragma('max_page_count = 1000000');
  expect(queue.complete({ attemptId, result: large, blobs: [] })).toBe(true);
  expect(queue.dueResults(1)).toMatchObject([{ result: large }]);
});

it('does not claim on a full disk', () => {
  const { queue, database } = openStore();
  queue.enqueueBatch(Array.from({ length: 2_000 }, () => localTask()));
  database.pragma(`max_page_count = ${Number(database.pragma('page_count', { simple: true }))}`);
  expect(() => queue.claim({ lane: 'page', limit: 2_000, epoch: 1 })).toThrow(
    expect.objectContaining({ code: 'disk_full' }),
  );
  expect(queue.pendingCounts().page).toBe(2_000);
  expect(brokenInvariants(database)).toEqual([]);
});
