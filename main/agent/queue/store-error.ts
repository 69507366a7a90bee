import Database from 'better-sqlite3';
import { LegworkError } from '../../protocol/error-table.ts';

/**
 * - `newer_database`: written by a newer version of this program.
 * - `damaged_database`: not a readable SQLite file, or its content breaks its own rules.
 * - `foreign_database`: a SQLite file of another program.
 * - `locked`: another process uses it and did not let go in time.
 * - `not_writable`: the file or its folder may not be written.
 * - `failed`: the system failed to read or write.
 */
export type StoreErrorCode =
  'newer_database' | 'damaged_database' | 'foreign_database' | 'locked' | 'not_writable' | 'failed';

/** The local store cannot be used. The message says which file, what was found, and what to do about it. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly file: string;

  constructor(code: StoreErrorCode, file: string, message: string, options: { cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'StoreError';
    this.code = code;
    this.file = file;
  }
}

/** What to tell a person whose database is damaged. */
export function damagedDatabase(file: string, found: string, cause?: unknown): StoreError {
  return new StoreError(
    'damaged_database',
    file,
    `The database ${file} is damaged: ${found}. It was left as it is. ` +
      'Move it away (with the files -wal and -shm beside it) to start with an empty one, or put a backup in its place.',
    { cause },
  );
}

/**
 * An error of SQLite as one that says what to do: a full disk becomes LegworkError `disk_full`, the rest StoreError.
 * Anything else is returned unchanged.
 */
export function explainSqliteError(thrown: unknown, file: string): unknown {
  if (!(thrown instanceof Database.SqliteError)) return thrown;
  const code = thrown.code;
  if (code === 'SQLITE_FULL') return new LegworkError('disk_full', `${file}: ${thrown.message}.`, { cause: thrown });
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return damagedDatabase(file, thrown.message, thrown);
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new StoreError('locked', file, `The database ${file} is in use by another process: ${thrown.message}.`, {
      cause: thrown,
    });
  }
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN') || code === 'SQLITE_PERM') {
    return new StoreError(
      'not_writable',
      file,
      `The database ${file} cannot be opened for writing: ${thrown.message}. Check the rights of the file and its folder.`,
      { cause: thrown },
    );
  }
  if (code.startsWith('SQLITE_IOERR')) {
    return new StoreError('failed', file, `Reading or writing ${file} failed (${code}). Check the disk.`, {
      cause: thrown,
    });
  }
  return thrown;
}
