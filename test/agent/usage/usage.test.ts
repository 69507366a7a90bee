import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../main/agent/queue/open-database.ts';
import { Queue } from '../../../main/agent/queue/queue.ts';
import { MonthlyUsage } from '../../../main/agent/usage/monthly-usage.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { claimOne, leasedTask, localTask, taskErrorOf, temporaryFolder } from '../queue/queue-fixture.ts';

const HUB = 'https://hub.example.org';

function openQueue(clock: ManualClock, zone: { name: string } = { name: 'Europe/Berlin' }): Queue {
  const database = openDatabase(join(temporaryFolder(), 'legwork.db'));
  onTestFinished(() => void database.close());
  return new Queue({ database, clock, random: () => 0, hubUrl: HUB, timeZone: () => zone.name });
}

/** Carries one task out within so long, with so much traffic. */
async function work(
  queue: Queue,
  clock: ManualClock,
  given: { tookMs: number; bytesDown?: number; bytesUp?: number; lease?: string; type?: string },
): Promise<void> {
  const { tookMs, bytesDown = 0, bytesUp = 0, lease, type = 'website_html' } = given;
  queue.enqueue(lease === undefined ? localTask({ type }) : leasedTask(lease, { type }));
  const { attemptId } = claimOne(queue);
  await clock.advance(tookMs);
  queue.complete({ attemptId, result: {}, blobs: [], network: { bytesDown, bytesUp } });
}

it('is counted by month, hub and type, and kept for 24 months', async () => {
  const clock = new ManualClock(Date.parse('2024-10-15T12:00:00Z'));
  const queue = openQueue(clock);
  await work(queue, clock, { tookMs: 1_000, bytesDown: 1 });
  await clock.advance(Date.parse('2026-10-31T12:00:00Z') - clock.nowMs());
  await work(queue, clock, { tookMs: 2_000, bytesDown: 10, bytesUp: 1, lease: 'l1' });
  await work(queue, clock, { tookMs: 3_000, bytesDown: 20, lease: 'l2', type: 'lighthouse_html' });
  await clock.advance(Date.parse('2026-11-22T12:00:00Z') - clock.nowMs());
  await work(queue, clock, { tookMs: 4_000, bytesDown: 30, bytesUp: 3, lease: 'l3' });
  await work(queue, clock, { tookMs: 5_000 });
  await work(queue, clock, { tookMs: 6_000, bytesDown: 40, lease: 'l4' });
  queue.usage.forgetOld();
  const october = { year: 2026, month: 10 };
  const november = { year: 2026, month: 11 };
  expect(queue.usage.byMonth()).toEqual([
    { ...november, hubUrl: null, type: 'website_html', tasks: 1, browserTimeMs: 5_000, bytesDown: 0, bytesUp: 0 },
    { ...november, hubUrl: HUB, type: 'website_html', tasks: 2, browserTimeMs: 10_000, bytesDown: 70, bytesUp: 3 },
    { ...october, hubUrl: HUB, type: 'lighthouse_html', tasks: 1, browserTimeMs: 3_000, bytesDown: 20, bytesUp: 0 },
    { ...october, hubUrl: HUB, type: 'website_html', tasks: 1, browserTimeMs: 2_000, bytesDown: 10, bytesUp: 1 },
  ]);
  expect(queue.usage.today()).toEqual({ tasks: 3, browserTimeMs: 15_000, bytesDown: 70, bytesUp: 3 });
});

it('keeps the month that lies 24 back', async () => {
  const clock = new ManualClock(Date.parse('2024-11-01T00:30:00Z'));
  const queue = openQueue(clock);
  await work(queue, clock, { tookMs: 1_000 });
  await clock.advance(Date.parse('2026-11-22T12:00:00Z') - clock.nowMs());
  queue.usage.forgetOld();
  expect(queue.usage.byMonth()).toMatchObject([{ year: 2024, month: 11, tasks: 1 }]);
});

it('counts the time and the traffic of every attempt, but a task once', async () => {
  const clock = new ManualClock(Date.parse('2026-11-22T12:00:00Z'));
  const queue = openQueue(clock);
  const network = { bytesDown: 100, bytesUp: 10 };
  const task = queue.enqueue(localTask({ maxAttempts: 2 })).task;
  const first = claimOne(queue);
  await clock.advance(1_000);
  queue.fail({ attemptId: first.attemptId, error: taskErrorOf('page_timeout'), network });
  expect(queue.usage.today()).toEqual({ tasks: 0, browserTimeMs: 1_000, bytesDown: 100, bytesUp: 10 });
  await clock.advance(3_600_000);
  const second = claimOne(queue);
  await clock.advance(1_000);
  queue.requeueUncounted(second.attemptId, network);
  const third = claimOne(queue);
  await clock.advance(1_000);
  queue.fail({ attemptId: third.attemptId, error: taskErrorOf('page_timeout'), network });
  expect(queue.get(task.id)?.status).toBe('failed');
  expect(queue.usage.today()).toEqual({ tasks: 1, browserTimeMs: 3_000, bytesDown: 300, bytesUp: 30 });
});

it('counts the time of a cancelled task, and nothing for one that never ran', async () => {
  const clock = new ManualClock(Date.parse('2026-11-22T12:00:00Z'));
  const queue = openQueue(clock);
  const running = queue.enqueue(localTask()).task;
  claimOne(queue);
  const waiting = queue.enqueue(localTask()).task;
  await clock.advance(500);
  queue.cancel(running.id, taskErrorOf('cancelled_by_host'));
  queue.cancel(waiting.id, taskErrorOf('cancelled_by_host'));
  queue.usage.addNetwork(running, { bytesDown: 7, bytesUp: 1 });
  expect(queue.usage.today()).toEqual({ tasks: 0, browserTimeMs: 500, bytesDown: 7, bytesUp: 1 });
});

it('is not counted when the attempt had ended before', async () => {
  const clock = new ManualClock(Date.parse('2026-11-22T12:00:00Z'));
  const queue = openQueue(clock);
  queue.enqueue(localTask());
  const { attemptId } = claimOne(queue);
  const completion = { attemptId, result: {}, blobs: [], network: { bytesDown: 1, bytesUp: 1 } };
  expect([queue.complete(completion), queue.complete(completion)]).toEqual([true, false]);
  expect(queue.usage.today()).toMatchObject({ tasks: 1, bytesDown: 1 });
});

it('begins a new month at midnight of the host, not of Greenwich', async () => {
  // 23:00 UTC is midnight in Berlin in winter.
  const clock = new ManualClock(Date.parse('2026-11-30T22:59:50Z'));
  const zone = { name: 'Europe/Berlin' };
  const queue = openQueue(clock, zone);
  const settings = { monthlyTaskQuota: 2, monthlyBrowserMinutesQuota: 0, monthlyTrafficQuotaBytes: 1_000 };
  const usage = new MonthlyUsage(queue.usage, settings, clock);
  await work(queue, clock, { tookMs: 1_000 });
  await work(queue, clock, { tookMs: 1_000 });
  usage.changed();
  expect(usage.current).toMatchObject({
    year: 2026,
    month: 11,
    totals: { tasks: 2 },
    quota: { tasks: 2, browserTimeMs: null, bytes: 1_000 },
    resetsAtMs: Date.parse('2026-11-30T23:00:00Z'),
  });
  await clock.advance(8_000);
  expect(usage.current).toMatchObject({ year: 2026, month: 12, totals: { tasks: 0 } });
  await work(queue, clock, { tookMs: 1_000 });
  expect(queue.usage.byMonth().map(({ month, tasks }) => [month, tasks])).toEqual([
    [12, 1],
    [11, 2],
  ]);
  zone.name = 'America/New_York';
  await work(queue, clock, { tookMs: 1_000 });
  expect(queue.usage.thisMonth()).toMatchObject({ month: 11, totals: { tasks: 4 } });
});
