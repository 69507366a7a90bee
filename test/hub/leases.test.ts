import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { joinAgent, TestAgent, untilWaiting } from './support/test-agent.ts';
import { startStillHub, type TestHub } from './support/test-hub.ts';

/** The hub's time, for an agent's call after it was moved. */
function nowSeconds({ clock }: TestHub): number {
  return Math.floor(clock.nowMs() / 1_000);
}

async function untilStatus(hub: TestHub, jobId: string, status: string): Promise<{ attempts: number; error: unknown }> {
  for (;;) {
    const { body } = await hub.api('GET', `/api/jobs/${jobId}`);
    if (body.status === status) return body;
    await pause(10);
  }
}

describe('a lease', () => {
  it('that nobody renews comes back, counted, to the next agent, and fails the job after the last attempt', async () => {
    const hub = await startStillHub();
    const first = await joinAgent(hub, 'worker-1');
    const second = await joinAgent(hub, 'worker-2');
    const jobId = await hub.createJob({ maxAttempts: 2 });
    await first.takeTask();
    const held = second.requestWork({ waitSeconds: 50 });
    await untilWaiting(hub, second.workerId);
    hub.clock.advance(40_000);
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).body.status).toBe('processing');
    hub.clock.advance(9_000);
    const again = second.requestWork({ waitSeconds: 50 }, { timestamp: nowSeconds(hub) });
    expect((await held).status).toBe(204);
    await untilWaiting(hub, second.workerId);
    hub.clock.advance(12_000);
    expect((await again).body.tasks).toMatchObject([{ jobId, maxAttempts: 1 }]);
    hub.clock.advance(61_000);
    const failed = await untilStatus(hub, jobId, 'failed');
    expect(failed).toMatchObject({ attempts: 2, error: { code: 'agent_crashed', class: 'infrastructure' } });
  });

  it('is kept alive by heartbeats, which also carry the progress', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const { leaseId } = await agent.takeTask();
    hub.clock.advance(50_000);
    const beat = () =>
      agent.call(
        'POST',
        '/internal/heartbeat',
        {
          sessionId: agent.sessionId,
          leases: [{ leaseId, state: 'running', progress: { percent: 40, stage: 'loading' } }],
        },
        { timestamp: nowSeconds(hub) },
      );
    expect((await beat()).body).toMatchObject({ renewedLeases: [leaseId], leaseSeconds: 60, lostLeases: [] });
    hub.clock.advance(50_000);
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).body).toMatchObject({
      status: 'processing',
      attempts: 0,
      progress: { percent: 40, stage: 'loading' },
    });
  });

  it('that ran out is its holder’s again while nobody else took the job', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const { leaseId } = await agent.takeTask();
    hub.clock.advance(61_000);
    await untilStatus(hub, jobId, 'pending');
    const timestamp = nowSeconds(hub);
    const answer = await agent.requestWork(
      { heldLeases: [leaseId], capacity: { page: 5, exclusive: 0 } },
      { timestamp },
    );
    expect(answer.status).toBe(204);
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).body).toMatchObject({ status: 'processing', attempts: 0 });
  });

  it('that ran out goes to who waits for work, however long its holder’s request is held open', async () => {
    const hub = await startStillHub();
    const holder = await joinAgent(hub, 'worker-1');
    const other = await joinAgent(hub, 'worker-2');
    const jobId = await hub.createJob();
    const { leaseId } = await holder.takeTask();
    hub.clock.advance(30_000);
    const timestamp = nowSeconds(hub);
    const silent = holder.requestWork(
      { waitSeconds: 50, heldLeases: [leaseId], capacity: { page: 1, exclusive: 0 } },
      { timestamp },
    );
    await untilWaiting(hub, holder.workerId);
    const held = other.requestWork({ waitSeconds: 50 }, { timestamp });
    await untilWaiting(hub, other.workerId);
    hub.clock.advance(31_000);
    expect((await held).body.tasks).toMatchObject([{ jobId, maxAttempts: 2 }]);
    expect((await silent).status).toBe(204);
    const told = await holder.requestWork({ heldLeases: [leaseId] }, { timestamp: nowSeconds(hub) });
    expect(told.body.lostLeases).toEqual([{ leaseId, reason: 'superseded' }]);
  });

  it('that somebody else has now is lost, and its result is not recorded', async () => {
    const hub = await startStillHub();
    const slow = await joinAgent(hub, 'worker-1');
    const quick = await joinAgent(hub, 'worker-2');
    const jobId = await hub.createJob();
    const { leaseId } = await slow.takeTask();
    hub.clock.advance(61_000);
    await untilStatus(hub, jobId, 'pending');
    const timestamp = nowSeconds(hub);
    const taken = (await quick.requestWork({}, { timestamp })).body.tasks[0];
    const beat = await slow.call(
      'POST',
      '/internal/heartbeat',
      {
        sessionId: slow.sessionId,
        leases: [
          { leaseId, state: 'running' },
          { leaseId: 'lease_x', state: 'queued' },
        ],
      },
      { timestamp },
    );
    expect(beat.body.lostLeases).toEqual([
      { leaseId, reason: 'superseded' },
      { leaseId: 'lease_x', reason: 'unknown' },
    ]);
    expect(taken.leaseId).not.toBe(leaseId);
    hub.clock.advance(-61_000);
    expect((await slow.submit({ leaseId, jobId })).body.error.code).toBe('lease_lost');
    expect((await quick.submit({ leaseId: taken.leaseId, jobId })).status).toBe(200);
    expect((await hub.api('GET', `/api/jobs/${jobId}/result`)).body.workerId).toBe('worker-2');
  });

  it('of another worker is not touched by a heartbeat', async () => {
    const hub = await startStillHub();
    const owner = await joinAgent(hub, 'worker-1');
    const other = await joinAgent(hub, 'worker-2');
    const jobId = await hub.createJob();
    const { leaseId } = await owner.takeTask();
    expect((await other.heartbeat([{ leaseId }])).body).toMatchObject({
      renewedLeases: [],
      lostLeases: [{ leaseId, reason: 'unknown' }],
    });
    expect((await other.submit({ leaseId, jobId })).body.error.code).toBe('lease_lost');
    expect((await other.goodbye({ returnedLeases: [{ leaseId, attemptsUsed: 0 }] })).body.returnedLeases).toEqual([]);
    expect((await owner.submit({ leaseId, jobId })).status).toBe(200);
  });

  it('that is returned with a goodbye goes to the next agent at once, not back to the one that leaves', async () => {
    const hub = await startStillHub();
    const leaving = await joinAgent(hub, 'worker-1');
    const staying = await joinAgent(hub, 'worker-2');
    const jobId = await hub.createJob();
    const { leaseId } = await leaving.takeTask();
    const heldByLeaving = leaving.requestWork({ waitSeconds: 50, heldLeases: [leaseId] });
    await untilWaiting(hub, leaving.workerId);
    const held = staying.requestWork({ waitSeconds: 50 });
    await untilWaiting(hub, staying.workerId);
    const goodbye = await leaving.goodbye({ reason: 'paused', returnedLeases: [{ leaseId, attemptsUsed: 1 }] });
    expect(goodbye.body.returnedLeases).toEqual([leaseId]);
    expect((await heldByLeaving).status).toBe(204);
    expect((await held).body.tasks).toMatchObject([{ jobId, maxAttempts: 2 }]);
    expect((await leaving.requestWork()).status).toBe(204);
  });

  it('gets a full term when the hub’s machine slept, since nobody could renew', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    await agent.takeTask();
    hub.clock.advance(3_600_000);
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).body.status).toBe('processing');
    hub.clock.advance(59_000);
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).body.status).toBe('processing');
    hub.clock.advance(5_000);
    await untilStatus(hub, jobId, 'pending');
  });

  it('gets a full term when the hub was down, since nobody could renew', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const { leaseId } = await agent.takeTask();
    await hub.hub.close();
    hub.clock.advance(600_000);
    const again = await startStillHub({ dataFolder: hub.dataFolder, clock: hub.clock });
    expect((await again.api('GET', `/api/jobs/${jobId}`)).body.status).toBe('processing');
    again.clock.advance(59_000);
    const back = new TestAgent(again.url, agent.workerId, agent.secret);
    const beat = await back.call(
      'POST',
      '/internal/heartbeat',
      { sessionId: agent.sessionId, leases: [{ leaseId, state: 'running' }] },
      { timestamp: nowSeconds(again) },
    );
    expect(beat.body.renewedLeases).toEqual([leaseId]);
  });
});
