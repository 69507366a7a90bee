import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { joinAgent } from './support/test-agent.ts';
import { startStillHub } from './support/test-hub.ts';

describe('a result', () => {
  it('is recorded with its blobs and read back by the operator', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const task = await agent.takeTask();
    const blob = await agent.putBlob('page.html', Buffer.from('<h1>Grüße</h1>'), 'text/html; charset=utf-8');
    const attemptId = randomUUID();
    expect(await agent.submit(task, { attemptId, attempts: 2, blobs: [blob] })).toMatchObject({
      status: 200,
      verified: true,
      body: { status: 'stored' },
    });
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).body).toMatchObject({
      status: 'completed',
      attempts: 2,
      progress: { percent: 100 },
    });
    const read = await hub.api('GET', `/api/jobs/${jobId}/result`);
    expect(read.body).toMatchObject({
      jobId,
      attemptId,
      workerId: agent.workerId,
      outcome: 'completed',
      result: { title: 'Übersicht' },
      blobs: [{ ...blob, url: `/api/jobs/${jobId}/blobs/page.html` }],
    });
  });

  it('is recorded once: a repeat is told so, whatever else it says', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const task = await agent.takeTask();
    const attemptId = randomUUID();
    await agent.submit(task, { attemptId });
    const repeat = await agent.submit(task, { attemptId, result: { title: 'another' } });
    expect(repeat).toMatchObject({ status: 409, verified: true, body: { error: { code: 'already_stored' } } });
    const second = await agent.submit(task);
    expect(second).toMatchObject({ status: 410, verified: true, body: { error: { code: 'lease_lost' } } });
    expect((await hub.api('GET', `/api/jobs/${jobId}/result`)).body.result.title).toBe('Übersicht');
  });

  it('of a failed task fails the job for good with the agent’s error', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const error = { code: 'page_timeout', class: 'transient', message: 'The page did not load.' };
    await agent.submit(await agent.takeTask(), { outcome: 'failed', attempts: 3, result: null, error });
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).body).toMatchObject({ status: 'failed', attempts: 3, error });
    expect((await hub.api('GET', `/api/jobs/${jobId}/result`)).body).toMatchObject({ outcome: 'failed', error });
  });

  it('is refused while its blobs are not stored, naming them', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const task = await agent.takeTask();
    const there = await agent.putBlob('page.html', Buffer.from('there'), 'text/html');
    const missing = { name: 'shot.jpg', sha256: 'b'.repeat(64), sizeBytes: 3, contentType: 'image/jpeg' };
    const answer = await agent.submit(task, { blobs: [there, missing] });
    expect(answer).toMatchObject({ status: 422, verified: true });
    expect(answer.body.error).toMatchObject({ code: 'blobs_missing', details: { missing: [missing.sha256] } });
    rmSync(join(hub.dataFolder, 'blobs', there.sha256.slice(0, 2), there.sha256));
    const gone = await agent.submit(task, { blobs: [there] });
    expect(gone.body.error.details.missing).toEqual([there.sha256]);
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).body.status).toBe('processing');
  });

  it('of a cancelled job is not recorded, and after a retry only the new one is', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const old = await agent.takeTask();
    await hub.api('POST', `/api/jobs/${jobId}/cancel`);
    expect((await agent.submit(old)).body.error.code).toBe('lease_lost');
    expect((await hub.api('POST', `/api/jobs/${jobId}/retry`)).body).toMatchObject({ status: 'pending', attempts: 0 });
    expect((await agent.submit(old)).body.error.code).toBe('lease_lost');
    const renewed = await agent.takeTask();
    expect((await agent.submit(renewed)).status).toBe(200);
  });

  it('that contradicts itself is refused with the path', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    await hub.createJob();
    const otherJob = await hub.createJob();
    const task = await agent.takeTask();
    const cases: [Record<string, unknown>, string][] = [
      [{ result: null }, 'result'],
      [{ outcome: 'failed', result: null }, 'error'],
      [{ error: { code: 'internal', class: 'infrastructure', message: 'but completed' } }, 'error'],
      [{ outcome: 'failed', error: { code: 'internal', class: 'infrastructure', message: 'with a result' } }, 'result'],
      [{ type: 'lighthouse_html' }, 'type'],
      [{ jobId: otherJob }, 'jobId'],
      [{ durationMs: 1.5 }, 'durationMs'],
      [{ blobs: [{ name: '../x', sha256: 'c'.repeat(64), sizeBytes: 1, contentType: 'a/b' }] }, 'blobs.0.name'],
    ];
    for (const [fields, path] of cases) {
      const answer = await agent.submit(task, fields);
      expect(answer).toMatchObject({ status: 400, verified: true, body: { error: { code: 'bad_request' } } });
      expect(answer.body.error.details.issues[0].path).toBe(path);
    }
    const blob = await agent.putBlob('a.txt', Buffer.from('abc'), 'text/plain');
    const wrongSize = await agent.submit(task, { blobs: [{ ...blob, sizeBytes: 4 }] });
    expect(wrongSize.body.error.details.issues[0].path).toBe('blobs.0.sizeBytes');
    const twice = await agent.submit(task, { blobs: [blob, blob] });
    expect(twice.body.error.details.issues[0].path).toBe('blobs');
  });
});
