import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { CommandError } from '../commands/command-error.ts';

/** A line of a child's standard output; each is one JSON object. */
const childEvent = z.looseObject({ event: z.string() });
export type ChildEvent = z.infer<typeof childEvent>;

/** A hub or an agent that runs as a child of the demo. */
export interface DemoProcess {
  readonly name: string;
  /** Resolves with the first event of that name. @throws CommandError with the child's last words when it ends before */
  waitFor(event: string): Promise<ChildEvent>;
  /** Resolves when it has ended; `problem` says why, when it was not asked to. */
  readonly ended: Promise<{ problem: string | null }>;
  /**
   * Asks it to stop, `now` or when what it does is finished, and makes sure of it; resolves when it is gone.
   */
  stop(how: 'drain' | 'now'): Promise<void>;
}

/** How long a child may take to stop by itself, and then at once; beyond that it is killed. */
const STOP_MS = 15_000;
const STOP_AT_ONCE_MS = 5_000;
const KEPT_ERROR_CHARACTERS = 2_000;

/**
 * Starts this program again with other arguments. The child is in a process group of its own, so that Ctrl-C reaches
 * the demo only, which then stops everything in order; the message channel tells the child when the demo is gone.
 */
export function startDemoProcess(options: {
  name: string;
  programPath: string;
  programArguments: readonly string[];
  environment: NodeJS.ProcessEnv;
}): DemoProcess {
  const { name } = options;
  const child = spawn(process.execPath, [options.programPath, ...options.programArguments], {
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: options.environment,
    windowsHide: true,
  });
  let lastErrors = '';
  let isStopping = false;
  const events: ChildEvent[] = [];
  const waiters: { event: string; resolve: (event: ChildEvent) => void }[] = [];

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastErrors = (lastErrors + text).slice(-KEPT_ERROR_CHARACTERS);
  });
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = parseEvent(line);
      if (event === null) return;
      events.push(event);
      for (const waiter of waiters) if (waiter.event === event.event) waiter.resolve(event);
    });
  }

  const ended = endOf(child).then((end) => ({
    problem: isStopping ? null : `The ${name} ${end}\n${lastErrors.trim()}`,
  }));

  async function stop(how: 'drain' | 'now'): Promise<void> {
    isStopping = true;
    for (const graceMs of [how === 'now' ? 0 : STOP_MS, STOP_AT_ONCE_MS]) {
      // The second time it means: at once.
      if (child.connected) child.send('stop', () => undefined);
      if (await endsWithin(ended, graceMs)) return;
    }
    kill(child);
    await ended;
  }

  return {
    name,
    ended,
    stop,
    waitFor: (event) =>
      new Promise((resolve, reject) => {
        const known = events.find((each) => each.event === event);
        if (known !== undefined) resolve(known);
        else waiters.push({ event, resolve });
        ended.then(({ problem }) => reject(new CommandError('failure', problem ?? `The ${name} was stopped.`)), reject);
      }),
  };
}

function parseEvent(line: string): ChildEvent | null {
  try {
    return childEvent.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => resolve(`ended unexpectedly (${signal ?? `exit code ${code}`}).`));
  });
}

async function endsWithin(ended: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const isOver = await Promise.race([ended.then(() => true), timeout]);
  clearTimeout(timer);
  return isOver;
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    // The whole group, where it has one.
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // It has ended in this moment.
  }
}
