import type { TaskHostSettings, ToTaskHost } from '../../protocol/task-host-messages.ts';

/** How a task host process ended. */
export interface TaskHostExit {
  code: number | null;
  signal: string | null;
  /** The last lines that it wrote to standard error. */
  lastOutput: string;
}

/** A running task host, seen from the agent. Messages from it are unchecked: the supervisor parses them. */
export interface TaskHostProcess {
  readonly processId: number;
  send(message: ToTaskHost): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (exit: TaskHostExit) => void): void;
  /** Ends it at once, with every process that it started. Safe to call twice. */
  kill(): void;
}

/** The port to the task host: a child process when headless, a utility process inside the desktop shell. */
export interface TaskHostLauncher {
  /** Starts one. It says `ready` when it can take work; a failure to start shows as an exit. */
  launch(settings: TaskHostSettings): TaskHostProcess;
}
