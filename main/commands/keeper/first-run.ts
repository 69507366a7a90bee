import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

function markFile(dataFolder: string): string {
  return join(dataFolder, 'first-run-done');
}

/** Whether nobody has gone through the first run with this data folder yet. */
export function isFirstRun(dataFolder: string): boolean {
  return !existsSync(markFile(dataFolder));
}

/** Remembers that somebody has. */
export async function rememberFirstRun(dataFolder: string): Promise<void> {
  const file = markFile(dataFolder);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, '', { mode: 0o600 });
}
