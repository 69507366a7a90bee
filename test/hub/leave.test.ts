import { expect, it } from 'vitest';
import { joinAgent, TestAgent } from './support/test-agent.ts';
import { startStillHub } from './support/test-hub.ts';

it('an agent that leaves gives its jobs back, ends its session, and is not known any more', async () => {
  const target = await startStillHub();
  const agent = await joinAgent(target);
  const returned = await target.createJob({ maxAttempts: 3 });
  const kept = await target.createJob();
  const tasks = [await agent.takeTask(), await agent.takeTask()];
  const first = tasks.find(({ jobId }) => jobId === returned);
  const answer = await agent.call('POST', '/internal/leave', {
    returnedLeases: [{ leaseId: first?.leaseId, attemptsUsed: 1 }],
  });
  expect(answer).toMatchObject({ status: 200, body: { status: 'left' } });
  for (const id of [returned, kept]) {
    expect((await target.api('GET', `/api/jobs/${id}`)).body.status).toBe('pending');
  }
  expect((await target.api('GET', `/api/jobs/${returned}`)).body.attempts).toBe(1);
  expect((await target.api('GET', `/api/workers/${agent.workerId}`)).body).toMatchObject({
    state: 'revoked',
    session: null,
    openLeases: 0,
  });
  expect(await agent.handshake()).toMatchObject({ status: 401, body: { error: { code: 'revoked_worker' } } });
});

it('leaving once more is refused as revoked, provably', async () => {
  const target = await startStillHub();
  const agent = await joinAgent(target);
  await agent.call('POST', '/internal/leave', { returnedLeases: [] });
  const again = await agent.call('POST', '/internal/leave', { returnedLeases: [] });
  expect(again).toMatchObject({ status: 401, body: { error: { code: 'revoked_worker' } } });
});

it('needs no session, but a signature, and touches nobody else', async () => {
  const target = await startStillHub();
  const other = await joinAgent(target, 'worker-2');
  const theirs = await target.createJob();
  const { leaseId } = await other.takeTask();
  target.hub.registerWorker({ workerId: 'worker-3', secret: 'secret-of-worker-3-0123456789' });
  const stranger = new TestAgent(target.url, 'worker-2', 'a-wrong-secret-0123456789');
  expect((await stranger.call('POST', '/internal/leave', { returnedLeases: [] })).status).toBe(401);
  const leaver = new TestAgent(target.url, 'worker-3', 'secret-of-worker-3-0123456789');
  const answer = await leaver.call('POST', '/internal/leave', { returnedLeases: [{ leaseId, attemptsUsed: 0 }] });
  expect(answer.status).toBe(200);
  expect((await target.api('GET', `/api/jobs/${theirs}`)).body.status).not.toBe('pending');
  expect((await target.api('GET', '/api/workers/worker-2')).body.state).toBe('online');
});
