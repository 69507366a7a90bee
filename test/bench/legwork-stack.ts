import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FoundBrowser } from '../../main/browser/find-chromium.ts';
import { ChildProgram } from './child-program.ts';
import { STEADY_EXECUTION } from '../support/steady-execution.ts';
import { cleanEnvironment, LEGWORK_PROGRAM, type LegworkHub, startLegworkHub, untilReady } from './legwork-hub.ts';
import { Operator } from './operator.ts';
import { childProcesses, commandLine } from './process-figures.ts';
import { LOOPBACK_PERMISSION } from '../support/loopback-network.ts';
import { SANDBOX_PERMISSION } from '../support/sandbox-permission.ts';

/** A hub and an agent as separate processes, as in production, and the operator that uses them. */
export interface LegworkStack {
  readonly operator: Operator;
  readonly hubProcessId: number;
  readonly agentProcessId: number;
  /** The task host that runs now. @throws Error when there is none */
  taskHostProcessId(): number;
  /** Creates the jobs and waits until the hub has recorded all of them as completed; returns when (monotonic ms). */
  waitForJobs(jobIds: readonly string[]): Promise<number>;
  stop(): Promise<void>;
}

export interface LegworkStackOptions {
  concurrency: number;
  browser: FoundBrowser;
  /** A hub that is there already, and the address under which the agent reaches it; else one is started. */
  hub?: { running: LegworkHub; agentUrl: string };
  waitSeconds?: number;
}

function taskHostOf(agentProcessId: number): number {
  const taskHost = childProcesses(agentProcessId).find((child) => commandLine(child).includes(' task-host'));
  if (taskHost === undefined) throw new Error('The agent has no task host.');
  return taskHost;
}

async function startAgent(
  operator: Operator,
  agentUrl: string,
  folder: string,
  options: LegworkStackOptions,
): Promise<ChildProgram> {
  const workerId = `bench-${randomBytes(4).toString('hex')}`;
  const secret = randomBytes(32).toString('hex');
  await operator.registerWorker(workerId, secret);
  const { browser } = options;
  const agent = new ChildProgram('The agent', [LEGWORK_PROGRAM, 'agent', '--data', folder], {
    ...cleanEnvironment(),
    ...SANDBOX_PERMISSION,
    ...LOOPBACK_PERMISSION,
    LARAVEL_INTERNAL_URL: agentUrl,
    WORKER_ID: workerId,
    LOCALBROWSER_SECRET: secret,
    MAX_CONCURRENT_TASKS: String(options.concurrency),
    ...STEADY_EXECUTION,
    // Every page is on the benchmark's own site.
    LEGWORK_SITE_CONCURRENCY: '32',
    [browser.kind === 'headless_shell' ? 'LEGWORK_HEADLESS_SHELL_PATH' : 'LEGWORK_CHROMIUM_PATH']: browser.path,
    ...(options.waitSeconds === undefined ? {} : { LEGWORK_WAIT_SECONDS: String(options.waitSeconds) }),
  });
  try {
    await untilReady(agent, () => operator.isWaiting(workerId));
    return agent;
  } catch (error) {
    await agent.stop();
    throw error;
  }
}

/** Starts hub and agent and waits until the agent asks for work. @throws Error with the output of what did not start */
export async function startLegworkStack(options: LegworkStackOptions): Promise<LegworkStack> {
  const hub = options.hub?.running ?? (await startLegworkHub());
  const ownsHub = options.hub === undefined;
  const operator = new Operator(hub.url, hub.operatorKey);
  const folder = mkdtempSync(join(tmpdir(), 'legwork-bench-agent-'));
  let agent: ChildProgram | null = null;
  const stop = async (): Promise<void> => {
    operator.close();
    await agent?.stop();
    if (ownsHub) await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await operator.follow();
    const started = await startAgent(operator, options.hub?.agentUrl ?? hub.url, folder, options);
    agent = started;
    const assertRunning = (): void => {
      hub.assertRunning();
      started.assertRunning();
    };
    return {
      operator,
      hubProcessId: hub.processId,
      agentProcessId: started.processId,
      taskHostProcessId: () => taskHostOf(started.processId),
      waitForJobs: (jobIds) => operator.waitForJobs(jobIds, assertRunning),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
