import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readConfigFile } from './config-file.ts';

/**
 * Changes keys of a configuration file; the others, and their order, stay. The file is replaced as a whole: after a
 * crash there is the old one or the new one, never a part.
 * @param changes by key; undefined removes one
 * @param check looks at the new file, which lies beside the old one, before it takes its place
 * @throws ConfigurationError when the present file is none, and what `check` throws; nothing has changed then
 */
export async function writeConfigFile(
  path: string,
  changes: Readonly<Record<string, unknown>>,
  check: (temporaryPath: string) => Promise<void>,
): Promise<void> {
  const present = await readConfigFile(path, { mustExist: false });
  const values: Record<string, unknown> = { ...present?.values };
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) delete values[key];
    else values[key] = value;
  }
  const temporary = join(dirname(path), `.config-${randomBytes(6).toString('hex')}.tmp`);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const mode = (await stat(path).catch(() => null))?.mode ?? 0o600;
    const file = await open(temporary, 'wx', mode & 0o777);
    try {
      await file.writeFile(`${JSON.stringify(values, null, 2)}\n`, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
    await check(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
