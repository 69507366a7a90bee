import { createHash, randomUUID } from 'node:crypto';
import { closeSync, fsync, mkdirSync, openSync, rename, rmSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LegworkError } from '../protocol/error-table.ts';
import type { BlobReference } from '../protocol/fields.ts';
import type { BlobWriter } from './task-definition.ts';

const syncFile = promisify(fsync);
const renameFile = promisify(rename);
const writePart = promisify<number, Uint8Array, number, { bytesWritten: number }>(
  (
    file: number,
    bytes: Uint8Array,
    position: number,
    done: (error: Error | null, part: { bytesWritten: number }) => void,
  ) => write(file, bytes, position, (error, bytesWritten) => done(error, { bytesWritten })),
);

/** Larger contents are written in a thread. */
const MAX_DIRECT_BYTES = 1024 * 1024;

/** Errors of a disk that takes no more (POSIX). */
const DISK_FULL_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Keeps blobs as files `<folder>/<first two digits>/<sha256>`. A file under that name is whole and on the disk: it is
 * written under another name, fsynced and renamed, and the rename is fsynced with its folder.
 */
export class BlobFileWriter implements BlobWriter {
  readonly #folder: string;
  /** Subfolders that are known to be there. */
  readonly #made = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(name: string, content: string | Uint8Array, contentType: string): Promise<BlobReference> {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    try {
      await this.#store(sha256, bytes).catch((error: unknown) => {
        // Whoever tidies up may have removed the subfolder, which is made anew.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        return this.#store(sha256, bytes);
      });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (!DISK_FULL_CODES.has(code)) throw error;
      throw new LegworkError('disk_full', `${name} has ${bytes.byteLength} bytes.`, { cause: error });
    }
    return { name, sha256, sizeBytes: bytes.byteLength, contentType };
  }

  async #store(sha256: string, bytes: Uint8Array): Promise<void> {
    const subfolder = join(this.#folder, sha256.slice(0, 2));
    const temporary = join(subfolder, `${sha256}.${randomUUID()}.tmp`);
    try {
      await this.#makeFolder(subfolder);
      await writeDurably(temporary, bytes);
      await renameFile(temporary, join(subfolder, sha256));
    } catch (error) {
      this.#made.delete(subfolder);
      rmSync(temporary, { force: true });
      throw error;
    }
    await syncFolder(subfolder);
  }

  async #makeFolder(subfolder: string): Promise<void> {
    if (this.#made.has(subfolder)) return;
    const firstMade = mkdirSync(subfolder, { recursive: true });
    if (firstMade !== undefined) await syncFolder(this.#folder);
    this.#made.add(subfolder);
  }
}

/**
 * Only what waits for the disk leaves the event loop: handing some kilobytes to the system is quicker than handing the
 * work to another thread.
 */
async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = openSync(path, 'wx', 0o600);
  try {
    if (bytes.byteLength <= MAX_DIRECT_BYTES) writeWhole(file, bytes);
    else await writeInThread(file, bytes);
    await syncFile(file);
  } finally {
    closeSync(file);
  }
}

/** `write(2)` may take less than it was given. */
function writeWhole(file: number, bytes: Uint8Array): void {
  for (let position = 0; position < bytes.byteLength;) position += writeSync(file, bytes, position);
}

async function writeInThread(file: number, bytes: Uint8Array): Promise<void> {
  for (let position = 0; position < bytes.byteLength;) {
    position += (await writePart(file, bytes, position)).bytesWritten;
  }
}

/** A new name is only safe when its folder is; Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    await syncFile(folder);
  } finally {
    closeSync(folder);
  }
}
