import Database from 'better-sqlite3';
import { dirname, resolve } from 'node:path';
import { inspectDatabase } from './inspect-database.ts';
import { makeFolder } from './make-folder.ts';
import { migrate } from './migrate.ts';
import { explainSqliteError } from './store-error.ts';

/** How long a statement waits for another process that writes. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Pages in the write-ahead log before they are copied into the database, 16 MiB. Four times SQLite's own: the same few
 * pages of the indexes are written again and again, so that rarer copying means less writing and shorter waits.
 */
const CHECKPOINT_PAGES = 4_000;

/** The write-ahead log is cut back to this when it has grown beyond. */
const JOURNAL_SIZE_LIMIT_BYTES = 16 * 1024 * 1024;

/** Files that this process has open now. A second inspection of one would drop the locks of the first (POSIX fcntl). */
const openHere = new Map<string, number>();

/**
 * Opens the local store and brings it up to date; makes it, and its folder, when there is none. A commit is on the disk
 * when it returns (WAL, `synchronous=FULL`). A file that cannot be used is refused and left untouched.
 * @throws StoreError `newer_database`, `damaged_database`, `foreign_database`, `locked`, `not_writable`;
 *   LegworkError `disk_full`
 */
export function openDatabase(file: string): Database.Database {
  const path = resolve(file);
  makeFolder(dirname(path));
  if (!openHere.has(path)) inspectDatabase(path);
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    // Takes effect in a new file only, and only before anything is written.
    database.pragma('auto_vacuum = INCREMENTAL');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    // On macOS an fsync alone may leave the data in the drive's cache.
    database.pragma('fullfsync = ON');
    database.pragma('foreign_keys = ON');
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.pragma(`journal_size_limit = ${JOURNAL_SIZE_LIMIT_BYTES}`);
    migrate(database);
  } catch (error) {
    database?.close();
    throw explainSqliteError(error, path);
  }
  rememberUntilClosed(database, path);
  return database;
}

function rememberUntilClosed(database: Database.Database, path: string): void {
  openHere.set(path, (openHere.get(path) ?? 0) + 1);
  const close = database.close.bind(database);
  database.close = () => {
    if (database.open) {
      const left = (openHere.get(path) ?? 1) - 1;
      if (left === 0) openHere.delete(path);
      else openHere.set(path, left);
    }
    return close();
  };
}
