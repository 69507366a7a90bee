import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { COMPILE_CACHE } from './compile-cache.ts';
import { LOOPBACK_PERMISSION } from './loopback-network.ts';
import { SANDBOX_PERMISSION } from './sandbox-permission.ts';
import { STEADY_EXECUTION } from './steady-execution.ts';
import { TIME_ZONE } from './time-zone.ts';

const CLI = fileURLToPath(new URL('../../main/cli.ts', import.meta.url));

/** Bounds of a test that runs several commands one after the other, each of which takes seconds on a busy machine. */
export const PROGRAM_LIMITS = { testTimeout: 180_000, hookTimeout: 180_000 } as const;

/** A `legwork` command that runs as a process of its own. */
export interface LegworkProgram {
  child: ChildProcess;
  /** Everything that it has printed, both streams. */
  output(): string;
  /** Resolves with the first line of standard output that the pattern matches. @throws Error when it ends before */
  line(pattern: RegExp): Promise<RegExpMatchArray>;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Runs `legwork <args>` from the sources, with nothing of this process's own settings but PATH and HOME. */
export function startLegwork(args: string[], environment: Record<string, string> = {}): LegworkProgram {
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NO_COLOR: '1',
      ...TIME_ZONE,
      ...SANDBOX_PERMISSION,
      ...STEADY_EXECUTION,
      ...LOOPBACK_PERMISSION,
      ...COMPILE_CACHE,
      ...environment,
    },
  });
  let text = '';
  const watchers = new Set<() => void>();
  const collect = (chunk: string): void => {
    text += chunk;
    for (const watch of watchers) watch();
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  let ended = false;
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('close', (code, signal) => {
      ended = true;
      for (const watch of watchers) watch();
      resolve({ code, signal });
    });
  });
  return {
    child,
    output: () => text,
    exited,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          const match = text.match(pattern);
          if (match === null && !ended) return;
          watchers.delete(watch);
          if (match === null) reject(new Error(`legwork ${args.join(' ')} ended without ${pattern}:\n${text}`));
          else resolve(match);
        };
        watchers.add(watch);
        watch();
      }),
  };
}
