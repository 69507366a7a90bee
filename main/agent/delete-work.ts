import { rm } from 'node:fs/promises';

/** Deletes the database with all tasks, results and usage, and the folders beside it. Nothing may have them open. */
export async function deleteWork(paths: { database: string; blobs: string; run: string }): Promise<void> {
  const { database, blobs, run } = paths;
  const files = [database, `${database}-wal`, `${database}-shm`];
  await Promise.all([...files, blobs, run].map((path) => rm(path, { recursive: true, force: true })));
}
