import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { brokenInvariants } from './invariants.ts';
import { openStore, temporaryFolder } from './queue-fixture.ts';

const RUNNER = new URL('./task-runner.ts', import.meta.url).pathname;

function startRunner(file: string, name: string): { process: ChildProcess; lines: Interface } {
  const child = spawn(process.execPath, [RUNNER, file, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { process: child, lines: createInterface({ input: child.stdout }) };
}

/** Lets a runner end `count` attempts, kills it somewhere in what follows, and returns all that it confirmed. */
async function killAfter(file: string, name: string, count: number): Promise<string[]> {
  const runner = startRunner(file, name);
  const said: string[] = [];
  for await (const line of runner.lines) {
    if (!line.startsWith('started')) said.push(line);
    if (said.length === count) runner.process.kill('SIGKILL');
  }
  expect(runner.process.signalCode ?? (await once(runner.process, 'exit'))[1]).toBe('SIGKILL');
  return said;
}

/** A disk that is slow to write takes much of it: each end waits for three commits. */
const TIMEOUT_MS = 240_000;

it(
  'keeps every end that was confirmed, and a consistent store, whenever the process is killed',
  async () => {
    const file = join(temporaryFolder(), 'legwork.db');
    const confirmed: string[] = [];
    for (let kill = 0; kill < 4; kill += 1) {
      confirmed.push(...(await killAfter(file, 'runner', 7 + Math.floor(Math.random() * 40))));

      const { database, queue } = openStore({ file });
      expect(brokenInvariants(database)).toEqual([]);
      const ends = new Map(queue.dueResults(100_000).map((due) => [due.attemptId, due]));
      for (const line of confirmed) {
        const [outcome, attemptId = ''] = line.split(' ');
        const due = ends.get(attemptId);
        expect(due?.outcome).toBe(outcome);
        expect(due?.blobs.length).toBe(outcome === 'completed' ? 3 : 0);
      }
      queue.beginEpoch();
      expect(brokenInvariants(database)).toEqual([]);
      expect(queue.statistics().byStatus.processing).toBe(0);
      database.close();
    }
  },
  TIMEOUT_MS,
);

it(
  'serves two processes at once: nothing is claimed twice, and each hears of the other',
  async () => {
    const file = join(temporaryFolder(), 'legwork.db');
    const watcher = openStore({ file });
    const versionBefore = watcher.queue.dataVersion();
    const runners = [startRunner(file, 'one'), startRunner(file, 'two')];
    const ends = runners.map(async ({ lines, process }) => {
      const ended: string[] = [];
      for await (const line of lines) {
        if (!line.startsWith('started')) ended.push(line);
        if (ended.length === 50) process.kill('SIGKILL');
      }
      return ended;
    });
    const ended = (await Promise.all(ends)).flat();
    expect(watcher.queue.dataVersion()).not.toBe(versionBefore);
    expect(new Set(ended).size).toBe(ended.length);
    const recorded = watcher.queue.dueResults(100_000).map(({ outcome, attemptId }) => `${outcome} ${attemptId}`);
    expect(recorded).toEqual(expect.arrayContaining(ended));
    expect(brokenInvariants(watcher.database)).toEqual([]);
    const own = watcher.queue.dataVersion();
    watcher.queue.beginEpoch();
    expect(watcher.queue.dataVersion()).toBe(own);
  },
  TIMEOUT_MS,
);
