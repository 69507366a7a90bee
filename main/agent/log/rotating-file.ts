import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** A log file that never grows without end. */
export interface RotatingFile {
  /** Appends a line; never throws: what cannot be written (a full disk, say) is left out and counted. */
  writeLine(line: string): void;
  close(): void;
  /** Lines that could not be written since the start. */
  lostLines(): number;
}

export interface RotatingFileOptions {
  path: string;
  /** A file that reaches this size is put aside. Default 5 MiB. */
  maxBytes?: number;
  /** How many files that were put aside are kept, as `<path>.1` (the newest) and so on. Default 4. */
  keptFiles?: number;
}

/**
 * Opens the file at the first line. Lines are written synchronously, so that the last ones before a crash are there and
 * in order. Written here and not with electron-log, since its entry point brings Electron's inter-process logging and a
 * global singleton into a program without Electron, while this needs one append and a rename.
 */
export function openRotatingFile({ path, maxBytes = 5 * 1024 ** 2, keptFiles = 4 }: RotatingFileOptions): RotatingFile {
  let descriptor: number | null = null;
  let sizeBytes = 0;
  let lost = 0;
  let isClosed = false;

  function open(): number {
    mkdirSync(dirname(path), { recursive: true });
    // Only the owner may read it: addresses of pages say a lot about what somebody does.
    const opened = openSync(path, 'a', 0o600);
    sizeBytes = fstatSync(opened).size;
    return opened;
  }

  function closeDescriptor(): void {
    if (descriptor === null) return;
    const closing = descriptor;
    descriptor = null;
    closeSync(closing);
  }

  function rotate(): void {
    closeDescriptor();
    rmSync(`${path}.${keptFiles}`, { force: true });
    for (let number = keptFiles - 1; number >= 0; number -= 1) {
      const from = number === 0 ? path : `${path}.${number}`;
      try {
        renameSync(from, `${path}.${number + 1}`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }

  return {
    writeLine(line) {
      if (isClosed) return;
      try {
        const bytes = Buffer.from(`${line}\n`, 'utf8');
        descriptor ??= open();
        if (sizeBytes > 0 && sizeBytes + bytes.length > maxBytes) {
          rotate();
          descriptor = open();
        }
        writeSync(descriptor, bytes);
        sizeBytes += bytes.length;
      } catch {
        lost += 1;
      }
    },
    close() {
      isClosed = true;
      try {
        closeDescriptor();
      } catch {
        // A descriptor that cannot be closed is gone with the process.
      }
    },
    lostLines: () => lost,
  };
}
