import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listProcesses, processTree } from '../../main/agent/process-tree.ts';
import { startLegwork } from '../support/legwork-program.ts';
import { PROGRAMS_TIMEOUT_MS, Stack } from './stack.ts';

let stack: Stack;
beforeEach(() => {
  stack = new Stack();
});
afterEach(() => stack.close());

const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

describe('hub and agent as processes', { timeout: PROGRAMS_TIMEOUT_MS }, () => {
  it('enrols with a one-time token, does a job and delivers its result', async () => {
    const hub = await stack.startHub(['--enrolment-token']);
    const [token] = await hub.line(/lwt_[0-9a-f]{16}_[0-9a-f]{64}/);
    const folder = stack.agentFolder();
    const enrol = startLegwork(['enrol', '--hub', stack.hubUrl, '--token', token, '--data', folder]);
    expect(await enrol.exited, enrol.output()).toMatchObject({ code: 0 });
    const again = startLegwork([
      'enrol',
      '--hub',
      stack.hubUrl,
      '--token',
      token,
      '--data',
      stack.agentFolder('other'),
    ]);
    expect((await again.exited).code).toBe(7);
    expect(again.output()).not.toContain('    at ');

    stack.startAgent({ environment: { WORKER_ID: '', LOCALBROWSER_SECRET: '' } });
    const [id = ''] = await stack.enqueue({ url: `${stack.siteUrl}/page` });
    expect(await stack.jobEnds(id)).toBe('completed');
  });

  it('stops a running task soon after the operator cancels its job, and goes on with the next', async () => {
    await stack.startHub();
    const agent = stack.startAgent();
    const [hanging = ''] = await stack.enqueue({ url: `${stack.siteUrl}/hang`, timeoutMs: 120_000 });
    await stack.visits('/hang');
    await stack.operator.json(`/api/jobs/${hanging}/cancel`, { method: 'POST' });
    await agent.line(/cancelled_by_operator/);
    await agent.line(/"outcome":"ignored"/);
    const [next = ''] = await stack.enqueue({ url: `${stack.siteUrl}/next` });
    expect(await stack.jobEnds(next)).toBe('completed');
    expect(await stack.jobEnds(hanging)).toBe('cancelled');
  });

  it('drains on SIGTERM: what runs is finished and delivered, what waits goes back to the hub', async () => {
    await stack.startHub();
    const agent = stack.startAgent();
    await agent.line(/"state":"connected"|connected/);
    const slow = await stack.enqueue(
      { url: `${stack.siteUrl}/slow/1`, waitUntil: 'quiet' },
      { url: `${stack.siteUrl}/slow/2`, waitUntil: 'quiet' },
      { url: `${stack.siteUrl}/slow/3`, waitUntil: 'quiet' },
      { url: `${stack.siteUrl}/slow/4`, waitUntil: 'quiet' },
    );
    await stack.visits('/slow/1');
    agent.child.kill('SIGTERM');
    expect(await agent.exited).toEqual({ code: 0, signal: null });
    const statuses = await Promise.all(slow.map(async (id) => (await stack.operator.job(id)).status));
    expect(statuses).not.toContain('processing');
    expect(statuses).toContain('completed');
    expect(stack.processesIn(stack.agentFolder())).toEqual([]);
    expect(readdirSync(join(stack.agentFolder(), 'run'))).toEqual([]);
    stack.startAgent();
    for (const id of slow) expect(await stack.jobEnds(id)).toBe('completed');
  });

  it('stops at once on a second SIGTERM, gives the running task back, and leaves nothing behind', async () => {
    await stack.startHub();
    const agent = stack.startAgent();
    const [id = ''] = await stack.enqueue({ url: `${stack.siteUrl}/hang`, timeoutMs: 120_000 });
    await stack.visits('/hang');
    agent.child.kill('SIGTERM');
    await agent.line(/drain/);
    agent.child.kill('SIGTERM');
    expect((await agent.exited).code).toBe(130);
    expect(await stack.operator.job(id)).toMatchObject({ status: 'pending', attempts: 0 });
    expect(stack.processesIn(stack.agentFolder())).toEqual([]);
  });

  it('loses nothing to kill -9, and the next start finds no process and no profile of the last one', async () => {
    await stack.startHub();
    const agent = stack.startAgent();
    const payload = { url: `${stack.siteUrl}/hang`, timeoutMs: 3_000 };
    const [id = ''] = await stack.enqueueJobs([{ type: 'website_html', payload, maxAttempts: 2 }]);
    await stack.visits('/hang');
    const processes = listProcesses();
    const descendants = processTree(agent.child.pid ?? 0, processes).slice(1);
    expect(descendants.length).toBeGreaterThan(1);
    agent.child.kill('SIGKILL');
    await agent.exited;
    // A process id may be another program's soon.
    const before = new Map(processes.map(({ processId, commandLine }) => [processId, commandLine]));
    const alive = (): number[] =>
      listProcesses()
        .filter(({ processId, commandLine }) => before.get(processId) === commandLine)
        .map(({ processId }) => processId)
        .filter((processId) => descendants.includes(processId));
    while (alive().length > 0) await pause(50);
    const next = stack.startAgent();
    await next.line(/taken back/);
    expect(await stack.jobEnds(id)).toBe('failed');
    const job = await stack.operator.job(id);
    expect(job.attempts).toBe(2);
  });

  it('ends with its own exit code when a newer start of the same agent has taken over', async () => {
    await stack.startHub();
    const ghost = stack.startAgent();
    await ghost.line(/connected/);
    const newer = stack.startAgent({ name: 'elsewhere' });
    await newer.line(/connected/);
    expect((await ghost.exited).code).toBe(8);
    const [id = ''] = await stack.enqueue({ url: `${stack.siteUrl}/page` });
    expect(await stack.jobEnds(id)).toBe('completed');
  });

  it('refuses a second agent on the same data folder', async () => {
    await stack.startHub();
    const first = stack.startAgent();
    await first.line(/connected/);
    const second = stack.startAgent();
    expect((await second.exited).code).toBe(9);
    expect(second.output()).toContain('Another agent is running');
  });

  it('goes on with a hub that was away: results made meanwhile are delivered once, when it is back', async () => {
    const hub = await stack.startHub();
    const agent = stack.startAgent();
    const [id = ''] = await stack.enqueue({ url: `${stack.siteUrl}/page`, waitUntil: 'quiet' });
    await agent.line(/"event":"started"/);
    hub.child.kill('SIGKILL');
    await hub.exited;
    await agent.line(/"outcome":"completed"/);
    await stack.startHub();
    expect(await stack.jobEnds(id)).toBe('completed');
    expect(stack.visited.filter((path) => path === '/page').length).toBe(1);
  });
});
