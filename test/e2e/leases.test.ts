import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROGRAMS_TIMEOUT_MS, Stack } from './stack.ts';

let stack: Stack;
beforeEach(() => {
  stack = new Stack();
});
afterEach(() => stack.close());

const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));
const SHORT_LEASES = ['--lease-seconds', '8', '--heartbeat-seconds', '2'];

async function untilStatus(id: string, status: string): Promise<void> {
  while ((await stack.operator.job(id)).status !== status) await pause(50);
}

describe('leases between hub and agent', { timeout: PROGRAMS_TIMEOUT_MS }, () => {
  it('go on after the machine slept for longer than they last', async () => {
    await stack.startHub(SHORT_LEASES);
    const agent = stack.startAgent({ environment: { MAX_CONCURRENT_TASKS: '1' } });
    const ids = await stack.enqueue(
      { url: `${stack.siteUrl}/1`, waitUntil: 'quiet' },
      { url: `${stack.siteUrl}/2`, waitUntil: 'quiet' },
      { url: `${stack.siteUrl}/3`, waitUntil: 'quiet' },
    );
    await stack.visits('/1');
    agent.child.kill('SIGSTOP');
    await pause(10_000);
    agent.child.kill('SIGCONT');
    for (const id of ids) expect(await stack.jobEnds(id)).toBe('completed');
  });

  it.each([
    ['ENABLE_TASK_PROCESSOR', 'false'],
    ['LEGWORK_MINIMUM_FREE_DISK_BYTES', '1000000000000'],
  ])('go back to the hub when the agent may not execute (%s=%s)', async (name, value) => {
    await stack.startHub();
    const agent = stack.startAgent({ environment: { MAX_CONCURRENT_TASKS: '1' } });
    const ids = await stack.enqueue(
      { url: `${stack.siteUrl}/hang`, timeoutMs: 60_000 },
      { url: `${stack.siteUrl}/waits` },
    );
    await stack.visits('/hang');
    await agent.line(/\/waits/);
    agent.child.kill('SIGKILL');
    await agent.exited;
    const next = stack.startAgent({ environment: { [name]: value } });
    await next.line(/connected/);
    for (const id of ids) await untilStatus(id, 'pending');
    expect(stack.visited).not.toContain('/waits');
  });

  it('keeps an operator’s pause over a restart of the agent, and lets go of it on resume', async () => {
    await stack.startHub();
    const agent = stack.startAgent();
    await agent.line(/connected/);
    const command = (name: string): Promise<unknown> =>
      stack.operator.json(`/api/workers/worker-of-the-tests/commands`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ command: name }),
      });
    await command('pause');
    await agent.line(/paused/);
    agent.child.kill('SIGTERM');
    await agent.exited;
    const next = stack.startAgent();
    await next.line(/connected/);
    const [id = ''] = await stack.enqueue({ url: `${stack.siteUrl}/page` });
    await pause(1_500);
    expect((await stack.operator.job(id)).status).toBe('pending');
    await command('resume');
    expect(await stack.jobEnds(id)).toBe('completed');
  });

  it('hears of a cancel while it drains', async () => {
    await stack.startHub(['--lease-seconds', '3600', '--heartbeat-seconds', '600']);
    const agent = stack.startAgent();
    const [id = ''] = await stack.enqueue({ url: `${stack.siteUrl}/hang`, timeoutMs: 120_000 });
    await stack.visits('/hang');
    agent.child.kill('SIGTERM');
    await agent.line(/drain/);
    await stack.operator.json(`/api/jobs/${id}/cancel`, { method: 'POST' });
    expect(await agent.exited).toEqual({ code: 0, signal: null });
    expect(agent.output()).toContain('cancelled_by_operator');
  });
});
