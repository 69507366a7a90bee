import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { COMPILE_CACHE } from '../support/compile-cache.ts';
import { SANDBOX_PERMISSION } from '../support/sandbox-permission.ts';

const CLI = fileURLToPath(new URL('../../main/cli.ts', import.meta.url));

/** How a command ended, and what it said on each stream. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `legwork <args>` to its end, with nothing of this process's environment but PATH, HOME and what is given. */
export function runLegwork(
  args: readonly string[],
  options: { environment?: Record<string, string>; input?: string; program?: string; cwd?: string } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [options.program ?? CLI, ...args], {
      cwd: options.cwd,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        ...SANDBOX_PERMISSION,
        ...COMPILE_CACHE,
        ...options.environment,
      },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(options.input ?? '');
  });
}
