import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Agent } from '../../../main/agent/agent.ts';
import { configSchema } from '../../../main/agent/config/config-schema.ts';
import { ChildProcessTaskHostLauncher } from '../../../main/agent/executor/child-process-task-host.ts';
import { MAX_HELD_LEASES } from '../../../main/agent/leased-tasks.ts';
import { NO_MACHINE_READER } from '../../../main/agent/limits/machine-readings.ts';
import { NodeHttpTransport } from '../../../main/agent/server/http-transport.ts';
import { startAgent } from '../../../main/agent/start-agent.ts';
import { taskDefinitions } from '../../../main/browser/tasks/registry.ts';
import { PayloadVault } from '../../../main/protocol/payload-vault.ts';
import { TaskCatalogue } from '../../../main/protocol/task-type.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { mutated, wickedText } from './arbitraries.ts';
import { attack, bodyOf, honestAnswer, leasedTask, newCommand, signed } from './attacks.ts';
import { CASES } from './case-counts.ts';
import { startHostileHub, type HostileAnswer, type HostileRequest } from './hostile-hub.ts';
import { HurriedClock } from './hurried-clock.ts';

const SECRET = 'the-secret-of-the-hostile-hub-0123456789';
const TASK_HOST = new URL('./obedient-task-host.mjs', import.meta.url).pathname;

let folder: string;
let dataFolder: string;
let agent: Agent | null;
let log: RecordingLog;
const cleanUps: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-test-hostile-'));
  dataFolder = join(folder, 'deep', 'data');
  mkdirSync(join(folder, 'deep', 'precious'), { recursive: true });
  writeFileSync(join(folder, 'deep', 'precious', 'mine.txt'), 'mine');
  log = new RecordingLog();
  agent = null;
});
afterEach(async () => {
  await agent?.stop('now');
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

/** An agent with everything real but the browser and the time. */
async function startUnderAttack(
  answer: (request: HostileRequest) => HostileAnswer,
  disabledTaskTypes: string[] = [],
): Promise<Agent> {
  const hub = await startHostileHub(SECRET, answer);
  cleanUps.push(() => hub.close());
  const started = await startAgent({
    config: configSchema.parse({ dataFolder, hubUrl: hub.origin.origin, minimumFreeDiskBytes: 0, disabledTaskTypes }),
    credentials: { hubUrl: hub.origin.origin, workerId: 'worker-1', secret: SECRET },
    saveSecret: () => Promise.resolve(),
    connect: (origin) => new NodeHttpTransport(origin),
    catalogue: new TaskCatalogue(taskDefinitions, disabledTaskTypes),
    launcher: new ChildProcessTaskHostLauncher(TASK_HOST),
    browsers: [{ kind: 'headless_shell', version: '1', path: '/nonexistent' }],
    sweepProfiles: () => Promise.resolve(),
    sandbox: true,
    machine: NO_MACHINE_READER,
    vault: new PayloadVault(PayloadVault.createKey()),
    clock: new HurriedClock(),
    random: Math.random,
    log,
  });
  agent = started;
  return started;
}

/** Everything below the folder but what is the agent's own. */
function foreignFiles(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path !== join('deep', 'data') && !path.startsWith(join('deep', 'data') + sep))
    .sort();
}

async function until(condition: () => boolean, limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error('It did not come about.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('an agent whose hub is hostile', () => {
  it(
    'stays whole through a flood of attacks, and then works for a hub that means well',
    { timeout: 600_000 },
    async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const attacks = fc.sample(attack, { numRuns: CASES.agent, seed });
      const before = foreignFiles();
      const resourcesBefore = process.getActiveResourcesInfo().length;
      const residentBefore = process.memoryUsage().rss;
      const good = leasedTask({ url: 'https://good.example/' }, { leaseId: 'good-lease', jobId: 'good-job' });
      const handedOut = [good];
      const stored: string[] = [];
      let attacked = 0;
      let isEnding = false;
      const running = await startUnderAttack((request) => {
        const next = attacks[attacked];
        // Every other answer is honest, so that attacks come at every moment of a session.
        if (next !== undefined && Math.random() < 0.7) {
          attacked += 1;
          return { ...next.answer, body: signed(bodyOf(next, request)).body };
        }
        if (request.path === '/internal/results') stored.push(String(request.message?.['jobId']));
        if (next !== undefined || isEnding) return honestAnswer(request, []);
        if (request.path === '/internal/request-work' && running?.snapshot().activity === 'paused') {
          return signed({ tasks: [], commands: [newCommand('resume')] });
        }
        return honestAnswer(request, handedOut);
      });
      try {
        await until(() => attacked >= attacks.length, 400_000);
        expect(running.queue.heldLeases().length).toBeLessThanOrEqual(MAX_HELD_LEASES);
        await until(() => stored.includes('good-job'), 120_000);
        isEnding = true;
      } catch (error) {
        throw new Error(`With seed ${seed}, after ${attacked} attacks: ${JSON.stringify(running.snapshot())}`, {
          cause: error,
        });
      }
      await running.stop('now');
      agent = null;
      for (const cleanUp of cleanUps.splice(0)) await cleanUp();

      expect(foreignFiles()).toEqual(before);
      expect(readFileSync(join(folder, 'deep', 'precious', 'mine.txt'), 'utf8')).toBe('mine');
      const own = readdirSync(dataFolder, { recursive: true, encoding: 'utf8' });
      const known = /^(?:legwork\.sqlite(?:-wal|-shm)?|blobs|run|agent\.lock|logs(?:[\\/].*)?)$/;
      expect(own.filter((path) => !known.test(path))).toEqual([]);
      const database = new Database(join(dataFolder, 'legwork.sqlite'), { readonly: true });
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      database.close();
      await until(() => process.getActiveResourcesInfo().length <= resourcesBefore + 3, 60_000);
      expect(process.memoryUsage().rss - residentBefore).toBeLessThan(300 * 1024 * 1024);
      expect(Object.keys(Object.prototype)).toEqual([]);
      expect(log.lines.filter(({ message }) => message.includes('not foreseen'))).toEqual([]);
    },
  );

  it('holds a thousand leases of a huge batch and gives the rest back', { timeout: 180_000 }, async () => {
    const batch = Array.from({ length: 1_000 }, (_, index) => leasedTask({ url: `https://a.example/${index}` }));
    const returned = new Set<string>();
    let batches = 3;
    const running = await startUnderAttack((request) => {
      if (request.path === '/internal/goodbye') {
        for (const { leaseId } of (request.message?.['returnedLeases'] ?? []) as { leaseId: string }[])
          returned.add(leaseId);
      }
      if (request.path === '/internal/request-work' && batches > 0) {
        batches -= 1;
        const renamed = batch.map((task) => ({ ...task, leaseId: `${String(task['leaseId'])}-${batches}` }));
        return signed({ tasks: renamed, lostLeases: [], commands: [] });
      }
      // Nothing is ever stored, so that leases are held.
      return request.path === '/internal/results'
        ? signed({ error: { code: 'unavailable', message: 'no' } }, 503)
        : honestAnswer(request, []);
    });
    await until(() => returned.size >= 1_000, 150_000);
    expect(running.queue.heldLeases().length).toBeLessThanOrEqual(MAX_HELD_LEASES);
  });

  it(
    'refuses a task whose type is switched off here, though the hub was never told of it',
    { timeout: 120_000 },
    async () => {
      const refusals: unknown[] = [];
      const offered: unknown[] = [];
      const tasks = [leasedTask({ url: 'https://a.example/' }, { type: 'lighthouse_html' })];
      await startUnderAttack(
        (request) => {
          if (request.path === '/internal/handshake') offered.push(request.message?.['taskTypes']);
          if (request.path === '/internal/request-work') offered.push(request.message?.['types']);
          if (request.path === '/internal/results') refusals.push(request.message?.['error']);
          return honestAnswer(request, tasks);
        },
        ['lighthouse_html'],
      );
      await until(() => refusals.length > 0, 100_000);
      expect(refusals[0]).toMatchObject({ code: 'type_disabled', class: 'policy' });
      expect(JSON.stringify(offered)).toContain('website_html');
      expect(JSON.stringify(offered)).not.toContain('lighthouse_html');
    },
  );

  it(
    'does not keep what it refuses: a payload of megabytes leaves no trace on the disk',
    { timeout: 120_000 },
    async () => {
      const mark = 'b7e1d0f2-no-trace-of-this';
      let refused = 0;
      const tasks = Array.from({ length: 4 }, () =>
        leasedTask({ url: 'https://a.example/', junk: mark.repeat(100_000) }),
      );
      await startUnderAttack((request) => {
        if (request.path === '/internal/results') refused += 1;
        return honestAnswer(request, tasks);
      });
      await until(() => refused >= 4, 100_000);
      await agent?.stop('now');
      agent = null;
      for (const name of readdirSync(dataFolder).filter((file) => file.startsWith('legwork.sqlite'))) {
        const content = readFileSync(join(dataFolder, name));
        expect(content.includes(mark)).toBe(false);
      }
    },
  );

  it(
    'asks a hub that answers without an end and without work once a second, not without a pause',
    { timeout: 120_000 },
    async () => {
      let asked = 0;
      const clock = performance.now();
      await startUnderAttack((request) => {
        if (request.path === '/internal/request-work') asked += 1;
        return request.path === '/internal/request-work' ? signed({ tasks: [] }) : honestAnswer(request, []);
      });
      // On the hurried clock a second passes in a millisecond or more; without a pause there would be no timer at all.
      await until(() => asked >= 20, 100_000);
      expect(asked).toBeLessThan((performance.now() - clock) * 2 + 20);
    },
  );
});

describe('batches of a hostile hub', () => {
  it('leave the store consistent, whatever is in them', { timeout: 400_000 }, async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const batches = fc.sample(
      fc.array(fc.tuple(mutated({ url: 'https://a.example/' }), wickedText), { maxLength: 30 }),
      {
        numRuns: CASES.batches,
        seed,
      },
    );
    let next = 0;
    const running = await startUnderAttack((request) => {
      if (request.path !== '/internal/request-work' || next >= batches.length) return honestAnswer(request, []);
      const batch = batches[next] ?? [];
      next += 1;
      return signed({
        tasks: batch.map(([payload, text]) =>
          leasedTask(payload, { type: /^[a-z_]+$/.test(text) ? text : 'website_html' }),
        ),
      });
    });
    await until(() => next >= batches.length, 360_000).catch((error: unknown) => {
      throw new Error(`With seed ${seed}, after ${next} batches.`, { cause: error });
    });
    const { disk, store } = running.snapshot().health;
    expect([disk, store]).toEqual([null, null]);
  });
});
