import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LegworkError } from '../protocol/error-table.ts';
import type { BlobReference } from '../protocol/fields.ts';
import type { BlobWriter } from './task-definition.ts';

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
      await this.#store(sha256, bytes);
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
      await rename(temporary, join(subfolder, sha256));
    } catch (error) {
      this.#made.delete(subfolder);
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
    await syncFolder(subfolder);
  }

  async #makeFolder(subfolder: string): Promise<void> {
    if (this.#made.has(subfolder)) return;
    const firstMade = await mkdir(subfolder, { recursive: true });
    if (firstMade !== undefined) await syncFolder(this.#folder);
    this.#made.add(subfolder);
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new name is only safe when its folder is; Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
