import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskFilter, TaskSummary } from '../../../main/agent/queue/task.ts';
import { claimOne, leasedTask, localTask, openStore, taskErrorOf, type Store } from './queue-fixture.ts';

/** Reads all pages of a list. */
function readAll({ queue }: Store, filter: TaskFilter, pageSize: number): TaskSummary[] {
  const tasks: TaskSummary[] = [];
  let cursor: string | null = null;
  do {
    const page = queue.list(filter, cursor, pageSize);
    tasks.push(...page.tasks);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return tasks;
}

/** 60 tasks of two types, in all states, three created in each millisecond. */
function mixedStore(): Store {
  const store = openStore();
  const { queue, clock } = store;
  for (let index = 0; index < 60; index += 1) {
    if (index % 3 === 0) clock.advance(1);
    const url = `https://example.org/${index % 2 === 0 ? 'Shop' : 'blog'}/${index}?a=100%_b`;
    const type = index % 5 === 0 ? 'lighthouse_html' : 'website_html';
    queue.enqueue(index % 4 === 0 ? leasedTask(`lease-${index}`, { url, type }) : localTask({ url, type }));
  }
  for (const [index, { attemptId }] of queue.claim({ lane: 'page', limit: 30, epoch: 1 }).entries()) {
    if (index % 3 === 0) queue.complete({ attemptId, result: {}, blobs: [] });
    if (index % 3 === 1) queue.fail({ attemptId, error: taskErrorOf('url_refused') });
  }
  return store;
}

describe('list', () => {
  it('gives the same tasks, newest first, whatever the filter and the size of the pages', () => {
    const store = mixedStore();
    const all = readAll(store, {}, 1_000);
    expect(all).toHaveLength(60);
    const startMs = all.at(-1)?.createdAtMs ?? 0;
    const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
    const filter = fc.record({
      status: optional(
        fc.constantFrom('pending' as const, 'processing' as const, 'completed' as const, 'failed' as const),
      ),
      type: optional(fc.constantFrom('website_html', 'lighthouse_html', 'unheard_of')),
      text: optional(fc.constantFrom('shop', 'SHOP', 'blog', '%', '_', '100%_b', '/7?', '\\')),
      origin: optional(fc.constantFrom('hub' as const, 'local' as const)),
      fromMs: optional(fc.integer({ min: startMs - 2, max: startMs + 22 })),
      toMs: optional(fc.integer({ min: startMs - 2, max: startMs + 22 })),
    });
    fc.assert(
      fc.property(filter, fc.integer({ min: 1, max: 70 }), (given, pageSize) => {
        const { status, type, text, origin, fromMs, toMs } = given;
        const expected = all.filter(
          (task) =>
            (status === undefined || task.status === status) &&
            (type === undefined || task.type === type) &&
            (origin === undefined || task.origin === origin) &&
            (text === undefined || task.url.toLowerCase().includes(text.toLowerCase())) &&
            task.createdAtMs >= (fromMs ?? 0) &&
            task.createdAtMs < (toMs ?? Infinity),
        );
        expect(readAll(store, given, pageSize).map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      }),
      { numRuns: 200 },
    );
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .sort()
        .toReversed(),
    );
  });

  it('stays in place while new tasks arrive', () => {
    const { queue, clock } = openStore();
    for (let index = 0; index < 6; index += 1) queue.enqueue(localTask({ url: `https://example.org/${index}` }));
    const first = queue.list({}, null, 3);
    clock.advance(10);
    queue.enqueue(localTask({ url: 'https://example.org/new' }));
    const second = queue.list({}, first.nextCursor, 3);
    expect([...first.tasks, ...second.tasks].map(({ url }) => url.slice(-1))).toEqual(['5', '4', '3', '2', '1', '0']);
  });

  it('searches a long history page by page instead of all at once', () => {
    const store = openStore();
    store.database.pragma('synchronous = OFF');
    store.queue.enqueue(localTask({ url: 'https://needle.example/' }));
    store.queue.enqueueBatch(Array.from({ length: 10_005 }, () => localTask()));
    const first = store.queue.list({ text: 'needle' }, null, 10);
    expect(first.tasks).toEqual([]);
    expect(first.nextCursor).not.toBeNull();
    expect(readAll(store, { text: 'needle' }, 10)).toHaveLength(1);
  });

  it('refuses a cursor that is none', () => {
    expect(() => openStore().queue.list({}, `1.0' OR 1`, 10)).toThrow(
      expect.objectContaining({ code: 'invalid_payload' }),
    );
  });
});

describe('statistics', () => {
  it('count what is there, as it changes', async () => {
    const { queue, clock } = openStore();
    const empty = { pending: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 };
    expect(queue.statistics()).toEqual({
      total: 0,
      byStatus: empty,
      byType: {},
      oldestPendingAtMs: null,
      completedLastHour: 0,
      failedLastHour: 0,
      outboxWaiting: 0,
    });
    const complete = (): boolean => queue.complete({ attemptId: claimOne(queue).attemptId, result: {}, blobs: [] });
    queue.enqueue(localTask());
    complete();
    clock.advance(3_600_001);
    queue.enqueue(leasedTask('lease-1'));
    complete();
    queue.enqueue(localTask({ type: 'lighthouse_html' }));
    queue.fail({ attemptId: claimOne(queue).attemptId, error: taskErrorOf('url_refused') });
    const oldestMs = clock.nowMs();
    queue.enqueueBatch([localTask(), localTask(), localTask()]);
    claimOne(queue);
    clock.advance(5);
    queue.enqueue(localTask());
    expect(queue.statistics()).toEqual({
      total: 7,
      byStatus: { ...empty, pending: 3, processing: 1, completed: 2, failed: 1 },
      byType: {
        website_html: { ...empty, pending: 3, processing: 1, completed: 2 },
        lighthouse_html: { ...empty, failed: 1 },
      },
      oldestPendingAtMs: oldestMs,
      completedLastHour: 1,
      failedLastHour: 1,
      outboxWaiting: 1,
    });
    await queue.cleanUp({ finishedBeforeMs: clock.nowMs() - 3_600_000 });
    expect(queue.statistics()).toMatchObject({ total: 6, byStatus: { completed: 1 } });
  });
});
