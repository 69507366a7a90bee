import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataFolder } from '../../main/agent/queue/lock-data-folder.ts';
import { startTestHub, type TestHub } from '../hub/support/test-hub.ts';
import { MovableClock } from '../hub/support/movable-clock.ts';
import { UiStack } from './ui-stack.ts';

let stack: UiStack;
let hub: TestHub;
beforeEach(async () => {
  stack = await new UiStack().start();
});
afterEach(() => stack.close());

async function enrol(): Promise<void> {
  await stack.call('enrol', { hubUrl: hub.url, token: hub.hub.createEnrolmentToken() });
  await stack.until((snapshot) => snapshot.hub?.link === 'connected');
}

describe('connecting to a server', () => {
  it('says what a link means, enrols, does its job, and leaves it', async () => {
    hub = await startTestHub();
    const token = hub.hub.createEnrolmentToken();
    const link = `legwork://enrol?hub=${encodeURIComponent(hub.url)}&token=${token}`;
    const offer = await stack.call('inspectEnrolment', { hubUrlOrLink: link });
    expect(offer).toMatchObject({ hubUrl: hub.url, token, isEncrypted: true, replaces: null });
    expect(offer.abilities.length).toBeGreaterThan(2);

    const job = await hub.createJob({ payload: { url: 'https://example.org/ok' } });
    await stack.call('enrol', { hubUrl: offer.hubUrl, token });
    await stack.until(({ recent, queue }) => recent.length === 1 && queue.undelivered === 0);
    expect((await hub.api('GET', `/api/jobs/${job}`)).body.status).toBe('completed');
    const [row] = (await stack.call('history', { filter: {}, offset: 0, limit: 5 })).rows;
    expect(row).toMatchObject({ origin: 'hub', outcome: 'completed' });
    const task = await stack.call('task', { taskId: row?.taskId ?? '' });
    expect(task).toMatchObject({ jobId: job, delivery: 'delivered' });
    expect(task?.timeline.map(({ step }) => step)).toEqual([
      'leased',
      'queued',
      'started',
      'stage',
      'stage',
      'finished',
      'delivered',
    ]);

    await stack.call('leaveHub', { wipe: false });
    const left = await stack.until(({ activity }) => activity === 'idle');
    expect(left.hub).toBeNull();
    expect((await hub.api('GET', '/api/workers')).body.workers).toMatchObject([{ state: 'revoked' }]);
    expect((await stack.call('history', { filter: {}, offset: 0, limit: 5 })).total).toBe(1);
    expect(readFileSync(join(stack.folder, 'secrets.json'), 'utf8')).not.toContain('workerId');
  });

  it('deletes everything on leaving when it is asked to', async () => {
    hub = await startTestHub();
    await enrol();
    await hub.createJob({ payload: { url: 'https://example.org/ok' } });
    await stack.until(({ recent }) => recent.length === 1);
    await stack.call('leaveHub', { wipe: true });
    const after = await stack.until(({ activity }) => activity === 'idle');
    expect(after).toMatchObject({ hub: null, recent: [], today: { completed: 0 } });
    expect((await stack.call('history', { filter: {}, offset: 0, limit: 5 })).total).toBe(0);
    expect((await stack.call('storage', null)).blobBytes).toBe(0);
    await stack.done('/ok');
  });

  it('moves from one server to another and tells the first', async () => {
    hub = await startTestHub();
    await enrol();
    const first = hub;
    hub = await startTestHub();
    expect(await stack.call('inspectEnrolment', { hubUrlOrLink: hub.url })).toMatchObject({ replaces: first.url });
    await enrol();
    expect((await first.api('GET', '/api/workers')).body.workers).toMatchObject([{ state: 'revoked' }]);
    expect(stack.ui.snapshot().hub?.url).toBe(hub.url);
  });

  it('says in words why it did not connect, and goes on as before', async () => {
    hub = await startTestHub();
    const used = hub.hub.createEnrolmentToken();
    await stack.call('enrol', { hubUrl: hub.url, token: used });
    await stack.until((snapshot) => snapshot.hub?.link === 'connected');
    expect(await stack.failure('enrol', { hubUrl: hub.url, token: 'nonsense' })).toMatchObject({ code: 'wrong_token' });
    const unknown = used.replace(/.{4}$/, '0000');
    expect(await stack.failure('enrol', { hubUrl: hub.url, token: unknown })).toMatchObject({ code: 'hub_refused' });
    expect(await stack.failure('enrol', { hubUrl: 'http://127.0.0.1:9', token: used })).toMatchObject({
      code: 'hub_unreachable',
    });
    expect(await stack.failure('enrol', { hubUrl: 'http://hub.example.org', token: used })).toMatchObject({
      code: 'plain_http',
    });
    expect(stack.ui.snapshot().hub?.link).toBe('connected');
  });
});

describe('what is wrong with the server', () => {
  it('is told: it has removed this machine', async () => {
    hub = await startTestHub();
    await enrol();
    const [{ workerId }] = (await hub.api('GET', '/api/workers')).body.workers;
    await hub.api('POST', `/api/workers/${workerId}/revoke`);
    const { problems, tray } = await stack.until((snapshot) => snapshot.hub?.link === 'revoked');
    expect(problems).toMatchObject([{ code: 'hub_revoked', severity: 'attention' }]);
    expect(tray).toBe('attention');
  });

  it('is told: it does not answer', async () => {
    hub = await startTestHub();
    await enrol();
    await hub.hub.close();
    const { problems, tray } = await stack.until((snapshot) => snapshot.hub?.link === 'offline');
    expect(problems).toMatchObject([{ code: 'hub_unreachable', severity: 'notice' }]);
    expect(tray).toBe('offline');
    expect(stack.ui.snapshot().hub?.lastContactAtMs).toBeGreaterThan(Date.now() - 120_000);
  });

  it('is told: this machine’s clock is wrong', async () => {
    const clock = new MovableClock();
    hub = await startTestHub({ clock });
    clock.advance(3_600_000);
    await enrol();
    const { problems } = await stack.until((snapshot) => snapshot.problems.length > 0);
    expect(problems).toMatchObject([{ code: 'clock_off', sentence: expect.stringContaining('60 minutes behind') }]);
  });
});

it('shows that the operator has stopped it, and starts again when the person wants that', async () => {
  hub = await startTestHub();
  await enrol();
  const [{ workerId }] = (await hub.api('GET', '/api/workers')).body.workers;
  await hub.api('POST', `/api/workers/${workerId}/commands`, { command: 'drain' });
  const stopped = await stack.until(({ activity }) => activity === 'stopped');
  expect(stopped).toMatchObject({
    statusLine: 'The operator has stopped this agent',
    problems: [{ code: 'stopped_by_operator', severity: 'notice' }],
    running: [],
  });
  await stack.call('resume', null);
  await stack.until((snapshot) => snapshot.hub?.link === 'connected');
  expect(stack.ui.snapshot().problems).toEqual([]);
});

it('leaves the server also when no agent runs: the operator has stopped it', async () => {
  hub = await startTestHub();
  await enrol();
  const [{ workerId }] = (await hub.api('GET', '/api/workers')).body.workers;
  await hub.api('POST', `/api/workers/${workerId}/commands`, { command: 'drain' });
  await stack.until(() => stack.keeper.phase === 'stopped');
  await stack.call('leaveHub', { wipe: false });
  expect((await stack.until(({ activity }) => activity === 'idle')).hub).toBeNull();
  expect((await hub.api('GET', '/api/workers')).body.workers).toMatchObject([{ state: 'revoked' }]);
});

it('does not leave the server, and deletes nothing, while another Legwork uses the folder', async () => {
  hub = await startTestHub();
  await enrol();
  await stack.keeper.rest('The test wants it.');
  const lock = lockDataFolder(stack.folder);
  expect(await stack.failure('leaveHub', { wipe: true })).toMatchObject({
    code: 'refused',
    message: expect.stringContaining('Another agent is running'),
  });
  lock.release();
  expect(existsSync(join(stack.folder, 'legwork.sqlite'))).toBe(true);
  await stack.until((snapshot) => snapshot.hub?.link === 'connected');
});

it('starts again also when the person wants that at the very moment at which the operator has stopped it', async () => {
  hub = await startTestHub();
  await enrol();
  const resumed = new Promise<unknown>((resolve) => {
    const unsubscribe = stack.keeper.subscribe(() => {
      if (stack.keeper.phase !== 'stopped') return;
      unsubscribe();
      resolve(stack.call('resume', null));
    });
  });
  const [{ workerId }] = (await hub.api('GET', '/api/workers')).body.workers;
  await hub.api('POST', `/api/workers/${workerId}/commands`, { command: 'drain' });
  await resumed;
  await stack.until((snapshot) => snapshot.activity === 'idle' && snapshot.hub?.link === 'connected');
});

it('shows a pause of the operator, which the person cannot lift', async () => {
  hub = await startTestHub();
  await enrol();
  const [{ workerId }] = (await hub.api('GET', '/api/workers')).body.workers;
  await hub.api('POST', `/api/workers/${workerId}/commands`, { command: 'pause' });
  const paused = await stack.until(({ activity }) => activity === 'paused');
  expect(paused).toMatchObject({ pause: { by: 'operator', untilMs: null }, statusLine: 'Paused by the operator' });
  await stack.call('resume', null);
  expect(stack.ui.snapshot().activity).toBe('paused');
});

it('connects to the server that the environment names, when it lacks only who it is there', async () => {
  await stack.close();
  hub = await startTestHub();
  stack = await new UiStack({ environment: { LARAVEL_INTERNAL_URL: hub.url } }).start();
  expect(stack.ui.snapshot()).toMatchObject({ hub: null, problems: [{ code: 'hub_incomplete' }] });
  const other = await startTestHub();
  expect(await stack.failure('enrol', { hubUrl: other.url, token: other.hub.createEnrolmentToken() })).toMatchObject({
    code: 'hub_fixed',
  });
  await enrol();
  expect(stack.ui.snapshot().problems).toEqual([]);
});

it('does not let a window change a server that the command line sets', async () => {
  await stack.close();
  hub = await startTestHub();
  const environment = {
    LARAVEL_INTERNAL_URL: hub.url,
    WORKER_ID: 'one',
    LOCALBROWSER_SECRET: 'wrong-secret-of-the-test',
  };
  hub.hub.registerWorker({ workerId: 'one', secret: 'right-secret-of-the-test' });
  stack = await new UiStack({ environment }).start();
  const { problems } = await stack.until((snapshot) => snapshot.hub?.link === 'unaccepted');
  expect(problems).toMatchObject([{ code: 'hub_unaccepted', severity: 'attention' }]);
  expect(await stack.failure('leaveHub', { wipe: false })).toMatchObject({
    code: 'hub_fixed',
    message: expect.stringContaining('LARAVEL_INTERNAL_URL'),
  });
  expect(await stack.failure('enrol', { hubUrl: hub.url, token: hub.hub.createEnrolmentToken() })).toMatchObject({
    code: 'hub_fixed',
  });
});
