import Database from 'better-sqlite3';
import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { PRESENT_VERSION } from './migrations/all-migrations.ts';
import { APPLICATION_ID, readVersion } from './migrate.ts';
import { damagedDatabase, explainSqliteError, StoreError } from './store-error.ts';

/** Larger files are not read as a whole at each start; damage there is reported by the statement that meets it. */
const QUICK_CHECK_LIMIT_BYTES = 256 * 1024 * 1024;

/** See "The Database Header" at https://www.sqlite.org/fileformat2.html. */
const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
const USER_VERSION_OFFSET = 60;
const APPLICATION_ID_OFFSET = 68;

/**
 * Looks at a database file without changing it or leaving anything beside it.
 * Not for a file that this process has open: closing our handle on it would drop SQLite's locks (POSIX fcntl).
 * @throws StoreError `newer_database`, `damaged_database`, `foreign_database` and those of explainSqliteError
 */
export function inspectDatabase(file: string): void {
  const sizeBytes = sizeOf(file);
  if (sizeBytes === 0) return;
  const header = readHeader(file);
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw damagedDatabase(file, 'it is not a SQLite database');
  }
  checkOwner(file, header.readUInt32BE(APPLICATION_ID_OFFSET), header.readUInt32BE(USER_VERSION_OFFSET));
  inspectContent(file, sizeBytes <= QUICK_CHECK_LIMIT_BYTES);
}

/** The header alone does not do: after a crash the newest state stands in the write-ahead log. */
function inspectContent(file: string, thorough: boolean): void {
  const hadLog = existsSync(`${file}-wal`);
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { readonly: true, fileMustExist: true, timeout: 5_000 });
    const applicationId = Number(database.pragma('application_id', { simple: true }));
    checkOwner(file, applicationId, readVersion(database));
    if (thorough) {
      const found = String(database.pragma('quick_check(1)', { simple: true }));
      if (found !== 'ok') throw damagedDatabase(file, found);
    }
    const tables = Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
    if (applicationId === 0 && tables > 0) throw foreignDatabase(file);
  } catch (error) {
    database?.close();
    database = undefined;
    if (!hadLog) removeEmptyLog(file);
    throw explainSqliteError(error, file);
  } finally {
    database?.close();
  }
}

function checkOwner(file: string, applicationId: number, version: number): void {
  if (applicationId !== APPLICATION_ID && applicationId !== 0) throw foreignDatabase(file);
  if (applicationId === APPLICATION_ID && version > PRESENT_VERSION) {
    throw new StoreError(
      'newer_database',
      file,
      `The database ${file} was written by a newer Legwork: it has version ${version}, this program reads up to ` +
        `${PRESENT_VERSION}. It was left as it is. Update Legwork, or choose another data folder.`,
    );
  }
}

function foreignDatabase(file: string): StoreError {
  return new StoreError(
    'foreign_database',
    file,
    `The file ${file} is a SQLite database of another program. It was left as it is. Choose another data folder.`,
  );
}

function sizeOf(file: string): number {
  try {
    const status = statSync(file);
    if (!status.isFile()) throw new StoreError('not_writable', file, `The database ${file} is not a file.`);
    return status.size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

function readHeader(file: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    throw new StoreError('not_writable', file, `The database ${file} cannot be read. Check its rights.`, {
      cause: error,
    });
  }
  try {
    return header.subarray(0, readSync(handle, header, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(handle);
  }
}

/** Opening a WAL database for reading leaves an empty log and its index beside it. A log with content is not ours. */
function removeEmptyLog(file: string): void {
  const log = `${file}-wal`;
  if (!existsSync(log) || statSync(log).size > 0) return;
  rmSync(log, { force: true });
  rmSync(`${file}-shm`, { force: true });
}
