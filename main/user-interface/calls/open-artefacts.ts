import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAttemptId } from '../../agent/queue/attempt-id.ts';
import { type CallContext, requireAgent } from './call-context.ts';

/** Where copies of results lie while somebody looks at them. */
export function artefactsFolder(dataFolder: string): string {
  return join(dataFolder, 'artefacts');
}

/**
 * Shows the parts of an attempt's result as files with their names. Copies, since what is stored is named by its content
 * and must stay as it is.
 * @returns false when there is nothing to show, or nothing to show it in
 */
export async function openArtefacts(attemptId: string, context: CallContext): Promise<boolean> {
  const key = parseAttemptId(attemptId);
  if (key === null || context.shell.kind !== 'desktop') return false;
  const agent = requireAgent(context);
  const attempt = agent.queue.get(key.taskId)?.attemptHistory.find(({ number }) => number === key.number);
  if (attempt === undefined || attempt.blobs.length === 0) return false;
  const folder = join(artefactsFolder(context.keeper.settings.config.dataFolder), `${key.taskId}.${key.number}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { name, sha256 } of attempt.blobs) await copyFile(agent.blobs.pathOf(sha256), join(folder, name));
  return context.shell.openFolder(folder);
}
