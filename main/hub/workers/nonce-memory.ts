import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_CLOCK_SKEW_SECONDS } from '../../protocol/signature.ts';

/**
 * The nonces of accepted calls, remembered for as long as their timestamps would be accepted. They are kept by the
 * timestamp's slice of 300 s, a set in memory and a file each, so that forgetting is one deletion and a hub that is
 * killed and started again still refuses what it has seen. The files are not fsynced: only a power cut can lose the
 * last moments of them.
 */
export class NonceMemory {
  readonly #folder: string;
  readonly #slices = new Map<number, Set<string>>();
  /** Files that are open for appending, by slice. */
  readonly #files = new Map<number, number>();

  /** @param nowSeconds Unix seconds, to leave out what has expired */
  constructor(folder: string, nowSeconds: number) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) {
      const slice = Number(/^(\d+)\.nonces$/.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(slice)) continue;
      if (isOver(slice, nowSeconds)) rmSync(join(folder, name), { force: true });
      else this.#slices.set(slice, new Set(readFileSync(join(folder, name), 'utf8').split('\n')));
    }
  }

  /**
   * Remembers the nonce of a call. Whose call it was does not matter: the worker's id is not signed, so that a call could
   * otherwise be replayed in the name of another worker with the same secret.
   * @returns false when it was seen before: the call is a replay
   */
  remember(nonce: string, timestamp: number): boolean {
    const slice = sliceOf(timestamp);
    let seen = this.#slices.get(slice);
    if (seen === undefined) {
      seen = new Set();
      this.#slices.set(slice, seen);
    }
    if (seen.has(nonce)) return false;
    writeSync(this.#fileOf(slice), `${nonce}\n`);
    seen.add(nonce);
    return true;
  }

  /** Drops the slices whose timestamps nobody accepts any more. */
  forget(nowSeconds: number): void {
    for (const slice of this.#slices.keys()) {
      if (!isOver(slice, nowSeconds)) continue;
      this.#slices.delete(slice);
      this.#closeFile(slice);
      rmSync(join(this.#folder, `${slice}.nonces`), { force: true });
    }
  }

  close(): void {
    for (const slice of this.#files.keys()) this.#closeFile(slice);
  }

  #fileOf(slice: number): number {
    const open = this.#files.get(slice);
    if (open !== undefined) return open;
    const file = openSync(join(this.#folder, `${slice}.nonces`), 'a', 0o600);
    this.#files.set(slice, file);
    return file;
  }

  #closeFile(slice: number): void {
    const file = this.#files.get(slice);
    if (file !== undefined) closeSync(file);
    this.#files.delete(slice);
  }
}

function sliceOf(timestamp: number): number {
  return Math.floor(timestamp / MAX_CLOCK_SKEW_SECONDS);
}

function isOver(slice: number, nowSeconds: number): boolean {
  const lastTimestamp = (slice + 1) * MAX_CLOCK_SKEW_SECONDS;
  return lastTimestamp + MAX_CLOCK_SKEW_SECONDS < nowSeconds;
}
