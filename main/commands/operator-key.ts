import { randomBytes } from 'node:crypto';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from './command-error.ts';

/** The key that operators of a hub authenticate with, and the file it is in, unless it was given. */
export interface OperatorKey {
  key: string;
  file: string | null;
}

const SHORTEST = 16;

/**
 * The key from the flag, else from the environment, else from a file of the hub's data folder, which is made with a
 * fresh key (mode 0600) when it is not there. The folder must be there.
 * @throws CommandError `configuration`
 */
export async function findOperatorKey(
  flag: string | undefined,
  variable: string | undefined,
  dataFolder: string,
): Promise<OperatorKey> {
  if (flag !== undefined) return { key: checked(flag, '--operator-key'), file: null };
  if (variable !== undefined && variable !== '') return { key: checked(variable, 'LEGWORK_OPERATOR_KEY'), file: null };
  const file = join(dataFolder, 'operator-key');
  try {
    await writeFile(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0) await chmod(file, 0o600);
  }
  return { key: checked((await readFile(file, 'utf8')).trim(), file), file };
}

function checked(key: string, place: string): string {
  if (key.length >= SHORTEST && !/\s/.test(key)) return key;
  throw new CommandError(
    'configuration',
    `${place}: the operator key must have at least ${SHORTEST} characters and no spaces (the value is not shown).`,
  );
}
