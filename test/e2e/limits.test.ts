import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { listProcesses, processTree } from '../../main/agent/process-tree.ts';
import { PROGRAMS_TIMEOUT_MS, Stack } from './stack.ts';

let stack: Stack;
beforeEach(() => {
  stack = new Stack();
});
afterEach(() => stack.close());

/** Keeps every processor of this machine busy until the test is over. */
function burnProcessors(): void {
  for (let index = 0; index < os.availableParallelism(); index += 1) {
    const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
  }
}

/** A process that has ended in the meantime is not. */
function isBelowNormal(processId: number): boolean {
  try {
    return os.getPriority(processId) === os.constants.priority.PRIORITY_BELOW_NORMAL;
  } catch {
    return false;
  }
}

const SCHED_BATCH = '3';

/** How Linux schedules a process (sched(7)): field 41 of /proc/PID/stat (proc(5)); null when it has ended. */
function schedulingPolicy(processId: number): string | null {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38] ?? null;
  } catch {
    return null;
  }
}

const hasChrt = process.platform === 'linux' && spawnSync('chrt', ['--version']).status === 0;

describe('the limits of a host', { timeout: PROGRAMS_TIMEOUT_MS }, () => {
  it('keep an agent from taking work outside the hours, and it says so', async () => {
    await stack.startHub();
    const [id = ''] = await stack.enqueue({ url: `${stack.siteUrl}/waits` });
    const inThreeDays = new Date(Date.now() + 3 * 86_400_000).toLocaleDateString('en-US', { weekday: 'short' });
    const agent = stack.startAgent({ environment: { LEGWORK_WORK_HOURS: `${inThreeDays} 12:00-12:01` } });
    await agent.line(/"event":"limits".*It is outside the hours of work\./);
    await agent.line(/connected/);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect((await stack.operator.job(id)).status).toBe('pending');
    expect(stack.visited).not.toContain('/waits');
  });

  it('leave at least one task running, behind all others, while other programs take all processors', async () => {
    await stack.startHub();
    burnProcessors();
    const agent = stack.startAgent({
      environment: {
        MAX_CONCURRENT_TASKS: '4',
        LEGWORK_ADAPTIVE_CONCURRENCY: 'true',
        LEGWORK_BACKGROUND_PRIORITY: 'true',
      },
    });
    const ids = await stack.enqueue({ url: `${stack.siteUrl}/1` }, { url: `${stack.siteUrl}/2` });
    for (const id of ids) expect(await stack.jobEnds(id)).toBe('completed');
    const browsers = processTree(agent.child.pid ?? 0, listProcesses()).filter(
      (id) => id !== agent.child.pid && isBelowNormal(id),
    );
    // The task host, the browser, and its helpers.
    expect(browsers.length).toBeGreaterThan(2);
  });

  it.skipIf(!hasChrt)(
    'are kept by pages that Linux schedules as batch work, and not the agent beside them',
    async () => {
      await stack.startHub();
      const agent = stack.startAgent();
      const [id = ''] = await stack.enqueue({ url: `${stack.siteUrl}/1` });
      expect(await stack.jobEnds(id)).toBe('completed');
      const agentId = agent.child.pid ?? 0;
      const policies = processTree(agentId, listProcesses())
        .map((processId) => [processId, schedulingPolicy(processId)] as const)
        .filter(([, policy]) => policy !== null);
      // The task host, the browser, and its helpers.
      expect(policies.length).toBeGreaterThan(3);
      expect(policies.filter(([, policy]) => policy !== SCHED_BATCH).map(([processId]) => processId)).toEqual([
        agentId,
      ]);
    },
  );

  it('end an attempt that takes longer than any may, whatever its payload says, and the next page is rendered', async () => {
    await stack.startHub();
    stack.startAgent({ environment: { LEGWORK_MAX_TASK_MS: '15000' } });
    const payload = { url: `${stack.siteUrl}/hang`, waitUntil: 'load', timeoutMs: 120_000 };
    const jobs = [{ type: 'website_html', payload, maxAttempts: 1 }];
    const [hanging = ''] = await stack.operator.createJobs(jobs, 'hangs');
    expect(await stack.jobEnds(hanging)).toBe('failed');
    expect(await stack.operator.json(`/api/jobs/${hanging}`)).toMatchObject({
      attempts: 1,
      error: { code: 'task_deadline', message: expect.stringContaining('15000 ms') },
    });
    const [next = ''] = await stack.enqueue({ url: `${stack.siteUrl}/next` });
    expect(await stack.jobEnds(next)).toBe('completed');
  });

  it.each([
    ['LEGWORK_WORK_HOURS', 'sometimes', /LEGWORK_WORK_HOURS: "sometimes" is not allowed; .*Mon-Fri 18:00-08:00/],
    ['LEGWORK_MAX_CPU_PERCENT', '0', /LEGWORK_MAX_CPU_PERCENT: 0 is not allowed; .*from 1 to 100 percent/],
  ])('are refused with the place when they are wrong (%s=%s)', async (name, value, message) => {
    const agent = stack.startAgent({ environment: { [name]: value, WORKER_ID: '', LOCALBROWSER_SECRET: '' } });
    expect((await agent.exited).code).toBe(3);
    expect(agent.output()).toMatch(message);
  });
});
