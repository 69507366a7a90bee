import { afterEach, describe, expect, it } from 'vitest';
import { ChildProcessTaskHostLauncher } from '../../../main/agent/executor/child-process-task-host.ts';
import {
  TaskHostSupervisor,
  type SupervisedOutcome,
  type TaskHostLimits,
} from '../../../main/agent/executor/task-host-supervisor.ts';
import { LOOPBACK_NETWORK } from '../../support/loopback-network.ts';
import { LegworkError } from '../../../main/protocol/error-table.ts';
import { systemClock } from '../../../main/protocol/ports.ts';
import { taskErrorOf } from '../../../main/protocol/task-error.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';

const PROGRAM = new URL('../../fixtures/scripted-task-host.mjs', import.meta.url).pathname;
const supervisors: TaskHostSupervisor[] = [];

afterEach(async () => {
  delete process.env['SCRIPTED_TASK_HOST'];
  for (const supervisor of supervisors.splice(0)) await supervisor.stop();
});

function supervisorWith(limits: Partial<TaskHostLimits> = {}): { supervisor: TaskHostSupervisor; log: RecordingLog } {
  const log = new RecordingLog();
  const supervisor = new TaskHostSupervisor({
    launcher: new ChildProcessTaskHostLauncher(PROGRAM),
    settings: {
      blobFolder: '/nowhere',
      runFolder: '/nowhere',
      chromiumPath: null,
      headlessShellPath: null,
      sandbox: false,
      network: LOOPBACK_NETWORK,
      recycle: { afterPages: 1, afterMs: 1, memoryBytes: 1 },
    },
    limits: {
      startTimeoutMs: 20_000,
      silenceTimeoutMs: 20_000,
      deadlineGraceMs: 100,
      cancelGraceMs: 300,
      memoryBytes: 1e12,
      ...limits,
    },
    clock: systemClock,
    log,
  });
  supervisors.push(supervisor);
  return { supervisor, log };
}

let attempts = 0;
function run(
  supervisor: TaskHostSupervisor,
  url: string,
  heard: string[] = [],
  deadlineMs = 60_000,
): { attemptId: string; outcome: Promise<SupervisedOutcome> } {
  attempts += 1;
  const attemptId = `attempt-${attempts}`;
  const outcome = supervisor.run(
    { attemptId, type: 'website_html', payload: { url }, deadlineMs },
    {
      onProgress: ({ stage }) => heard.push(stage),
      onSiteAnswered: ({ origin, status }) => heard.push(`${origin} ${status}`),
      onSlotFree: () => heard.push('slot free'),
    },
  );
  return { attemptId, outcome };
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(10);
}

describe('the supervisor of the task host', () => {
  it('hands an attempt over and passes on what is heard of it', async () => {
    const { supervisor } = supervisorWith();
    const heard: string[] = [];
    expect(await run(supervisor, 'finish', heard).outcome).toMatchObject({ outcome: 'completed' });
    expect(heard).toEqual(['half', 'slot free']);
  });

  it('drops messages that are not understood and goes on', async () => {
    const { supervisor, log } = supervisorWith();
    expect(await run(supervisor, 'nonsense').outcome).toMatchObject({ outcome: 'completed' });
    expect(log.lines.filter(({ level }) => level === 'error').length).toBe(2);
  });

  it('fails the attempts of a task host that crashed, and runs the next one in a new process', async () => {
    const { supervisor, log } = supervisorWith();
    const waiting = run(supervisor, 'obey');
    const crash = run(supervisor, 'crash');
    for (const { outcome } of [waiting, crash]) {
      expect(await outcome).toMatchObject({ outcome: 'failed', error: { code: 'task_host_crashed' } });
    }
    expect(JSON.stringify(log.lines)).toContain('dying words');
    expect(await run(supervisor, 'finish').outcome).toMatchObject({ outcome: 'completed' });
  });

  it('survives a task host that is killed from outside', async () => {
    const { supervisor } = supervisorWith();
    const { outcome } = run(supervisor, 'obey');
    await until(() => supervisor.processId !== null);
    process.kill(supervisor.processId ?? 0, 'SIGKILL');
    expect(await outcome).toMatchObject({ outcome: 'failed', error: { code: 'task_host_crashed' } });
    expect(await run(supervisor, 'finish').outcome).toMatchObject({ outcome: 'completed' });
  });

  it('kills a task host that ignores a deadline; only the attempt to blame fails', async () => {
    const { supervisor } = supervisorWith();
    await run(supervisor, 'finish').outcome;
    const bystander = run(supervisor, 'obey');
    const overdue = run(supervisor, 'ignore', [], 200);
    expect(await overdue.outcome).toMatchObject({ outcome: 'failed', error: { code: 'task_deadline' } });
    expect(await bystander.outcome).toEqual({ outcome: 'interrupted' });
  });

  it('ends a cancelled attempt with the reason of the cancel, whether it obeys or not, within two seconds', async () => {
    const { supervisor } = supervisorWith();
    await run(supervisor, 'finish').outcome;
    const error = taskErrorOf(new LegworkError('lease_lost'));
    for (const url of ['obey', 'ignore']) {
      const { attemptId, outcome } = run(supervisor, url);
      supervisor.cancel(attemptId, error);
      expect(await outcome).toEqual({ outcome: 'failed', error });
    }
  });

  it('kills a task host that gives no sign of life', async () => {
    const { supervisor } = supervisorWith({ silenceTimeoutMs: 1_000 });
    const { outcome } = run(supervisor, 'silence');
    expect(await outcome).toMatchObject({ outcome: 'failed', error: { code: 'task_host_crashed' } });
  });

  it('does not take the silence of its own standstill for that of the task host', async () => {
    const { supervisor } = supervisorWith({ silenceTimeoutMs: 2_000 });
    await run(supervisor, 'finish').outcome;
    const { outcome } = run(supervisor, 'finish soon');
    await new Promise((resolve) => setTimeout(resolve, 50));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
    expect(await outcome).toMatchObject({ outcome: 'completed' });
  });

  it('kills a task host that uses more memory than it may', async () => {
    const { supervisor } = supervisorWith();
    expect(await run(supervisor, 'greedy').outcome).toMatchObject({
      outcome: 'failed',
      error: { code: 'out_of_memory' },
    });
  });

  it('gives up on a task host that does not get ready, and asks for patience before the next', async () => {
    process.env['SCRIPTED_TASK_HOST'] = 'never ready';
    const { supervisor } = supervisorWith({ startTimeoutMs: 300 });
    expect(await run(supervisor, 'finish').outcome).toEqual({ outcome: 'interrupted' });
    expect(supervisor.delayMs).toBeGreaterThan(0);
  });

  it('fails the attempt when the task host cannot start, instead of waiting', async () => {
    process.env['SCRIPTED_TASK_HOST'] = 'exits';
    const { supervisor } = supervisorWith();
    expect(await run(supervisor, 'finish').outcome).toMatchObject({
      outcome: 'failed',
      error: { code: 'task_host_crashed' },
    });
  });

  it('leaves no process behind when it stops', async () => {
    const { supervisor } = supervisorWith();
    await run(supervisor, 'finish').outcome;
    const processId = supervisor.processId ?? 0;
    const { outcome } = run(supervisor, 'ignore');
    await supervisor.stop();
    expect(await outcome).toEqual({ outcome: 'interrupted' });
    expect(isAlive(processId)).toBe(false);
    expect(await run(supervisor, 'finish').outcome).toEqual({ outcome: 'interrupted' });
  });
});
