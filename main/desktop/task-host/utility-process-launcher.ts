import { utilityProcess } from 'electron';
import { KEPT_OUTPUT_CHARACTERS, taskHostEnvironment } from '../../agent/executor/task-host-environment.ts';
import type { TaskHostExit, TaskHostLauncher, TaskHostProcess } from '../../agent/executor/task-host-port.ts';
import { killProcessTree } from '../../agent/process-tree.ts';
import type { TaskHostSettings, ToTaskHost } from '../../protocol/task-host-messages.ts';

/**
 * Runs the task host as a utility process of Electron. A child of Node's kind would need Electron's program to run as
 * Node, which the packaged app does not allow.
 */
export class UtilityProcessLauncher implements TaskHostLauncher {
  readonly #program: string;

  /** @param program the built file of `task-host-entry.ts` */
  constructor(program: string) {
    this.#program = program;
  }

  launch(settings: TaskHostSettings): TaskHostProcess {
    const child = utilityProcess.fork(this.#program, [], {
      env: taskHostEnvironment(settings),
      stdio: ['ignore', 'ignore', 'pipe'],
      serviceName: 'Legwork task host',
    });
    let lastOutput = '';
    const keep = (text: string): void => {
      lastOutput = (lastOutput + text).slice(-KEPT_OUTPUT_CHARACTERS);
    };
    child.stderr?.on('data', (chunk: Buffer) => keep(chunk.toString('utf8')));
    child.on('error', (type, location) => keep(`${type} in ${location}\n`));
    let processId = 0;
    let exited = false;
    let isToBeKilled = false;
    child.on('spawn', () => {
      processId = child.pid ?? 0;
      if (isToBeKilled) kill();
    });
    const exitListeners: ((exit: TaskHostExit) => void)[] = [];
    child.on('exit', (code) => {
      exited = true;
      for (const listener of exitListeners) listener({ code, signal: null, lastOutput });
    });
    const kill = (): void => {
      isToBeKilled = true;
      if (exited || processId === 0) return;
      killProcessTree(processId);
    };
    return {
      get processId() {
        return processId;
      },
      send: (message: ToTaskHost) => {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window: a process has no origin
        if (!exited) child.postMessage(message);
      },
      onMessage: (listener) => {
        child.on('message', listener);
      },
      onExit: (listener) => {
        exitListeners.push(listener);
      },
      kill,
    };
  }
}
