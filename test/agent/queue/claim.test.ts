import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lane } from '../../../main/protocol/fields.ts';
import { claimOne, leasedTask, localTask, openStore, taskErrorOf, type Store } from './queue-fixture.ts';

describe('claim', () => {
  it('marks the task as running and opens an attempt', () => {
    const { queue, clock } = openStore();
    const { task } = queue.enqueue(localTask());
    clock.advance(50);
    const claimed = claimOne(queue, 7);
    expect(claimed).toMatchObject({ number: 1, task: { id: task.id, status: 'processing', attempts: 1 } });
    expect(claimed.task).toMatchObject({ startedAtMs: clock.nowMs(), claimedEpoch: 7 });
    expect(queue.get(task.id)?.attemptHistory).toMatchObject([
      { attemptId: claimed.attemptId, number: 1, epoch: 7, startedAtMs: clock.nowMs(), outcome: null },
    ]);
    expect(queue.claim({ lane: 'page', limit: 10, epoch: 7 })).toEqual([]);
  });

  it('keeps lanes apart', () => {
    const { queue } = openStore();
    queue.enqueue(localTask({ lane: 'exclusive', type: 'lighthouse_html' }));
    expect(queue.claim({ lane: 'page', limit: 10, epoch: 1 })).toEqual([]);
    expect(queue.pendingCounts()).toEqual({ page: 0, exclusive: 1 });
    expect(queue.claim({ lane: 'exclusive', limit: 10, epoch: 1 })).toHaveLength(1);
    expect(queue.pendingCounts()).toEqual({ page: 0, exclusive: 0 });
  });

  it('passes over tasks whose lease has ended, until it is renewed', () => {
    const { queue, clock } = openStore();
    queue.enqueue(leasedTask('lease-1', { leaseExpiresAtMs: clock.nowMs() + 1_000 }));
    clock.advance(1_000);
    expect(queue.claim({ lane: 'page', limit: 1, epoch: 1 })).toEqual([]);
    expect(queue.nextRunAtMs('page')).toBeNull();
    queue.renewLeases(['lease-1', 'never-heard-of'], clock.nowMs() + 1_000);
    expect(queue.nextRunAtMs('page')).not.toBeNull();
    expect(queue.claim({ lane: 'page', limit: 1, epoch: 1 })).toHaveLength(1);
  });

  it('says when the next task is due', () => {
    const { queue, clock } = openStore();
    expect(queue.nextRunAtMs('page')).toBeNull();
    queue.enqueue(localTask({ runAtMs: clock.nowMs() + 9_000, priority: 1 }));
    queue.enqueue(localTask({ runAtMs: clock.nowMs() + 4_000, priority: 10 }));
    queue.enqueue(localTask({ runAtMs: clock.nowMs() + 1_000, lane: 'exclusive' }));
    expect(queue.nextRunAtMs('page')).toBe(clock.nowMs() + 4_000);
    expect(queue.claim({ lane: 'page', limit: 5, epoch: 1 })).toEqual([]);
    clock.advance(4_000);
    expect(claimOne(queue).task.priority).toBe(10);
    expect(queue.nextRunAtMs('page')).toBe(clock.nowMs() + 5_000);
  });
});

/** What the queue must do, in a few lines of memory. */
interface ModelTask {
  id: string;
  lane: Lane;
  priority: number;
  runAtMs: number;
  order: number;
}

type Step =
  | { kind: 'enqueue'; lane: Lane; priority: number; delayMs: number }
  | { kind: 'claim'; lane: Lane; limit: number }
  | { kind: 'fail' }
  | { kind: 'advance'; byMs: number };

const lane = fc.constantFrom<Lane>('page', 'exclusive');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('enqueue' as const),
      lane,
      priority: fc.integer({ min: 1, max: 10 }),
      delayMs: fc.integer({ min: -2_000, max: 5_000 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('claim' as const), lane, limit: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'fail' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), byMs: fc.integer({ min: 0, max: 3_000 }) }),
  },
);

it('claims by priority, then time, then insertion: never twice, never early (any sequence)', () => {
  const { database, queue, clock }: Store = openStore();
  database.pragma('synchronous = OFF');
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      database.exec('DELETE FROM tasks');
      let order = 0;
      let waiting: ModelTask[] = [];
      const running: { attemptId: string; task: ModelTask }[] = [];
      for (const each of steps) {
        switch (each.kind) {
          case 'advance':
            clock.advance(each.byMs);
            break;
          case 'enqueue': {
            const runAtMs = clock.nowMs() + each.delayMs;
            const { task } = queue.enqueue(localTask({ lane: each.lane, priority: each.priority, runAtMs }));
            waiting.push({ id: task.id, lane: each.lane, priority: each.priority, runAtMs, order: order++ });
            break;
          }
          case 'claim': {
            const expected = waiting
              .filter((task) => task.lane === each.lane && task.runAtMs <= clock.nowMs())
              .sort((a, b) => a.priority - b.priority || a.runAtMs - b.runAtMs || a.order - b.order)
              .slice(0, each.limit);
            const claimed = queue.claim({ lane: each.lane, limit: each.limit, epoch: 1 });
            expect(claimed.map(({ task }) => task.id)).toEqual(expected.map(({ id }) => id));
            waiting = waiting.filter((task) => !expected.includes(task));
            for (const [index, task] of expected.entries()) {
              running.push({ attemptId: claimed[index]?.attemptId ?? '', task });
            }
            break;
          }
          case 'fail': {
            const oldest = running.shift();
            if (oldest === undefined) break;
            const error = taskErrorOf('page_timeout');
            const decision = queue.fail({ attemptId: oldest.attemptId, error });
            if (decision.kind === 'retry') waiting.push({ ...oldest.task, runAtMs: decision.runAtMs });
            break;
          }
        }
      }
      for (const name of ['page', 'exclusive'] as const) {
        const times = waiting.filter((task) => task.lane === name).map((task) => task.runAtMs);
        expect(queue.nextRunAtMs(name)).toBe(times.length === 0 ? null : Math.min(...times));
        expect(queue.pendingCounts()[name]).toBe(times.length);
      }
    }),
    { numRuns: 100 },
  );
});
