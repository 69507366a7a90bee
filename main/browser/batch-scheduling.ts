import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describeError } from '../protocol/describe-error.ts';
import type { Log } from '../protocol/ports.ts';

const run = promisify(execFile);

/** It takes some milliseconds; a machine on which it hangs renders pages without it. */
const TIMEOUT_MS = 5_000;

/**
 * Has Linux schedule this process, and all that it starts from now on, as batch work: SCHED_BATCH of sched(7), which
 * every user may choose. A process that wakes up then lets the one that runs finish its turn. Browsers wake each other
 * so often that two processors full of pages change between processes half as often by it, and more pages get done;
 * programs that somebody works with are let in at once, as before. Does nothing on other systems, and where `chrt` of
 * util-linux is missing.
 */
export async function scheduleAsBatch(log: Log): Promise<void> {
  if (process.platform !== 'linux') return;
  try {
    // Threads that are there already would keep their own.
    await run('chrt', ['--batch', '--all-tasks', '--pid', '0', String(process.pid)], { timeout: TIMEOUT_MS });
  } catch (error) {
    log.info('Pages are not scheduled as batch work.', { problem: describeError(error) });
  }
}
