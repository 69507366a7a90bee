import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../main/hub/store/open-store.ts';
import { ENDED_BEFORE } from '../../main/hub/store/job-store.ts';
import { startLegwork } from '../support/legwork-program.ts';
import { StillClock } from './support/still-clock.ts';
import { joinAgent, type TestAgent } from './support/test-agent.ts';
import { callOperatorApi, OPERATOR_KEY, startStillHub, temporaryFolder, type TestHub } from './support/test-hub.ts';

const DAY_MS = 86_400_000;
const KEPT_MS = 10 * DAY_MS;
const ANOTHER = { type: 'website_html', payload: { url: 'https://example.com/' } };

/** Lets the hub look after its house in the rounds of more than an hour, of which one deletes what is old. */
async function passAnHour(hub: TestHub): Promise<void> {
  for (let minute = 0; minute < 65; minute += 1) {
    hub.clock.advance(60_000);
    await hub.api('GET', '/health');
  }
}

/** A job that is done, with a blob of its own. */
async function doneJob(hub: TestHub, agent: TestAgent, text: string): Promise<{ jobId: string; blobPath: string }> {
  const jobId = await hub.createJob({ uniqueKey: text });
  const task = await agent.takeTask();
  const blob = await agent.putBlob('page.html', Buffer.from(text), 'text/html');
  expect((await agent.submit(task, { blobs: [blob] })).status).toBe(200);
  return { jobId, blobPath: join(hub.dataFolder, 'blobs', blob.sha256.slice(0, 2), blob.sha256) };
}

async function statusOf(hub: TestHub, jobId: string): Promise<number> {
  return (await hub.api('GET', `/api/jobs/${jobId}`)).status;
}

it('a hub that keeps jobs for some days deletes those that ended before, with their results, and no others', async () => {
  const hub = await startStillHub({ limits: { keepEndedJobsMs: KEPT_MS } });
  const agent = await joinAgent(hub);
  const old = await doneJob(hub, agent, 'old');
  const cancelled = await hub.createJob();
  await hub.api('POST', `/api/jobs/${cancelled}/cancel`);
  const scheduled = await hub.createJob({ runAt: hub.clock.nowMs() + 100 * DAY_MS });
  // Made with the old ones, but it ends later.
  const late = await hub.createJob();
  const lateTask = await agent.takeTask();
  hub.clock.advance(KEPT_MS / 2);
  await agent.submit(lateTask);
  const recent = await doneJob(hub, agent, 'recent');
  hub.clock.advance(KEPT_MS / 2);
  await passAnHour(hub);
  while ((await statusOf(hub, old.jobId)) !== 404 || existsSync(old.blobPath)) await pause(10);
  expect(await statusOf(hub, cancelled)).toBe(404);
  for (const kept of [scheduled, late, recent.jobId]) expect(await statusOf(hub, kept)).toBe(200);
  const read = await hub.api('GET', `/api/jobs/${recent.jobId}/blobs/page.html`);
  expect(read.text).toBe('recent');
  expect((await hub.api('GET', '/api/jobs/stats')).body).toMatchObject({ total: 3, byStatus: { cancelled: 0 } });
  expect((await hub.api('POST', '/api/jobs', { ...ANOTHER, uniqueKey: 'old' })).status).toBe(201);
});

it('a hub that was told nothing keeps them', async () => {
  const hub = await startStillHub();
  const agent = await joinAgent(hub);
  const { jobId, blobPath } = await doneJob(hub, agent, 'kept');
  const unused = await agent.putBlob('unused.html', Buffer.from('unused'), 'text/html');
  const unusedPath = join(hub.dataFolder, 'blobs', unused.sha256.slice(0, 2), unused.sha256);
  hub.clock.advance(4_000 * DAY_MS);
  await passAnHour(hub);
  while (existsSync(unusedPath)) await pause(10);
  expect(await statusOf(hub, jobId)).toBe(200);
  expect(existsSync(blobPath)).toBe(true);
});

it('more of them than are deleted at once all go', async () => {
  const hub = await startStillHub({ limits: { keepEndedJobsMs: KEPT_MS } });
  const made = await hub.api('POST', '/api/jobs', { jobs: Array.from({ length: 250 }, () => ANOTHER) });
  const ids: string[] = made.body.jobs.map(({ id }: { id: string }) => id);
  for (const id of ids) await hub.api('POST', `/api/jobs/${id}/cancel`);
  hub.clock.advance(KEPT_MS + 1);
  await passAnHour(hub);
  while ((await hub.api('GET', '/api/jobs/stats')).body.total !== 0) await pause(10);
});

it('`legwork hub --keep-days` counts the days from the end of each job', async () => {
  const before = await startStillHub({ clock: new StillClock(Date.now() - 3 * DAY_MS) });
  const old = await before.createJob();
  await before.api('POST', `/api/jobs/${old}/cancel`);
  before.clock.advance(2 * DAY_MS);
  const recent = await before.createJob();
  await before.api('POST', `/api/jobs/${recent}/cancel`);
  await before.hub.close();
  const program = startLegwork(['hub', '--data', before.dataFolder, '--port', '0', '--keep-days', '2'], {
    LEGWORK_OPERATOR_KEY: OPERATOR_KEY,
  });
  onTestFinished(() => void program.child.kill('SIGKILL'));
  const [url] = await program.line(/http:\/\/127\.0\.0\.1:\d+/);
  const read = async (id: string): Promise<number> => (await callOperatorApi(url, 'GET', `/api/jobs/${id}`)).status;
  while ((await read(old)) !== 404) await pause(50);
  expect(await read(recent)).toBe(200);
  program.child.kill('SIGTERM');
  expect((await program.exited).code).toBe(0);
});

it('finds them in the index of statuses, without sorting', () => {
  const store = openStore(join(temporaryFolder(), 'hub.sqlite'));
  const plan = store
    .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${ENDED_BEFORE}`)
    .all({ status: 'completed', endedBeforeMs: 1, limit: 1 })
    .map(({ detail }) => detail)
    .join('\n');
  store.close();
  expect(plan).toMatch(/SEARCH jobs USING INDEX jobs_by_status \(status=\? AND created_at_ms<\?\)/);
  expect(plan).not.toMatch(/TEMP B-TREE|SCAN/);
});
