import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lockDataFolder } from '../../main/agent/queue/lock-data-folder.ts';
import { openDatabase } from '../../main/agent/queue/open-database.ts';
import { Queue } from '../../main/agent/queue/queue.ts';
import { storeEnrolledCredentials } from '../../main/agent/secrets/credentials.ts';
import { FileSecretStore, secretFilePath } from '../../main/agent/secrets/file-secret-store.ts';
import { EXIT_CODES } from '../../main/commands/exit-codes.ts';
import { systemClock } from '../../main/protocol/ports.ts';
import { TestAgent } from '../hub/support/test-agent.ts';
import { startTestHub, type TestHub } from '../hub/support/test-hub.ts';
import { PROGRAM_LIMITS } from '../support/legwork-program.ts';
import { refusingPort } from '../support/refusing-port.ts';
import { type Ended, runLegwork } from './run-legwork.ts';

vi.setConfig(PROGRAM_LIMITS);

const WORKER = { workerId: 'worker-1', secret: 'a-secret-of-the-tests-of-leaving' };
const JOBS = ['done', 'ran', 'waits'] as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-leave-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function leave(args: readonly string[] = [], environment: Record<string, string> = {}): Promise<Ended> {
  return runLegwork(['leave', ...args], { environment: { LEGWORK_DATA_FOLDER: folder, ...environment } });
}

async function enrolledAt(hubUrl: string): Promise<void> {
  await storeEnrolledCredentials({ hubUrl, ...WORKER }, new FileSecretStore(secretFilePath(folder), () => undefined));
}

function isSecretStored(): boolean {
  return readFileSync(secretFilePath(folder), 'utf8').includes(WORKER.secret);
}

async function startHub(): Promise<TestHub> {
  const hub = await startTestHub();
  hub.hub.registerWorker(WORKER);
  await enrolledAt(hub.url);
  return hub;
}

async function workerState(hub: TestHub): Promise<string> {
  return (await hub.api('GET', `/api/workers/${WORKER.workerId}`)).body.state;
}

const database = (): string => join(folder, 'legwork.sqlite');

/** What an agent leaves behind that was killed: a result to deliver, a task that ran, and one that waits. */
async function killedAgent(hub: TestHub): Promise<(name: (typeof JOBS)[number]) => Promise<string>> {
  const opened = openDatabase(database());
  const queue = new Queue({ database: opened, clock: systemClock, random: Math.random, hubUrl: hub.url });
  const { instanceId, epoch } = queue.beginEpoch();
  const agent = new TestAgent(hub.url, WORKER.workerId, WORKER.secret);
  agent.instanceId = instanceId;
  agent.epoch = epoch;
  await agent.handshake();
  const jobs = new Map<string, string>();
  for (const name of JOBS) {
    const url = `https://${name}.example/`;
    jobs.set(name, await hub.createJob({ payload: { url }, maxAttempts: 3 }));
    const { leaseId, jobId } = await agent.takeTask({ heldLeases: queue.heldLeases().map((held) => held.leaseId) });
    const { workerId } = WORKER;
    const lease = { origin: 'hub', workerId, jobId, leaseId, leaseExpiresAtMs: Date.now() + 3_600_000 } as const;
    queue.enqueueLeased([{ type: 'website_html', url, payload: { url }, lane: 'page', maxAttempts: 3, ...lease }]);
    const [claimed] = name === 'waits' ? [] : queue.claim({ lane: 'page', limit: 1, epoch });
    if (name === 'done') queue.complete({ attemptId: claimed?.attemptId ?? '', result: { title: 'x' }, blobs: [] });
  }
  opened.close();
  mkdirSync(join(folder, 'blobs'));
  return async (name) => (await hub.api('GET', `/api/jobs/${jobs.get(name)}`)).body.status;
}

function readQueue<Found>(read: (queue: Queue) => Found): Found {
  const opened = openDatabase(database());
  try {
    return read(new Queue({ database: opened, clock: systemClock, random: Math.random }));
  } finally {
    opened.close();
  }
}

describe('leave', () => {
  it('delivers what is ready, gives the rest back, is revoked, forgets the secret and keeps the tasks', async () => {
    const hub = await startHub();
    const statusOf = await killedAgent(hub);
    const ended = await leave(['--json']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toEqual({
      hubUrl: hub.url,
      workerId: WORKER.workerId,
      dataFolder: folder,
      revoked: true,
      wiped: false,
      stillSetBy: [],
    });
    expect(await Promise.all(JOBS.map(statusOf))).toEqual(['completed', 'pending', 'pending']);
    expect(await workerState(hub)).toBe('revoked');
    expect(isSecretStored()).toBe(false);
    expect(readQueue((queue) => [queue.statistics().total, queue.heldLeases(), queue.outboxCount()])).toEqual([
      3,
      [],
      0,
    ]);
    const again = await leave();
    expect(again).toMatchObject({ code: EXIT_CODES.configuration.code, stdout: '' });
    expect(again.stderr).toContain('works for no hub');
  });

  it('deletes tasks, results and usage when it is asked to, and gives all work back', async () => {
    const hub = await startHub();
    const statusOf = await killedAgent(hub);
    const ended = await leave(['--wipe']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/has revoked worker-1 .*Tasks, results and usage were deleted/);
    expect(await Promise.all(JOBS.map(statusOf))).toEqual(['pending', 'pending', 'pending']);
    expect(await workerState(hub)).toBe('revoked');
    expect([existsSync(database()), existsSync(join(folder, 'blobs')), isSecretStored()]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it.each([false, true])(
    'forgets the secret of a hub that does not answer, and says who is to act (wipe: %s)',
    async (wipe) => {
      const hubUrl = `http://127.0.0.1:${await refusingPort()}`;
      await enrolledAt(hubUrl);
      openDatabase(database()).close();
      const ended = await leave(['--json', ...(wipe ? ['--wipe'] : [])]);
      expect(ended.code).toBe(EXIT_CODES.hubUnreachable.code);
      expect(JSON.parse(ended.stdout)).toMatchObject({ hubUrl, revoked: false, wiped: wipe });
      expect(ended.stderr).toMatch(
        /^legwork: The hub .* does not answer.*ask its operator to revoke the worker worker-1\.\n$/,
      );
      expect([isSecretStored(), existsSync(database())]).toEqual([false, !wipe]);
    },
  );

  it('is refused while an agent runs, and changes nothing', async () => {
    const hub = await startHub();
    openDatabase(database()).close();
    const lock = lockDataFolder(folder);
    const ended = await leave(['--wipe']);
    lock.release();
    expect(ended).toMatchObject({ code: EXIT_CODES.alreadyRunning.code, stdout: '' });
    expect(ended.stderr).toMatch(/An agent runs on the data folder .*Stop it first.*legwork leave/);
    expect([isSecretStored(), existsSync(database()), await workerState(hub)]).toEqual([true, true, 'offline']);
  });

  it('has nothing to do on a machine that was never enrolled, and deletes nothing there', async () => {
    openDatabase(database()).close();
    const ended = await leave(['--wipe']);
    expect(ended).toMatchObject({ code: EXIT_CODES.configuration.code, stdout: '' });
    expect(ended.stderr).toContain(`works for no hub (data folder ${folder})`);
    expect(existsSync(database())).toBe(true);
  });

  it('says that it cannot forget what the environment and the command line give', async () => {
    const hub = await startTestHub();
    hub.hub.registerWorker(WORKER);
    const args = ['--hub', hub.url, '--worker-id', WORKER.workerId, '--json'];
    const ended = await leave(args, { LOCALBROWSER_SECRET: WORKER.secret });
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      revoked: true,
      stillSetBy: ['--hub', '--worker-id', 'LOCALBROWSER_SECRET'],
    });
    expect(ended.stderr).toMatch(/LOCALBROWSER_SECRET still say .*cannot forget/);
    expect(ended.stderr + ended.stdout).not.toContain(WORKER.secret);
    expect(await workerState(hub)).toBe('revoked');
  });

  it('takes the identity out of the configuration file, and leaves the rest of it', async () => {
    const hub = await startTestHub();
    hub.hub.registerWorker(WORKER);
    const file = join(folder, 'config.json');
    writeFileSync(file, JSON.stringify({ label: 'kept', hubUrl: hub.url, ...WORKER }), { mode: 0o600 });
    expect(await leave()).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ label: 'kept' });
    expect(await workerState(hub)).toBe('revoked');
  });

  it('forgets a secret that the hub refuses, and says that', async () => {
    const hub = await startTestHub();
    hub.hub.registerWorker({ ...WORKER, secret: 'another-secret-of-the-tests' });
    await enrolledAt(hub.url);
    const ended = await leave();
    expect(ended.code).toBe(EXIT_CODES.hubRefused.code);
    expect(ended.stdout).toContain('without its knowledge');
    expect(ended.stderr).toContain('ask its operator to revoke the worker worker-1');
    expect([isSecretStored(), await workerState(hub)]).toEqual([false, 'offline']);
  });

  it('with a damaged database leaves only when that is to be deleted', async () => {
    const hub = await startHub();
    writeFileSync(database(), 'this is no database, however long it is looked at');
    const kept = await leave();
    expect(kept).toMatchObject({ code: EXIT_CODES.databaseRefused.code, stdout: '' });
    expect(kept.stderr).toContain('with --wipe it leaves');
    expect([isSecretStored(), await workerState(hub)]).toEqual([true, 'offline']);
    expect(await leave(['--wipe'])).toMatchObject({ code: 0, stderr: '' });
    expect([isSecretStored(), existsSync(database()), await workerState(hub)]).toEqual([false, false, 'revoked']);
  });
});
