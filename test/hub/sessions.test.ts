import { describe, expect, it } from 'vitest';
import { joinAgent, TestAgent, untilWaiting } from './support/test-agent.ts';
import { startStillHub } from './support/test-hub.ts';

const superseded = { status: 409, verified: true, body: { error: { code: 'superseded' } } };

describe('a session', () => {
  it('is ended by a newer start: the ghost’s held request and all that it says are refused', async () => {
    const hub = await startStillHub();
    const ghost = await joinAgent(hub);
    const held = ghost.requestWork({ waitSeconds: 50 });
    await untilWaiting(hub, ghost.workerId);
    const newer = new TestAgent(hub.url, ghost.workerId, ghost.secret);
    newer.instanceId = ghost.instanceId;
    newer.epoch = 2;
    expect((await newer.handshake()).status).toBe(200);
    expect(await held).toMatchObject(superseded);
    expect(await ghost.requestWork()).toMatchObject(superseded);
    expect(await ghost.heartbeat([])).toMatchObject(superseded);
    expect(await ghost.handshake()).toMatchObject(superseded);
    expect((await newer.requestWork()).status).toBe(204);
  });

  it('is also taken over by another installation with the same secret', async () => {
    const hub = await startStillHub();
    const first = await joinAgent(hub);
    const copy = new TestAgent(hub.url, first.workerId, first.secret);
    expect((await copy.handshake()).status).toBe(200);
    expect(await first.requestWork()).toMatchObject(superseded);
  });

  it('is taken over once by a copy of the same data folder, which has instance and epoch in common', async () => {
    const hub = await startStillHub();
    const first = await joinAgent(hub);
    const lostAnswer = first.sessionId;
    expect((await first.handshake()).status).toBe(200);
    expect((await first.requestWork({ sessionId: lostAnswer })).body.error.code).toBe('session_unknown');
    const copy = new TestAgent(hub.url, first.workerId, first.secret);
    copy.instanceId = first.instanceId;
    expect((await copy.handshake()).status).toBe(200);
    expect(await first.requestWork()).toMatchObject(superseded);
    expect(await first.handshake()).toMatchObject(superseded);
    expect((await copy.requestWork()).status).toBe(204);
  });

  it('begins with what the agent still holds; the rest goes back to the queue at once', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobs = [await hub.createJob(), await hub.createJob(), await hub.createJob()];
    const taken = (await agent.requestWork({ capacity: { page: 3, exclusive: 0 } })).body.tasks;
    const [kept, unsent, forgotten] = taken.map((task: { leaseId: string }) => task.leaseId);
    agent.epoch = 2;
    const answer = await agent.handshake({
      heldLeases: [kept, 'lease_of_nobody'],
      unsentResults: [{ leaseId: unsent, attemptId: 'attempt-1' }],
    });
    expect(new Set(answer.body.keptLeases)).toEqual(new Set([kept, unsent]));
    expect(answer.body.lostLeases).toEqual(['lease_of_nobody']);
    expect((await hub.api('GET', `/api/jobs/${jobs[2]}`)).body).toMatchObject({ status: 'pending', attempts: 0 });
    const late = await agent.submit({ leaseId: forgotten, jobId: jobs[2] ?? '' });
    expect(late.status).toBe(200);
  });

  it('survives a restart of the hub', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const { leaseId } = await agent.takeTask();
    await hub.hub.close();
    const again = await startStillHub({ dataFolder: hub.dataFolder });
    const same = new TestAgent(again.url, agent.workerId, agent.secret);
    same.sessionId = agent.sessionId;
    expect((await same.heartbeat([{ leaseId }])).body.renewedLeases).toEqual([leaseId]);
    expect((await same.submit({ leaseId, jobId })).status).toBe(200);
  });

  it('that nobody knows, or that said goodbye, has to shake hands again', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const unknown = await agent.requestWork({ sessionId: 'session_other' });
    expect(unknown).toMatchObject({ status: 409, body: { error: { code: 'session_unknown' } } });
    await agent.goodbye();
    expect((await agent.requestWork()).body.error.code).toBe('session_unknown');
    expect((await agent.handshake()).status).toBe(200);
    expect((await agent.requestWork()).status).toBe(204);
  });

  it('says how often to renew: often enough for the lease, whatever its length', async () => {
    for (const [leaseSeconds, heartbeatSeconds] of [
      [5, 1],
      [15, 5],
      [600, 10],
    ]) {
      const hub = await startStillHub({ limits: { leaseSeconds } });
      const agent = await joinAgent(hub);
      expect((await agent.handshake()).body).toMatchObject({ leaseSeconds, heartbeatSeconds });
    }
  });

  it('is refused to agents that are too old or speak another version', async () => {
    const hub = await startStillHub({ minimumAgentVersion: '0.2.0' });
    hub.hub.registerWorker({ workerId: 'worker-1', secret: 'secret-0123456789' });
    const agent = new TestAgent(hub.url, 'worker-1', 'secret-0123456789');
    const old = await agent.handshake({ agentVersion: '0.1.9' });
    expect(old).toMatchObject({ status: 426, verified: true });
    expect(old.body.error.details).toEqual({ minimumAgentVersion: '0.2.0' });
    const other = await agent.handshake({ protocolVersion: 2 });
    expect(other.body.error).toMatchObject({ code: 'protocol_unsupported', details: { supported: [1] } });
    expect((await agent.handshake({ agentVersion: '0.10.0' })).status).toBe(200);
  });
});
