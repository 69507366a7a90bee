import { rmSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobFiles } from './blob-files.ts';

/**
 * Deletes uploads that nobody goes on with and blobs that no result names, when they are older than `olderThanMs` (Unix
 * milliseconds of their last use). Checking and deleting one file is one step without a pause, so that no result can be
 * recorded in between.
 * @returns how many files were deleted
 */
export async function collectBlobGarbage(options: {
  blobs: BlobFiles;
  olderThanMs: number;
  isReferenced: (sha256: string) => boolean;
}): Promise<number> {
  const { blobs, olderThanMs, isReferenced } = options;
  let deleted = 0;
  const deleteIfOld = (path: string): void => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined || found.mtimeMs >= olderThanMs) return;
    rmSync(path, { force: true });
    deleted += 1;
  };
  for (const name of await readdir(blobs.incomingFolder)) deleteIfOld(join(blobs.incomingFolder, name));
  for (const prefix of await readdir(blobs.folder)) {
    if (!/^[0-9a-f]{2}$/.test(prefix)) continue;
    for (const sha256 of await readdir(join(blobs.folder, prefix))) {
      if (!isReferenced(sha256)) deleteIfOld(join(blobs.folder, prefix, sha256));
    }
  }
  return deleted;
}
