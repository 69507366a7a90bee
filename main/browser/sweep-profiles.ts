import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { removeProfile } from './remove-profile.ts';
import { killProcessGroup } from './process-group.ts';

const run = promisify(execFile);

/** What the name of every profile folder starts with. */
export const PROFILE_PREFIX = 'profile-';

/** The file in a profile folder that holds the process id of its Chromium. */
export const PROCESS_ID_FILE = 'legwork.pid';

/**
 * Removes what an earlier process left in the run folder: kills each Chromium that still uses a profile there, then
 * removes the profiles. Must be called before this process launches its own. Returns how many profiles there were.
 */
export async function sweepProfiles(runFolder: string): Promise<number> {
  const names = (await readdir(runFolder).catch(() => [])).filter((name) => name.startsWith(PROFILE_PREFIX));
  for (const name of names) {
    const profileFolder = join(runFolder, name);
    const text = await readFile(join(profileFolder, PROCESS_ID_FILE), 'utf8').catch(() => '');
    const processId = Number.parseInt(text, 10);
    if (processId > 1 && (await usesProfile(processId, profileFolder))) killProcessGroup(processId);
    await removeProfile(profileFolder);
  }
  return names.length;
}

/** Process ids are used again: only one whose command line names the profile is its Chromium. */
async function usesProfile(processId: number, profileFolder: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  if (process.platform === 'linux') {
    const commandLine = await readFile(`/proc/${processId}/cmdline`, 'utf8').catch(() => '');
    return commandLine.includes(profileFolder);
  }
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(processId)]).catch(() => ({ stdout: '' }));
  return stdout.includes(profileFolder);
}
