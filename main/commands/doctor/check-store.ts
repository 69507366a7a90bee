import { constants, existsSync, statSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { dataPaths } from '../../agent/agent-options.ts';
import type { AgentConfig } from '../../agent/config/config-schema.ts';
import { freeDiskBytes } from '../../agent/free-disk.ts';
import { inspectDatabase } from '../../agent/queue/inspect-database.ts';
import { describeError } from '../../protocol/describe-error.ts';
import { isAgentRunning } from '../local-store.ts';
import { formatBytes } from '../output.ts';
import { type CheckResult, fail, ok, warn } from './check.ts';

/** Whether the data folder can be written, the database is sound, and there is room on the disk. */
export async function checkStore(config: AgentConfig): Promise<CheckResult[]> {
  const { dataFolder } = config;
  const existing = existingFolder(dataFolder);
  if (!statSync(existing).isDirectory()) {
    return [fail('data folder', `${existing} is not a folder.`, 'Choose another data folder with --data.')];
  }
  try {
    await access(existing, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return [fail('data folder', describeError(error), 'Give this user the folder, or choose another one with --data.')];
  }
  return [checkLock(dataFolder), checkDatabase(dataPaths(dataFolder).database), await checkDisk(config)];
}

/** The folder, or the nearest one above it that exists and in which it would be made. */
function existingFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existingFolder(dirname(path));
}

function checkLock(dataFolder: string): CheckResult {
  try {
    return ok('data folder', isAgentRunning(dataFolder) ? `${dataFolder}; an agent runs on it.` : `${dataFolder}.`);
  } catch (error) {
    return fail('data folder', describeError(error), 'When no agent runs, delete that file; the next start makes it.');
  }
}

function checkDatabase(path: string): CheckResult {
  try {
    if (!existsSync(path)) return ok('database', 'There is none yet; the first start makes it.');
    inspectDatabase(path);
    return ok('database', `${path} opens and is sound.`);
  } catch (error) {
    return fail('database', describeError(error), 'See the message; nothing was changed.');
  }
}

async function checkDisk({ dataFolder, minimumFreeDiskBytes }: AgentConfig): Promise<CheckResult> {
  const free = await freeDiskBytes(existingFolder(dataFolder));
  const detail = `${formatBytes(free)} are free; ${formatBytes(minimumFreeDiskBytes)} must be.`;
  if (free < minimumFreeDiskBytes) {
    return fail('disk', detail, 'Free some space: until then no task is started. Or lower minimumFreeDiskBytes.');
  }
  return free < minimumFreeDiskBytes * 2 ? warn('disk', detail, 'Free some space soon.') : ok('disk', detail);
}
