import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../protocol/describe-error.ts';

/**
 * Makes the folder of Electron's own files within the data folder, and with it the data folder.
 * @throws Error in a sentence for people where that cannot be
 */
export function makeShellFolder(dataFolder: string): string {
  const shellFolder = join(dataFolder, 'desktop');
  try {
    mkdirSync(shellFolder, { recursive: true });
  } catch (error) {
    throw new Error(`Its data cannot be kept in ${dataFolder} (${describeError(error)}).`, { cause: error });
  }
  return shellFolder;
}
