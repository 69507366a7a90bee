import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CallAnswer } from '../../../preload/contract.ts';

/** A file that waits to be fetched is given up after this. */
const KEPT_MS = 10 * 60_000;
const MOST_FILES = 20;

/** A file that was made for a person to download. */
export interface Download {
  file: string;
  name: string;
}

/** Files that were made for people, each given out once and then deleted. */
export class Downloads {
  readonly #folder: string;
  readonly #waiting = new Map<string, Download & { timer: NodeJS.Timeout }>();

  /** @param folder is emptied: what lies there is of an earlier start */
  constructor(folder: string) {
    this.#folder = folder;
    rmSync(folder, { recursive: true, force: true });
  }

  /** Has a file written and offers it. */
  async offer(name: string, write: (path: string) => Promise<void>): Promise<CallAnswer<'saveDiagnostics'>> {
    const key = randomBytes(16).toString('hex');
    const file = join(this.#folder, key);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    try {
      await write(file);
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
    const timer = setTimeout(() => void this.#forget(key), KEPT_MS);
    timer.unref();
    this.#waiting.set(key, { file, name: basename(name), timer });
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > MOST_FILES && oldest !== undefined) await this.#forget(oldest);
    return { kind: 'download', path: `download/${key}` };
  }

  /** The file of a path such as `/download/…`, which is nobody else's from now on; null when there is none. */
  take(path: string): Download | null {
    const key = /^\/download\/([0-9a-f]{32})$/.exec(path)?.[1];
    const found = key === undefined ? undefined : this.#waiting.get(key);
    if (key === undefined || found === undefined) return null;
    clearTimeout(found.timer);
    this.#waiting.delete(key);
    return { file: found.file, name: found.name };
  }

  /** Deletes everything. */
  async close(): Promise<void> {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #forget(key: string): Promise<void> {
    const found = this.#waiting.get(key);
    if (found === undefined) return;
    clearTimeout(found.timer);
    this.#waiting.delete(key);
    await rm(found.file, { force: true });
  }
}
