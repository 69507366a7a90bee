import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { Executor } from '../../../main/agent/executor/executor.ts';
import type { TaskHostLauncher, TaskHostProcess } from '../../../main/agent/executor/task-host-port.ts';
import { DEFAULT_TASK_HOST_LIMITS, TaskHostSupervisor } from '../../../main/agent/executor/task-host-supervisor.ts';
import { siteOf } from '../../../main/agent/politeness/site-of.ts';
import { SitePoliteness, type SiteLimits } from '../../../main/agent/politeness/site-politeness.ts';
import type { Queue } from '../../../main/agent/queue/queue.ts';
import { Queue as RealQueue } from '../../../main/agent/queue/queue.ts';
import { jsonObject } from '../../../main/protocol/fields.ts';
import { PayloadVault } from '../../../main/protocol/payload-vault.ts';
import { systemClock, type Clock } from '../../../main/protocol/ports.ts';
import { TaskCatalogue, type TaskType } from '../../../main/protocol/task-type.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { LOOPBACK_NETWORK } from '../../support/loopback-network.ts';
import { localTask, openStore } from '../queue/queue-fixture.ts';
import { z } from 'zod';

function taskType(name: string, lane: TaskType['lane']): TaskType {
  const payloadSchema = z.object({ url: z.string() });
  return { name, version: 1, summary: '', lane, payloadSchema, resultSchema: jsonObject, deadlineMs: () => 60_000 };
}

const catalogue = new TaskCatalogue([taskType('website_html', 'page'), taskType('lighthouse_html', 'exclusive')]);

/** What a page with the path `/429` asks for. */
const RETRY_AFTER_MS = 300;

interface Visit {
  url: string;
}

/** A task host whose pages take some milliseconds and answer as their path says. It watches who is there at once. */
class SiteWatch implements TaskHostLauncher {
  readonly visits: Visit[] = [];
  readonly highest = new Map<string, number>();
  readonly #present = new Map<string, number>();

  launch(): TaskHostProcess {
    const messages: ((message: unknown) => void)[] = [];
    const exits: ((exit: { code: number; signal: null; lastOutput: string }) => void)[] = [];
    const send = (message: unknown): void => {
      setImmediate(() => {
        for (const listener of messages) listener(message);
      });
    };
    send({ kind: 'ready', processId: 1 });
    return {
      processId: 1,
      onMessage: (listener) => void messages.push(listener),
      onExit: (listener) => void exits.push(listener),
      kill: () => {
        for (const listener of exits) listener({ code: 0, signal: null, lastOutput: '' });
      },
      send: (message) => {
        if (message.kind === 'stop') {
          for (const listener of exits) listener({ code: 0, signal: null, lastOutput: '' });
        }
        if (message.kind !== 'run') return;
        const url = z.string().parse(message.payload['url']);
        const site = siteOf(url);
        this.visits.push({ url });
        const present = (this.#present.get(site) ?? 0) + 1;
        this.#present.set(site, present);
        this.highest.set(site, Math.max(this.highest.get(site) ?? 0, present));
        const { attemptId } = message;
        setTimeout(() => {
          this.#present.set(site, (this.#present.get(site) ?? 1) - 1);
          const status = url.endsWith('/429') ? 429 : 200;
          const retryAfterMs = status === 429 ? RETRY_AFTER_MS : null;
          send({ kind: 'site_answered', attemptId, origin: new URL(url).origin, status, retryAfterMs });
          if (url.length % 2 === 0) send({ kind: 'slot_free', attemptId });
          send({ kind: 'finished', attemptId, result: { outcome: 'completed', result: { url }, blobs: [] } });
        }, 2);
      },
    };
  }
}

interface Machine {
  queue: Queue;
  watch: SiteWatch;
  executor: Executor;
  stop(): Promise<void>;
}

const machines: Machine[] = [];
afterEach(async () => {
  for (const machine of machines.splice(0)) await machine.stop();
});

/** @param siteClock what sites are left alone by; a test may let it stand still */
function startMachine(limits: Partial<SiteLimits>, maxConcurrent: number, siteClock: Clock = systemClock): Machine {
  const { database } = openStore();
  database.pragma('synchronous = OFF');
  const queue = new RealQueue({ database, clock: systemClock, random: () => 0 });
  const { epoch } = queue.beginEpoch();
  const log = new RecordingLog();
  const watch = new SiteWatch();
  const supervisor = new TaskHostSupervisor({
    launcher: watch,
    settings: {
      blobFolder: '/nowhere',
      runFolder: '/nowhere',
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
  const executor = new Executor({
    queue,
    supervisor,
    catalogue,
    vault: new PayloadVault(PayloadVault.createKey()),
    clock: systemClock,
    log,
    listener: {
      onStarted: () => undefined,
      onProgress: () => undefined,
      onFinished: () => undefined,
      onRoom: () => undefined,
      onStoreFailure: () => undefined,
    },
    maxConcurrent: () => maxConcurrent,
    maxTaskMs: () => 3_600_000,
    mayStart: () => true,
    sites: new SitePoliteness({
      limits: () => ({ concurrency: 2, intervalMs: 0, longestPauseMs: 60_000, ...limits }),
      notes: queue,
      clock: siteClock,
      log,
    }),
    epoch,
  });
  const machine: Machine = {
    queue,
    watch,
    executor,
    stop: async () => {
      executor.stopAccepting();
      await executor.whenIdle();
      await supervisor.stop();
    },
  };
  machines.push(machine);
  return machine;
}

async function untilDone({ queue }: Machine): Promise<void> {
  while (queue.statistics().byStatus.completed < queue.statistics().total) await systemClock.sleep(5);
}

it('whatever comes when: no site is crowded, everything is done, and each task once', async () => {
  const task = fc.record({
    site: fc.constantFrom('a.example', 'b.example', 'c.example'),
    priority: fc.integer({ min: 1, max: 10 }),
    isAudit: fc.boolean(),
    afterMs: fc.integer({ min: 0, max: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(task, { minLength: 1, maxLength: 25 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(0, 3),
      async (tasks, concurrency, intervalMs) => {
        const machine = startMachine({ concurrency, intervalMs }, 5);
        machine.executor.start();
        for (const [index, { site, priority, isAudit, afterMs }] of tasks.entries()) {
          if (afterMs > 15) await systemClock.sleep(afterMs - 15);
          const url = `https://${site}/${index}`;
          const audit = { lane: 'exclusive', type: 'lighthouse_html' } as const;
          machine.queue.enqueue(localTask({ url, priority, ...(isAudit && index % 3 === 0 ? audit : {}) }));
          machine.executor.wake();
        }
        await untilDone(machine);
        for (const highest of machine.watch.highest.values()) expect(highest).toBeLessThanOrEqual(concurrency);
        expect(machine.watch.visits.map(({ url }) => url).sort()).toEqual(
          tasks.map(({ site }, index) => `https://${site}/${index}`).sort(),
        );
        await machine.stop();
      },
    ),
    { numRuns: 25 },
  );
}, 240_000);

it('an audit of a site whose pages never stop coming gets its turn', async () => {
  const machine = startMachine({ concurrency: 1, intervalMs: 5 }, 2);
  const more = setInterval(() => {
    machine.queue.enqueue(localTask({ url: `https://a.example/${Math.random()}` }));
    machine.executor.wake();
  }, 4);
  machine.executor.start();
  try {
    await systemClock.sleep(50);
    const audit = machine.queue.enqueue(
      localTask({ url: 'https://a.example/audit', lane: 'exclusive', type: 'lighthouse_html' }),
    );
    // Pages that are due keep their turn for a while; nothing may keep it for ever.
    while (machine.queue.get(audit.task.id)?.status !== 'completed') {
      await systemClock.sleep(20);
      if (machine.watch.visits.length > 100) clearInterval(more);
    }
  } finally {
    clearInterval(more);
  }
});

it('a site that answers 429 is not visited before its time, by pages or audits, and others go on', async () => {
  const siteClock = new ManualClock();
  const machine = startMachine({}, 3, siteClock);
  machine.queue.enqueue(localTask({ url: 'https://slow.example/429', priority: 1 }));
  machine.executor.start();
  await untilDone(machine);
  machine.queue.enqueue(localTask({ url: 'https://slow.example/page', priority: 1 }));
  machine.queue.enqueue(
    localTask({ url: 'https://slow.example/audit', lane: 'exclusive', type: 'lighthouse_html', priority: 1 }),
  );
  for (let page = 0; page < 5; page += 1) machine.queue.enqueue(localTask({ url: `https://fine.example/${page}` }));
  machine.executor.wake();
  const visited = (site: string): number => machine.watch.visits.filter(({ url }) => url.includes(site)).length;
  while (machine.queue.statistics().byStatus.completed < 6) await systemClock.sleep(5);
  expect(visited('fine.example')).toBe(5);
  await siteClock.advance(RETRY_AFTER_MS - 1);
  machine.executor.wake();
  await systemClock.sleep(100);
  expect(visited('slow.example')).toBe(1);
  await siteClock.advance(1);
  machine.executor.wake();
  await untilDone(machine);
  expect(visited('slow.example')).toBe(3);
});
