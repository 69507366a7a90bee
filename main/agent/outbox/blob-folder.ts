import { readFileSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LegworkError } from '../../protocol/error-table.ts';

const SMALL_BYTES = 256 * 1024;
const HASH = /^[0-9a-f]{64}$/;

/** The agent's side of the blob folder: `<folder>/<first two digits>/<sha256>`. The task host writes, the agent reads. */
export class BlobFolder {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  pathOf(sha256: string): string {
    return join(this.folder, sha256.slice(0, 2), sha256);
  }

  /** @throws LegworkError `blob_missing` when the file is gone */
  async read(sha256: string, sizeBytes: number): Promise<Buffer> {
    const path = this.pathOf(sha256);
    try {
      // A small file lies in the system's cache, since it was just written: asking another thread for it costs more.
      return sizeBytes <= SMALL_BYTES ? readFileSync(path) : await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new LegworkError('blob_missing', `Blob ${sha256}.`);
    }
  }

  /**
   * Deletes blobs that nothing refers to, and left-over temporary files. Young files are kept: their result may be
   * about to be recorded.
   * @returns how many bytes were freed
   */
  async deleteUnreferenced(options: {
    olderThanMs: number;
    /** Which of these hashes are still referred to. */
    referenced: (hashes: string[]) => Set<string>;
    signal: AbortSignal;
  }): Promise<number> {
    let freedBytes = 0;
    for (const shard of await readdirOrNothing(this.folder)) {
      if (options.signal.aborted) break;
      const path = join(this.folder, shard);
      const names = await readdirOrNothing(path);
      const referenced = options.referenced(names.filter((name) => HASH.test(name)));
      for (const name of names) {
        if (referenced.has(name)) continue;
        freedBytes += await deleteIfOld(join(path, name), options.olderThanMs);
      }
    }
    return freedBytes;
  }

  /** Bytes that all blobs take up. */
  async sizeBytes(): Promise<number> {
    let bytes = 0;
    for (const shard of await readdirOrNothing(this.folder)) {
      for (const name of await readdirOrNothing(join(this.folder, shard))) {
        bytes += (await stat(join(this.folder, shard, name)).catch(() => null))?.size ?? 0;
      }
    }
    return bytes;
  }
}

async function deleteIfOld(path: string, olderThanMs: number): Promise<number> {
  const facts = await stat(path).catch(() => null);
  if (facts === null || !facts.isFile() || facts.mtimeMs >= olderThanMs) return 0;
  await rm(path, { force: true });
  return facts.size;
}

async function readdirOrNothing(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    // A file, or not there (yet): nothing to look through.
    return [];
  }
}
