import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LeasedTask } from '../../main/protocol/request-work.ts';
import { joinAgent, untilWaiting } from './support/test-agent.ts';
import { startStillHub } from './support/test-hub.ts';

const jobIds = (tasks: LeasedTask[]): string[] => tasks.map((task) => task.jobId);

describe('a request for work', () => {
  it('is held open and answered as soon as a job is created', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const held = agent.requestWork({ waitSeconds: 50 });
    await untilWaiting(hub, agent.workerId);
    const jobId = await hub.createJob({ priority: 2, maxAttempts: 4 });
    const answer = await held;
    expect(answer).toMatchObject({ status: 200, verified: true });
    expect(answer.body.tasks).toMatchObject([
      {
        jobId,
        type: 'website_html',
        payload: { url: 'https://example.com/', timeoutMs: 30_000 },
        priority: 2,
        maxAttempts: 4,
        leaseSeconds: 60,
      },
    ]);
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).body).toMatchObject({
      status: 'processing',
      workerId: agent.workerId,
    });
  });

  it('is answered with 204 when the wait is over', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const held = agent.requestWork({ waitSeconds: 20 });
    await untilWaiting(hub, agent.workerId);
    hub.clock.advance(20_000);
    expect(await held).toMatchObject({ status: 204, verified: true });
  });

  it('gets the most urgent jobs first, of those the oldest', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const ordinary = await hub.createJob();
    const later = await hub.createJob();
    const urgent = await hub.createJob({ priority: 1 });
    const idle = await hub.createJob({ priority: 10 });
    const answer = await agent.requestWork({ capacity: { page: 3, exclusive: 0 } });
    expect(jobIds(answer.body.tasks)).toEqual([urgent, ordinary, later]);
    const held = answer.body.tasks.map((task: LeasedTask) => task.leaseId);
    expect((await agent.takeTask({ heldLeases: held })).jobId).toBe(idle);
  });

  it('gets only types that it names and only as many as its lanes take', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const audits = [
      await hub.createJob({ type: 'lighthouse_html', priority: 1 }),
      await hub.createJob({ type: 'lighthouse_html', priority: 1 }),
    ];
    const pages = [await hub.createJob(), await hub.createJob(), await hub.createJob()];
    const onlyPages = await agent.requestWork({ types: ['website_html'], capacity: { page: 1, exclusive: 5 } });
    expect(jobIds(onlyPages.body.tasks)).toEqual([pages[0]]);
    const both = await agent.requestWork({
      capacity: { page: 1, exclusive: 1 },
      heldLeases: [onlyPages.body.tasks[0].leaseId],
    });
    expect(jobIds(both.body.tasks)).toEqual([audits[0], pages[1]]);
    const unknownType = await agent.requestWork({
      types: ['later_type'],
      heldLeases: [...onlyPages.body.tasks, ...both.body.tasks].map((task: LeasedTask) => task.leaseId),
    });
    expect(unknownType.status).toBe(204);
  });

  it('shares a batch fairly between agents that wait', async () => {
    const hub = await startStillHub();
    const agents = [await joinAgent(hub, 'worker-1'), await joinAgent(hub, 'worker-2')];
    const held = agents.map((agent) => agent.requestWork({ waitSeconds: 50, capacity: { page: 10, exclusive: 0 } }));
    for (const agent of agents) await untilWaiting(hub, agent.workerId);
    const job = { type: 'website_html', payload: { url: 'https://example.com/' } };
    await hub.api('POST', '/api/jobs', { jobs: [job, job, job, job] });
    const answers = await Promise.all(held);
    expect(answers.map((answer) => answer.body.tasks.length)).toEqual([2, 2]);
    expect(new Set(answers.flatMap((answer) => jobIds(answer.body.tasks))).size).toBe(4);
  });

  it('waits for a scheduled job until its time', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob({ priority: 1, runAt: new Date(hub.clock.nowMs() + 45_000).toISOString() });
    expect((await agent.requestWork()).status).toBe(204);
    const held = agent.requestWork({ waitSeconds: 50 });
    await untilWaiting(hub, agent.workerId);
    hub.clock.advance(46_000);
    expect(jobIds((await held).body.tasks)).toEqual([jobId]);
  });

  it('ends the one before it with 204', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const older = agent.requestWork({ waitSeconds: 50 });
    await untilWaiting(hub, agent.workerId);
    const newer = agent.requestWork({ waitSeconds: 50 });
    expect((await older).status).toBe(204);
    await untilWaiting(hub, agent.workerId);
    await hub.createJob();
    expect((await newer).status).toBe(200);
  });

  it('leaves no lease behind when the agent has hung up', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const hangUp = new AbortController();
    const held = agent.requestWork({ waitSeconds: 50 }, { signal: hangUp.signal });
    await untilWaiting(hub, agent.workerId);
    hangUp.abort();
    await expect(held).rejects.toThrow();
    while ((await hub.api('GET', `/api/workers/${agent.workerId}`)).body.waiting !== false) await pause(10);
    const jobId = await hub.createJob();
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).body).toMatchObject({ status: 'pending', workerId: null });
  });

  it('is answered when the hub closes', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const held = agent.requestWork({ waitSeconds: 50 });
    await untilWaiting(hub, agent.workerId);
    await hub.hub.close();
    expect(await held).toMatchObject({ status: 204, verified: true });
  });
});

describe('a lost answer', () => {
  it('brings the same leases again, also when the key is another one', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    await hub.createJob();
    await hub.createJob();
    const lost = await agent.takeTask({ idempotencyKey: 'key-1' });
    const repeated = await agent.requestWork({ idempotencyKey: 'key-1' });
    expect(repeated.body.tasks).toMatchObject([{ leaseId: lost.leaseId, jobId: lost.jobId }]);
    hub.clock.advance(20_000);
    const timestamp = Math.floor(hub.clock.nowMs() / 1_000);
    const missed = await agent.requestWork(
      { idempotencyKey: 'key-2', capacity: { page: 0, exclusive: 0 } },
      { timestamp },
    );
    expect(missed.body.tasks).toMatchObject([{ leaseId: lost.leaseId }]);
    expect(missed.body.tasks[0].leaseSeconds).toBeLessThanOrEqual(40);
    expect((await hub.api('GET', '/api/jobs/stats')).body.byStatus).toMatchObject({ pending: 1, processing: 1 });
  });
});

describe('a cancelled job', () => {
  it('ends the held request of the agent that has it', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const { leaseId } = await agent.takeTask();
    const held = agent.requestWork({ waitSeconds: 50, heldLeases: [leaseId], capacity: { page: 0, exclusive: 0 } });
    await untilWaiting(hub, agent.workerId);
    const cancelled = await hub.api('POST', `/api/jobs/${jobId}/cancel`);
    expect(cancelled.body).toMatchObject({ status: 'cancelled', error: { code: 'cancelled_by_operator' } });
    expect((await held).body.lostLeases).toEqual([{ leaseId, reason: 'cancelled' }]);
  });

  it('is told to an agent that asks later, without a busy loop while the agent lets go', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const { leaseId } = await agent.takeTask();
    await hub.api('POST', `/api/jobs/${jobId}/cancel`);
    const told = await agent.requestWork({ waitSeconds: 50, heldLeases: [leaseId] });
    expect(told.body.lostLeases).toEqual([{ leaseId, reason: 'cancelled' }]);
    const held = agent.requestWork({ waitSeconds: 50, heldLeases: [leaseId] });
    await untilWaiting(hub, agent.workerId);
    hub.clock.advance(50_000);
    expect((await held).body.lostLeases).toEqual([{ leaseId, reason: 'cancelled' }]);
  });
});

describe('a command', () => {
  it('reaches a waiting agent at once and is repeated until it is acknowledged', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const held = agent.requestWork({ waitSeconds: 50 });
    await untilWaiting(hub, agent.workerId);
    const given = (await hub.api('POST', `/api/workers/${agent.workerId}/commands`, { command: 'pause' })).body;
    expect((await held).body.commands).toEqual([given]);
    expect((await agent.heartbeat([])).body.commands).toEqual([given]);
    expect((await agent.requestWork({ acknowledgedCommands: [given.id] })).status).toBe(204);
    expect((await agent.heartbeat([])).body.commands).toEqual([]);
  });

  it('can ask for diagnostics, which the operator then reads', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    expect((await hub.api('GET', `/api/workers/${agent.workerId}/diagnostics`)).status).toBe(404);
    await agent.heartbeat([], { diagnostics: { freeBytes: 5 } });
    const read = await hub.api('GET', `/api/workers/${agent.workerId}/diagnostics`);
    expect(read.body.diagnostics).toEqual({ freeBytes: 5 });
  });
});
