import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Agent } from '../../main/agent/agent.ts';
import type { AgentEvent } from '../../main/agent/agent-events.ts';
import { configSchema } from '../../main/agent/config/config-schema.ts';
import { ConfigurationError } from '../../main/agent/config/configuration-error.ts';
import { ChildProcessTaskHostLauncher } from '../../main/agent/executor/child-process-task-host.ts';
import type { MachineReadings } from '../../main/agent/limits/machine-readings.ts';
import { NodeHttpTransport } from '../../main/agent/server/http-transport.ts';
import { startAgent } from '../../main/agent/start-agent.ts';
import { jsonObject } from '../../main/protocol/fields.ts';
import { PayloadVault } from '../../main/protocol/payload-vault.ts';
import type { TaskHostSettings } from '../../main/protocol/task-host-messages.ts';
import { TaskCatalogue, type TaskType } from '../../main/protocol/task-type.ts';
import { RecordingLog } from '../fakes/silent-log.ts';
import { MovableClock } from '../hub/support/movable-clock.ts';
import { startTestHub, type TestHub } from '../hub/support/test-hub.ts';

const TASK_HOST = new URL('../fixtures/scripted-task-host.mjs', import.meta.url).pathname;
const WORKER = { workerId: 'worker-1', secret: 'a-secret-of-the-host-control-tests' };
const VAULT = new PayloadVault(PayloadVault.createKey());
const DAY_MS = 86_400_000;

/** The time of hubs and agents alike: in the middle of a month, so that none ends while a test counts what was done. */
const clock = new MovableClock();
clock.advance(new Date().setMonth(new Date().getMonth() + 1, 15) - Date.now());

function taskType(name: string, lane: TaskType['lane']): TaskType {
  const payloadSchema = z.object({ url: z.string().max(50) });
  return { name, version: 1, summary: '', lane, payloadSchema, resultSchema: jsonObject, deadlineMs: () => 60_000 };
}
const catalogue = new TaskCatalogue([taskType('website_html', 'page'), taskType('lighthouse_html', 'exclusive')]);

/** An agent in this process whose task host does what a task's address says (`finish`, or hangs), and what it tells. */
interface HostedAgent {
  agent: Agent;
  dataFolder: string;
  /** What the machine is read as. */
  readings: Partial<MachineReadings>;
  /** Settings of each task host that was started. */
  launched: TaskHostSettings[];
  events: AgentEvent[];
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'legwork-host-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startHosted(
  hub: TestHub | null,
  settings: Record<string, unknown> = {},
  dataFolder = temporaryFolder(),
): Promise<HostedAgent> {
  const config = configSchema.parse({
    dataFolder,
    maxConcurrentTasks: 2,
    adaptiveConcurrency: false,
    limitGraceSeconds: 0,
    ...settings,
  });
  const hosted: Omit<HostedAgent, 'agent'> = { dataFolder, readings: {}, launched: [], events: [] };
  const launcher = new ChildProcessTaskHostLauncher(TASK_HOST);
  const agent = await startAgent({
    config,
    credentials: hub === null ? null : { hubUrl: hub.url, ...WORKER },
    saveSecret: () => Promise.resolve(),
    connect: (origin) => new NodeHttpTransport(origin),
    catalogue,
    launcher: {
      launch: (given) => {
        hosted.launched.push(given);
        return launcher.launch(given);
      },
    },
    browsers: [{ kind: 'headless_shell', version: '156', path: '/nowhere' }],
    sweepProfiles: () => Promise.resolve(),
    sandbox: false,
    machine: { read: () => Promise.resolve(hosted.readings), close: () => undefined },
    vault: VAULT,
    clock,
    random: Math.random,
    log: new RecordingLog(),
  });
  agent.subscribe((event) => hosted.events.push(event));
  onTestFinished(() => agent.stop('now'));
  return Object.assign(hosted, { agent });
}

async function startHub(): Promise<TestHub> {
  const hub = await startTestHub({ catalogue, clock });
  hub.hub.registerWorker(WORKER);
  return hub;
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + 50_000;
  while (!(await isSo())) {
    if (performance.now() > giveUpMs) throw new Error(`it never came to: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function statusOf(hub: TestHub, jobId: string): Promise<string> {
  return (await hub.api('GET', `/api/jobs/${jobId}`)).body.status;
}

function createJob(hub: TestHub, url: string, type = 'website_html'): Promise<string> {
  return hub.createJob({ type, payload: { url } });
}

function runningUrls({ agent }: HostedAgent): string[] {
  return agent.snapshot().running.map(({ url }) => url);
}

describe('limits', () => {
  it('give everything back to the hub when they forbid work, and take it again when they are lifted', async () => {
    const hub = await startHub();
    const hosted = await startHosted(hub, { maxConcurrentTasks: 1 });
    const jobs = await Promise.all(['hangs', 'waits'].map((url) => createJob(hub, url)));
    await until('one runs, one waits here', () => {
      const { running, pendingTasks } = hosted.agent.snapshot();
      return running.length === 1 && pendingTasks === 1;
    });
    hosted.readings.metered = true;
    for (const id of jobs) await until('back at the hub', async () => (await statusOf(hub, id)) === 'pending');
    const { limits, activity, running } = hosted.agent.snapshot();
    expect({ activity, running, mayWork: limits.mayWork }).toEqual({ activity: 'idle', running: [], mayWork: false });
    expect(limits.reasons).toMatchObject([{ rule: 'metered', sentence: 'The network connection is metered.' }]);
    hosted.agent.changeSettings({ workOnMetered: true });
    await until('it runs again', () => runningUrls(hosted).length === 1);
    expect(hosted.events.filter(({ kind }) => kind === 'limits')).toMatchObject([
      { limits: { mayWork: false } },
      { limits: { mayWork: true } },
    ]);
  });

  it('stop exactly at the month’s quota of tasks, and say so', async () => {
    const hub = await startHub();
    const hosted = await startHosted(hub, { monthlyTaskQuota: 3 });
    const jobs = await Promise.all(Array.from({ length: 8 }, () => createJob(hub, 'finish')));
    await until('the quota is used up', () => !hosted.agent.snapshot().limits.mayWork);
    await until('what is left is back', async () => {
      const statuses = await Promise.all(jobs.map((id) => statusOf(hub, id)));
      return statuses.every((status) => status === 'completed' || status === 'pending');
    });
    const statuses = await Promise.all(jobs.map((id) => statusOf(hub, id)));
    expect(statuses.filter((status) => status === 'completed')).toHaveLength(3);
    const { limits, usage } = hosted.agent.snapshot();
    expect(limits.reasons).toMatchObject([{ rule: 'quota_tasks', untilMs: usage.resetsAtMs }]);
    expect(usage).toMatchObject({ totals: { tasks: 3 }, quota: { tasks: 3 } });
    expect(hosted.agent.queue.usage.byMonth()).toMatchObject([{ hubUrl: hub.url, type: 'website_html', tasks: 3 }]);
    hosted.agent.changeSettings({ monthlyTaskQuota: 8 });
    for (const id of jobs) await until('done', async () => (await statusOf(hub, id)) === 'completed');
  });

  it('end the task host with its browsers, and start a new one for the next task', async () => {
    const hosted = await startHosted(null);
    hosted.agent.enqueue({ type: 'website_html', payload: { url: 'finish' } });
    await until('done', () => hosted.events.some(({ kind }) => kind === 'finished'));
    hosted.readings.fullScreen = true;
    await until('forbidden', () => !hosted.agent.snapshot().limits.mayWork);
    hosted.agent.enqueue({ type: 'website_html', payload: { url: 'finish' } });
    hosted.agent.changeSettings({ workDuringFullScreen: true });
    await until('both done', () => hosted.events.filter(({ kind }) => kind === 'finished').length === 2);
    expect(hosted.launched).toHaveLength(2);
  });
});

describe('a pause of the host', () => {
  it('outlives a restart and ends by itself', async () => {
    const dataFolder = temporaryFolder();
    const first = await startHosted(null, {}, dataFolder);
    const untilMs = clock.nowMs() + DAY_MS;
    first.agent.pause('host', 'lunch', untilMs);
    first.agent.pause('operator', 'maintenance');
    first.agent.resume('operator');
    await first.agent.stop('now');
    const second = await startHosted(null, {}, dataFolder);
    second.agent.enqueue({ type: 'website_html', payload: { url: 'finish' } });
    expect(second.agent.snapshot()).toMatchObject({
      activity: 'paused',
      pausedBy: ['host'],
      pausedUntilMs: untilMs,
      pauseNote: 'lunch',
      problems: ['Paused: lunch'],
      pendingTasks: 1,
    });
    clock.advance(DAY_MS - 3_600_000);
    // Longer than it takes to notice that a pause is over.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(second.agent.snapshot()).toMatchObject({ activity: 'paused', pendingTasks: 1 });
    clock.advance(3_600_000);
    await until('it goes on', () => second.events.some(({ kind }) => kind === 'finished'));
    expect(second.agent.snapshot()).toMatchObject({ activity: 'idle', pausedBy: [], pausedUntilMs: null });
  });

  it('lasts until the last of two is lifted', async () => {
    const { agent } = await startHosted(null);
    agent.pause('host', 'lunch', clock.nowMs() + 3_600_000);
    agent.pause('operator', 'maintenance');
    expect(agent.snapshot()).toMatchObject({ pausedBy: ['host', 'operator'], pausedUntilMs: null });
    agent.resume('host');
    expect(agent.activity).toBe('paused');
    agent.resume('operator');
    expect(agent.activity).toBe('idle');
  });

  it('with everything stopped at once leaves nothing running and nothing leased', async () => {
    const hub = await startHub();
    const hosted = await startHosted(hub);
    const jobs = await Promise.all(['hangs', 'hangs too', 'waits'].map((url) => createJob(hub, url)));
    await until('two run', () => runningUrls(hosted).length === 2);
    const stoppedAtMs = performance.now();
    await hosted.agent.stopAllNow();
    expect(performance.now() - stoppedAtMs).toBeLessThan(10_000);
    expect(hosted.agent.snapshot()).toMatchObject({ activity: 'paused', running: [], pausedBy: ['host'] });
    for (const id of jobs) await until('back at the hub', async () => (await statusOf(hub, id)) === 'pending');
    hosted.agent.resume('host');
    await until('they run again', () => runningUrls(hosted).length === 2);
  });
});

describe('changed settings', () => {
  it('of the network reach the next task in a new task host, and wait for what runs', async () => {
    const hosted = await startHosted(null);
    const { agent, launched } = hosted;
    const { task } = agent.enqueue({ type: 'website_html', payload: { url: 'hangs' } });
    await until('it runs', () => runningUrls(hosted).length === 1);
    agent.changeSettings({ blockedHosts: ['example.org'] });
    agent.enqueue({ type: 'website_html', payload: { url: 'finish' } });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(runningUrls(hosted)).toEqual(['hangs']);
    expect(launched.map(({ network }) => network.blockedHosts)).toEqual([[]]);
    agent.cancel(task.id);
    await until('done', () =>
      hosted.events.some((event) => event.kind === 'finished' && event.outcome === 'completed'),
    );
    expect(launched.map(({ network }) => network.blockedHosts)).toEqual([[], ['example.org']]);
  });

  it('of the task types are told to the hub, which then sends only what is on', async () => {
    const hub = await startHub();
    const hosted = await startHosted(hub);
    const typesAtHub = async (): Promise<string[]> => {
      const { body } = await hub.api('GET', `/api/workers/${WORKER.workerId}`);
      const machine = z.object({ taskTypes: z.array(z.object({ type: z.string() })) });
      return machine.parse(body.session?.machine ?? { taskTypes: [] }).taskTypes.map(({ type }) => type);
    };
    await until('it is known', async () => (await typesAtHub()).length === 2);
    hosted.agent.changeSettings({ disabledTaskTypes: ['website_html'] });
    await until('one is off', async () => (await typesAtHub()).join() === 'lighthouse_html');
    const [off, on] = [await createJob(hub, 'finish'), await createJob(hub, 'finish', 'lighthouse_html')];
    await until('the other is done', async () => (await statusOf(hub, on)) === 'completed');
    expect(await statusOf(hub, off)).toBe('pending');
    expect(() => hosted.agent.enqueue({ type: 'website_html', payload: { url: 'finish' } })).toThrow(/switched off/);
    hosted.agent.changeSettings({ disabledTaskTypes: undefined });
    await until('it is done now', async () => (await statusOf(hub, off)) === 'completed');
  });

  it('change nothing when one of them is wrong, and say what', async () => {
    const { agent } = await startHosted(null);
    const change = (): void =>
      agent.changeSettings({ maxConcurrentTasks: 5, workHours: 'sometimes', hubUrl: 'x', no: 1 });
    expect(change).toThrow(ConfigurationError);
    expect(change).toThrow(/workHours: it must be .*Mon-Fri.*\nhubUrl: .*next start.*\nno: there is no such setting/);
    expect(agent.snapshot().concurrency.max).toBe(2);
    agent.changeSettings({ maxConcurrentTasks: 5 });
    expect(agent.snapshot().concurrency).toMatchObject({ now: 5, max: 5 });
  });

  it('switch no task type off that there is not: the one that was meant would stay on', async () => {
    const { agent } = await startHosted(null);
    const change = (): void => agent.changeSettings({ maxConcurrentTasks: 5, disabledTaskTypes: ['website'] });
    expect(change).toThrow(ConfigurationError);
    expect(change).toThrow(
      'disabledTaskTypes: there is no task type website; known are website_html, lighthouse_html.',
    );
    expect(agent.snapshot().concurrency.max).toBe(2);
    agent.changeSettings({ disabledTaskTypes: ['website_html'] });
    // One that is off already is known all the same.
    agent.changeSettings({ disabledTaskTypes: ['website_html', 'lighthouse_html'] });
  });

  it('give the next attempt less time than its type says', async () => {
    const hosted = await startHosted(null);
    hosted.agent.enqueue({ type: 'website_html', payload: { url: 'finish' } });
    // A task host that is ready is given no time to start.
    await until('done', () => hosted.events.some(({ kind }) => kind === 'finished'));
    hosted.agent.changeSettings({ maxTaskMs: 5_000 });
    const { task } = hosted.agent.enqueue({ type: 'website_html', payload: { url: 'hangs' }, maxAttempts: 1 });
    await until('its time is over', () => hosted.agent.queue.get(task.id)?.status === 'failed');
    expect(hosted.agent.queue.get(task.id)?.error).toMatchObject({
      code: 'task_deadline',
      message: expect.stringContaining('within 5000 ms'),
    });
  });
});

describe('leaving the hub', () => {
  it.each([false, true])('gives everything back, revokes the secret and ends the agent (wipe: %s)', async (wipe) => {
    const hub = await startHub();
    const hosted = await startHosted(hub);
    const done = await createJob(hub, 'finish');
    await until('done', async () => (await statusOf(hub, done)) === 'completed');
    const job = await createJob(hub, 'hangs');
    await until('it runs', () => runningUrls(hosted).length === 1);
    expect(await hosted.agent.leaveHub({ wipe })).toEqual({ heard: true });
    expect(hosted.agent.activity).toBe('stopped');
    expect(await statusOf(hub, job)).toBe('pending');
    expect((await hub.api('GET', `/api/workers/${WORKER.workerId}`)).body.state).toBe('revoked');
    expect(existsSync(join(hosted.dataFolder, 'legwork.sqlite'))).toBe(!wipe);
    expect(existsSync(join(hosted.dataFolder, 'blobs'))).toBe(!wipe);
    const alone = await startHosted(null, {}, hosted.dataFolder);
    expect(alone.agent.queue.statistics().total).toBe(wipe ? 0 : 2);
    expect(alone.agent.snapshot().pendingTasks).toBe(0);
  });

  it('is done with when the hub has revoked it before, and when it does not answer', async () => {
    const hub = await startHub();
    const revoked = await startHosted(hub);
    await until('connected', () => revoked.agent.snapshot().link.state === 'connected');
    await hub.api('POST', `/api/workers/${WORKER.workerId}/revoke`, {});
    expect(await revoked.agent.leaveHub({ wipe: true })).toEqual({ heard: true });
    const other = await startHub();
    const lonely = await startHosted(other);
    await until('connected', () => lonely.agent.snapshot().link.state === 'connected');
    await other.hub.close();
    expect(await lonely.agent.leaveHub({ wipe: true })).toMatchObject({
      heard: false,
      error: { failure: 'unreachable' },
    });
    expect(lonely.agent.activity).toBe('stopped');
  });
});
