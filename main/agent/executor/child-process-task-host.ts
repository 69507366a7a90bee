import { spawn } from 'node:child_process';
import type { TaskHostSettings, ToTaskHost } from '../../protocol/task-host-messages.ts';
import { killProcessTree } from '../process-tree.ts';
import { KEPT_OUTPUT_CHARACTERS, taskHostEnvironment } from './task-host-environment.ts';
import type { TaskHostExit, TaskHostLauncher, TaskHostProcess } from './task-host-port.ts';

/** Runs the task host as a child of this Node process: `<this node> <program> task-host`, with a message channel. */
export class ChildProcessTaskHostLauncher implements TaskHostLauncher {
  readonly #program: string;

  /** @param program the file that has the `task-host` command, `legwork.js` or `cli.ts` */
  constructor(program: string) {
    this.#program = program;
  }

  launch(settings: TaskHostSettings): TaskHostProcess {
    const child = spawn(process.execPath, [this.#program, 'task-host'], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: taskHostEnvironment(settings),
      serialization: 'json',
      windowsHide: true,
      // Its own group, so that Ctrl-C in a terminal reaches the agent only, which then stops it in order.
      detached: process.platform !== 'win32',
    });
    let lastOutput = '';
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('data', (text: string) => {
      lastOutput = (lastOutput + text).slice(-KEPT_OUTPUT_CHARACTERS);
    });
    let exited = false;
    const exitListeners: ((exit: TaskHostExit) => void)[] = [];
    const onceExited = (code: number | null, signal: string | null): void => {
      if (exited) return;
      exited = true;
      for (const listener of exitListeners) listener({ code, signal, lastOutput });
    };
    child.on('error', (error) => {
      lastOutput += error.message;
      if (child.pid === undefined) onceExited(null, null);
    });
    child.on('exit', onceExited);
    return {
      processId: child.pid ?? 0,
      send: (message: ToTaskHost) => {
        // A channel that closed a moment ago shows as an exit, which is where it is dealt with.
        if (child.connected) child.send(message, () => undefined);
      },
      onMessage: (listener) => {
        child.on('message', listener);
      },
      onExit: (listener) => {
        exitListeners.push(listener);
      },
      kill: () => {
        if (!exited && child.pid !== undefined) killProcessTree(child.pid);
      },
    };
  }
}
