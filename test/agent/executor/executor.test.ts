import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ChildProcessTaskHostLauncher } from '../../../main/agent/executor/child-process-task-host.ts';
import { Executor, type ExecutorListener } from '../../../main/agent/executor/executor.ts';
import { DEFAULT_TASK_HOST_LIMITS, TaskHostSupervisor } from '../../../main/agent/executor/task-host-supervisor.ts';
import { SitePoliteness } from '../../../main/agent/politeness/site-politeness.ts';
import { openDatabase } from '../../../main/agent/queue/open-database.ts';
import { Queue } from '../../../main/agent/queue/queue.ts';
import type { NewTask, Task } from '../../../main/agent/queue/task.ts';
import { LOOPBACK_NETWORK } from '../../support/loopback-network.ts';
import { LegworkError } from '../../../main/protocol/error-table.ts';
import { jsonObject } from '../../../main/protocol/fields.ts';
import { PayloadVault } from '../../../main/protocol/payload-vault.ts';
import { systemClock, type Clock } from '../../../main/protocol/ports.ts';
import { taskErrorOf } from '../../../main/protocol/task-error.ts';
import { TaskCatalogue, type TaskType } from '../../../main/protocol/task-type.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';

const PROGRAM = new URL('../../fixtures/scripted-task-host.mjs', import.meta.url).pathname;

function taskType(name: string, lane: TaskType['lane']): TaskType {
  const payloadSchema = z.object({ url: z.string().max(20) });
  return { name, version: 1, summary: '', lane, payloadSchema, resultSchema: jsonObject, deadlineMs: () => 60_000 };
}

const catalogue = new TaskCatalogue([taskType('website_html', 'page'), taskType('lighthouse_html', 'exclusive')]);

let folder: string;
let database: ReturnType<typeof openDatabase>;
let queue: Queue;
let executor: Executor;
let supervisor: TaskHostSupervisor;
let events: string[];
let maxConcurrent: number;
let mayStart: boolean;
/** Called with each task at the moment at which it starts. */
let whenStarted: (task: Task) => void;
/** By how much the time of day goes on whenever somebody looks at it, as if the machine were slow. */
let msPerLook: number;
let clock: Clock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-executor-'));
  database = openDatabase(join(folder, 'legwork.sqlite'));
  msPerLook = 0;
  let passedMs = 0;
  clock = {
    ...systemClock,
    nowMs: () => {
      passedMs += msPerLook;
      return systemClock.nowMs() + passedMs;
    },
  };
  queue = new Queue({ database, clock, random: () => 0 });
  const { epoch } = queue.beginEpoch();
  const log = new RecordingLog();
  supervisor = new TaskHostSupervisor({
    launcher: new ChildProcessTaskHostLauncher(PROGRAM),
    settings: {
      blobFolder: folder,
      runFolder: folder,
      chromiumPath: null,
      headlessShellPath: null,
      sandbox: false,
      network: LOOPBACK_NETWORK,
      recycle: { afterPages: 1, afterMs: 1, memoryBytes: 1 },
    },
    limits: { ...DEFAULT_TASK_HOST_LIMITS, memoryBytes: 1e12 },
    clock: systemClock,
    log,
  });
  events = [];
  maxConcurrent = 2;
  mayStart = true;
  whenStarted = () => undefined;
  const listener: ExecutorListener = {
    onStarted: ({ task }) => {
      events.push(`started ${task.url}`);
      whenStarted(task);
    },
    onProgress: () => undefined,
    onFinished: ({ task }, outcome) => events.push(`${outcome} ${task.url}`),
    onRoom: () => undefined,
    onStoreFailure: (error) => events.push(`store failure ${String(error)}`),
  };
  executor = new Executor({
    queue,
    supervisor,
    catalogue,
    vault: new PayloadVault(PayloadVault.createKey()),
    clock,
    log,
    listener,
    maxConcurrent: () => maxConcurrent,
    maxTaskMs: () => 3_600_000,
    mayStart: () => mayStart,
    sites: new SitePoliteness({
      limits: () => ({ concurrency: 2, intervalMs: 0, longestPauseMs: 60_000 }),
      notes: queue,
      clock: systemClock,
      log,
    }),
    epoch,
  });
});

afterEach(async () => {
  executor.stopAccepting();
  await supervisor.stop();
  await executor.whenIdle();
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function enqueue(url: string, more: Partial<NewTask> = {}): Task {
  const task: NewTask = { type: 'website_html', url, payload: { url }, lane: 'page', ...more };
  const enqueued = queue.enqueue(task).task;
  executor.wake();
  return enqueued;
}

const hubTask = { origin: 'hub', jobId: 'job-1', leaseId: 'lease-1', leaseExpiresAtMs: Date.now() + 600_000 } as const;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(10);
}

function statusOf(task: Task): string | undefined {
  return queue.get(task.id)?.status;
}

describe('the executor', () => {
  it('executes what is due, records the result, and puts a leased one into the outbox', async () => {
    executor.start();
    const local = enqueue('finish');
    const leased = enqueue('finish', hubTask);
    await until(() => statusOf(local) === 'completed' && statusOf(leased) === 'completed');
    expect(queue.get(local.id)).toMatchObject({ attempts: 1, result: { url: 'finish' } });
    expect(queue.dueResults(9).map(({ leaseId, outcome }) => [leaseId, outcome])).toEqual([['lease-1', 'completed']]);
  });

  it('runs no more than its limit at once, and takes the next as soon as a slot is free', async () => {
    executor.start();
    const tasks = ['obey', 'obey', 'obey'].map((url) => enqueue(url));
    await until(() => executor.running().length === 2);
    await systemClock.sleep(100);
    expect(tasks.map(statusOf)).toEqual(['processing', 'processing', 'pending']);
    maxConcurrent = 3;
    executor.wake();
    await until(() => executor.running().length === 3);
  });

  it('runs an audit alone', async () => {
    executor.start();
    const page = enqueue('obey');
    await until(() => executor.running().length === 1);
    const audit = enqueue('finish', { type: 'lighthouse_html', lane: 'exclusive' });
    const later = enqueue('finish');
    await systemClock.sleep(200);
    expect(statusOf(audit)).toBe('pending');
    const error = taskErrorOf(new LegworkError('cancelled_by_host'));
    queue.cancel(page.id, error);
    executor.abandon(page.id, error);
    await until(() => statusOf(audit) === 'completed' && statusOf(later) === 'completed');
    expect(events.filter((event) => event.startsWith('started')).length).toBe(3);
  });

  it('starts a retry when its time has come, without being woken', async () => {
    executor.start();
    const task = enqueue('crash', { maxAttempts: 2 });
    await until(() => statusOf(task) === 'failed');
    expect(queue.get(task.id)?.attemptHistory.map(({ error }) => error?.code)).toEqual([
      'task_host_crashed',
      'task_host_crashed',
    ]);
  });

  it('drops the outcome of a task whose lease was lost, and stops it within two seconds', async () => {
    executor.start();
    const task = enqueue('ignore', hubTask);
    await until(() => executor.running().length === 1);
    const error = taskErrorOf(new LegworkError('lease_lost'));
    expect(queue.loseLease('lease-1', error)).toMatchObject({ taskId: task.id });
    executor.abandon(task.id, error);
    await until(() => executor.running().length === 0);
    expect(DEFAULT_TASK_HOST_LIMITS.cancelGraceMs).toBeLessThan(2_000);
    expect(queue.get(task.id)).toMatchObject({ status: 'cancelled', error: { code: 'lease_lost' } });
    expect(queue.outboxCount()).toBe(0);
    expect(events).toContain('ignored ignore');
  });

  it('starts a task that comes due in the midst of a look at the line', async () => {
    msPerLook = 1;
    executor.start();
    for (let offsetMs = 1; offsetMs <= 20; offsetMs += 1) {
      const task = enqueue('finish', { runAtMs: clock.nowMs() + offsetMs });
      await until(() => statusOf(task) === 'completed');
    }
  });

  it('puts interrupted tasks back without counting the attempt', async () => {
    executor.start();
    const task = enqueue('obey');
    await until(() => executor.running().length === 1);
    executor.stopAccepting();
    await executor.interruptAll();
    expect(queue.get(task.id)).toMatchObject({ status: 'pending', attempts: 0 });
  });

  it('fails a stored payload that its type does not accept (any more), naming the field', async () => {
    executor.start();
    const task = enqueue('an address that is longer than twenty characters');
    await until(() => statusOf(task) === 'failed');
    expect(queue.get(task.id)?.error).toMatchObject({ code: 'invalid_payload' });
    expect(queue.get(task.id)?.error?.message).toContain('payload.url');
  });

  it('starts nothing while it may not, and goes on when it may again', async () => {
    mayStart = false;
    executor.start();
    const task = enqueue('finish');
    await systemClock.sleep(200);
    expect(statusOf(task)).toBe('pending');
    mayStart = true;
    executor.wake();
    await until(() => statusOf(task) === 'completed');
  });

  it('keeps an outcome that a full disk refuses, says so, and records it when there is room', async () => {
    whenStarted = () => {
      database.pragma(`max_page_count = ${Number(database.pragma('page_count', { simple: true }))}`);
    };
    executor.start();
    const task = enqueue('big result');
    await until(() => events.some((event) => event.startsWith('store failure')));
    expect(statusOf(task)).toBe('processing');
    expect(events.join()).toContain('no room left');
    database.pragma('max_page_count = 1000000');
    await until(() => statusOf(task) === 'completed');
  });
});
