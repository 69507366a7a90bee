import { describe, expect, it, onTestFinished } from 'vitest';
import { EventReader } from './support/event-reader.ts';
import { joinAgent } from './support/test-agent.ts';
import { OPERATOR_KEY, startStillHub, type TestHub } from './support/test-hub.ts';

async function follow(hub: TestHub, lastEventId?: string): Promise<EventReader> {
  const reader = new EventReader(`${hub.url}/api/events`, {
    Authorization: `Bearer ${OPERATOR_KEY}`,
    ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }),
  });
  onTestFinished(() => reader.close());
  const response = await reader.response;
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  return reader;
}

describe('the event stream', () => {
  it('tells of jobs, progress and workers as they happen', async () => {
    const hub = await startStillHub();
    const reader = await follow(hub);
    const agent = await joinAgent(hub);
    expect(await reader.next()).toMatchObject({ event: 'worker', data: { workerId: 'worker-1', state: 'online' } });
    const jobId = await hub.createJob();
    expect(await reader.next()).toMatchObject({ event: 'job', data: { jobId, status: 'pending' } });
    const task = await agent.takeTask();
    expect(await reader.next()).toMatchObject({ event: 'job', data: { jobId, status: 'processing' } });
    for (const percent of [10, 20, 30]) {
      await agent.heartbeat([{ leaseId: task.leaseId, progress: { percent, stage: 'loading' } }]);
    }
    hub.clock.advance(1_000);
    const progress = await reader.next();
    expect(progress).toMatchObject({ event: 'progress', id: '', data: { jobId, progress: { percent: 30 } } });
    await agent.submit(task);
    expect(await reader.next()).toMatchObject({ event: 'job', data: { jobId, status: 'completed' } });
    await agent.goodbye();
    expect(await reader.next()).toMatchObject({ event: 'worker', data: { state: 'offline', reason: 'stopped' } });
  });

  it('lets a reader that comes back catch up, and says so when it cannot', async () => {
    const hub = await startStillHub({ limits: { eventBufferSize: 5 } });
    const reader = await follow(hub);
    const first = await hub.createJob();
    const seen = await reader.next();
    expect(seen.data.jobId).toBe(first);
    reader.close();
    const missed = [await hub.createJob(), await hub.createJob()];
    const back = await follow(hub, seen.id);
    expect((await back.next()).data.jobId).toBe(missed[0]);
    expect((await back.next()).data.jobId).toBe(missed[1]);
    for (let count = 0; count < 6; count += 1) await hub.createJob();
    const late = await follow(hub, seen.id);
    expect((await late.next()).event).toBe('gap');
    const other = await follow(hub, 'another-start-7');
    expect((await other.next()).event).toBe('gap');
  });

  it('is kept open by comments and ends when the hub closes', async () => {
    const hub = await startStillHub({ limits: { eventHeartbeatMs: 20_000 } });
    const reader = await follow(hub);
    hub.clock.advance(20_000);
    await hub.createJob();
    await reader.next();
    expect(reader.comments).toBeGreaterThan(0);
    const ended = reader.ended();
    await hub.hub.close();
    await ended;
  });
});
