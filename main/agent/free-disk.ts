import { statfs } from 'node:fs/promises';

/** Bytes that this user may still write on the disk of the folder. */
export async function freeDiskBytes(folder: string): Promise<number> {
  const facts = await statfs(folder);
  return facts.bavail * facts.bsize;
}
