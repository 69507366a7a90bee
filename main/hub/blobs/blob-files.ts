import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { BlobEncoding, PutBlobQuery, PutBlobResponse } from '../../protocol/blobs.ts';
import { sha256Hex } from '../../protocol/canonical-string.ts';
import type { Clock } from '../../protocol/ports.ts';
import { HubRefusal } from '../refusal.ts';
import { BlobDecodeError, decodeFile, decodeInMemory } from './decode-blob.ts';

const syncToDisk = promisify(fsync);

/** What the hub has of a blob: `offset` is where an upload goes on, in encoded bytes. */
export interface BlobStatus {
  status: 'stored' | 'partial' | 'absent';
  offset: number;
}

/**
 * Blobs as files named by their SHA-256. A file under its final name is whole, verified and fsynced; there is no other
 * record of it. Uploads that are under way lie in `incoming/`, one for each worker, so that nobody can spoil another's.
 * What the system does at once is done synchronously: a trip to the thread pool costs ten times as much as a `stat`, and
 * a page brings several blobs. Only what waits for the disk or is large goes there.
 */
export class BlobFiles {
  readonly folder: string;
  readonly incomingFolder: string;
  readonly #maxBytes: number;
  readonly #clock: Clock;
  /** The last upload of each file that is being written; the next one waits for it. */
  readonly #busy = new Map<string, Promise<unknown>>();
  readonly #knownFolders = new Set<string>();

  constructor(options: { folder: string; maxBlobBytes: number; clock: Clock }) {
    this.folder = options.folder;
    this.incomingFolder = join(options.folder, 'incoming');
    this.#maxBytes = options.maxBlobBytes;
    this.#clock = options.clock;
    mkdirSync(this.incomingFolder, { recursive: true, mode: 0o700 });
  }

  pathOf(sha256: string): string {
    return join(this.folder, sha256.slice(0, 2), sha256);
  }

  /** Size in bytes of a stored blob, or null. Synchronous, so that nothing is deleted between asking and recording. */
  sizeOf(sha256: string): number | null {
    return sizeIfThere(this.pathOf(sha256));
  }

  status(sha256: string, workerId: string, encoding: BlobEncoding): BlobStatus {
    const storedBytes = this.sizeOf(sha256);
    if (storedBytes !== null) {
      this.#touch(sha256);
      return { status: 'stored', offset: storedBytes };
    }
    const partBytes = sizeIfThere(this.#partPath(sha256, workerId, encoding));
    return partBytes === null ? { status: 'absent', offset: 0 } : { status: 'partial', offset: partBytes };
  }

  /**
   * Takes a part of an upload; with its last part the blob is verified and stored.
   * @throws HubRefusal `offset_mismatch`, `blob_mismatch`, `too_large`, `bad_request`
   */
  async put(sha256: string, workerId: string, query: PutBlobQuery, part: Buffer): Promise<PutBlobResponse> {
    if (query.total > this.#maxBytes) this.#refuseTooLarge();
    if (query.offset + part.byteLength > query.total) {
      throw new HubRefusal('bad_request', 'The part reaches beyond the total.', {
        issues: [{ path: 'total', message: `is ${query.total}, the part ends at ${query.offset + part.byteLength}` }],
      });
    }
    const partPath = this.#partPath(sha256, workerId, query.encoding);
    const before = this.#busy.get(partPath) ?? Promise.resolve();
    const turn = before.then(() => this.#put(sha256, partPath, query, part));
    const settled = turn.catch(() => undefined);
    this.#busy.set(partPath, settled);
    try {
      return await turn;
    } finally {
      if (this.#busy.get(partPath) === settled) this.#busy.delete(partPath);
    }
  }

  /**
   * Stores a small blob that came whole, whatever upload of it is under way.
   * @param sizeBytes what it decodes to; no more is decoded
   * @throws HubRefusal `blob_mismatch`
   */
  async store(
    { sha256, sizeBytes }: { sha256: string; sizeBytes: number },
    encoding: BlobEncoding,
    encoded: Buffer,
  ): Promise<void> {
    if (this.sizeOf(sha256) !== null) return this.#touch(sha256);
    const decoded = await decodeInMemory(encoded, encoding, sizeBytes).catch((error: unknown) => this.#refuse(error));
    if (decoded === null) this.#refuseMismatch();
    return this.#storeDecoded(sha256, decoded);
  }

  async #put(sha256: string, partPath: string, query: PutBlobQuery, part: Buffer): Promise<PutBlobResponse> {
    if (this.sizeOf(sha256) !== null) {
      this.#touch(sha256);
      // Another agent was quicker.
      rmSync(partPath, { force: true });
      return { status: 'stored', offset: query.total };
    }
    let partBytes = sizeIfThere(partPath) ?? 0;
    if (partBytes > query.total) {
      // What is there belongs to another encoding of the blob.
      rmSync(partPath, { force: true });
      partBytes = 0;
    }
    if (query.offset !== partBytes) {
      throw new HubRefusal('offset_mismatch', `The hub has ${partBytes} bytes of this upload.`, { offset: partBytes });
    }
    const isWhole = partBytes === 0 && part.byteLength === query.total;
    if (isWhole && (await this.#storeWhole(sha256, query.encoding, part))) {
      return { status: 'stored', offset: query.total };
    }
    await appendFile(partPath, part, { mode: 0o600 });
    const offset = partBytes + part.byteLength;
    if (offset < query.total) return { status: 'partial', offset };
    await this.#storeParts(sha256, partPath, query.encoding);
    return { status: 'stored', offset };
  }

  /** @returns false when it is too large to be decoded in memory */
  async #storeWhole(sha256: string, encoding: BlobEncoding, encoded: Buffer): Promise<boolean> {
    const decoded = await decodeInMemory(encoded, encoding).catch((error: unknown) => this.#refuse(error));
    if (decoded === null) return false;
    if (decoded.byteLength > this.#maxBytes) this.#refuseTooLarge();
    await this.#storeDecoded(sha256, decoded);
    return true;
  }

  async #storeDecoded(sha256: string, decoded: Buffer): Promise<void> {
    if (sha256Hex(decoded) !== sha256) this.#refuseMismatch();
    const temporary = this.#temporaryPath(sha256);
    try {
      const file = openSync(temporary, 'wx', 0o600);
      try {
        writeFileSync(file, decoded);
        await syncToDisk(file);
      } finally {
        closeSync(file);
      }
      await this.#moveIn(temporary, sha256);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  async #storeParts(sha256: string, partPath: string, encoding: BlobEncoding): Promise<void> {
    const temporary = this.#temporaryPath(sha256);
    try {
      const hash = await decodeFile({ from: partPath, to: temporary, encoding, maxBytes: this.#maxBytes });
      if (hash !== sha256) this.#refuseMismatch();
      await this.#moveIn(temporary, sha256);
    } catch (error) {
      rmSync(temporary, { force: true });
      if (error instanceof BlobDecodeError || error instanceof HubRefusal) rmSync(partPath, { force: true });
      this.#refuse(error);
    }
    rmSync(partPath, { force: true });
  }

  /** Gives a finished file its name, for good: also the folder's entry is on the disk before it returns. */
  async #moveIn(temporary: string, sha256: string): Promise<void> {
    const path = this.pathOf(sha256);
    const folder = dirname(path);
    if (!this.#knownFolders.has(folder)) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await syncFolder(this.folder);
      this.#knownFolders.add(folder);
    }
    renameSync(temporary, path);
    await syncFolder(folder);
  }

  /** Keeps a stored blob from being collected before the result that names it arrives. */
  #touch(sha256: string): void {
    const nowSeconds = this.#clock.nowMs() / 1_000;
    utimesSync(this.pathOf(sha256), nowSeconds, nowSeconds);
  }

  #partPath(sha256: string, workerId: string, encoding: BlobEncoding): string {
    const owner = createHash('sha256').update(workerId).digest('hex').slice(0, 16);
    return join(this.incomingFolder, `${sha256}.${owner}.${encoding}`);
  }

  #temporaryPath(sha256: string): string {
    return join(this.incomingFolder, `${sha256}.${randomBytes(8).toString('hex')}.temporary`);
  }

  #refuse(error: unknown): never {
    if (!(error instanceof BlobDecodeError)) throw error;
    if (error.tooLarge) this.#refuseTooLarge();
    throw new HubRefusal('blob_mismatch', error.message);
  }

  #refuseTooLarge(): never {
    throw new HubRefusal('too_large', 'The blob is larger than this hub takes.', { limitBytes: this.#maxBytes });
  }

  #refuseMismatch(): never {
    throw new HubRefusal('blob_mismatch', 'The bytes do not have the hash of their name.');
  }
}

function sizeIfThere(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}

async function syncFolder(folder: string): Promise<void> {
  // Windows has no such call, and needs none: renaming there is in the file system's own log.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    await syncToDisk(handle);
  } finally {
    closeSync(handle);
  }
}
