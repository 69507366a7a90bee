import { mkdir, rm } from 'node:fs/promises';
import type { Log } from '../protocol/ports.ts';
import { killProcessesUsing } from './process-tree.ts';

/**
 * Ends what an earlier start has left behind, after a hard kill say: every process that works in the run folder (a
 * Chromium names its profile there on its command line) and every file in it. Call it only while holding the data
 * folder's lock, so that nothing in it can belong to a living agent.
 * @param sweepProfiles removes what browsers leave outside the folder too
 */
export async function sweepRunFolder(
  runFolder: string,
  sweepProfiles: (runFolder: string) => Promise<unknown>,
  log: Log,
): Promise<void> {
  const killed = killProcessesUsing(runFolder);
  if (killed > 0) log.warn('ended processes that an earlier start had left behind', { processes: killed });
  await sweepProfiles(runFolder);
  await rm(runFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  await mkdir(runFolder, { recursive: true, mode: 0o700 });
}
