import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../commands/command-error.ts';

/** Says that a folder was made by the demo, so that the next one may replace it. */
const MARKER = '.made-by-legwork-demo';

/**
 * Makes an empty folder for results; one that an earlier demo has made is replaced.
 * @throws CommandError `usage` when there is something else
 */
export async function makeResultsFolder(path: string): Promise<void> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [] as string[];
    throw new CommandError('usage', `--results: ${path} cannot be used (${error.code}).`);
  });
  if (names.length > 0 && !names.includes(MARKER)) {
    throw new CommandError('usage', `--results: ${path} is not empty, and not from an earlier demo. Name another one.`);
  }
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  await writeFile(join(path, MARKER), '');
}

/** A title as a name of a folder, with its number in front: `03-product-list`. */
export function folderName(number: number, title: string): string {
  const plain = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  return `${String(number).padStart(2, '0')}-${plain === '' ? 'page' : plain}`;
}
