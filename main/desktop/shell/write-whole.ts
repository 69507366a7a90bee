import { rename, rm } from 'node:fs/promises';

/**
 * Has a file written beside its place and moved there when it is whole, so that a full disk leaves neither half a file nor
 * harms one that was there.
 * @throws whatever the writer or the system says
 */
export async function writeWhole(path: string, write: (path: string) => Promise<void>): Promise<void> {
  const unfinished = `${path}.part`;
  try {
    await write(unfinished);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
