import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describeError } from '../../protocol/describe-error.ts';
import { HubStartError } from '../hub-options.ts';
import { MIGRATIONS } from './migrations/all.ts';

export type Store = Database.Database;

/**
 * Opens the hub's database, for this process alone, and brings it to the newest form. What is committed is on the disk:
 * a lease or result that was answered survives a power cut.
 * @throws HubStartError when it is in use, damaged, or was written by a newer hub; it is then left as it was
 */
export function openStore(file: string): Store {
  const existed = existsSync(file);
  let database: Store | null = null;
  try {
    database = new Database(file, { timeout: 2_000 });
    const version = schemaVersion(database);
    if (version > MIGRATIONS.length) {
      throw new HubStartError(
        `The database ${file} has version ${version}, and this hub knows versions up to ${MIGRATIONS.length}: ` +
          'a newer hub wrote it. Update this hub, or give it another data folder.',
        { code: 'database_refused' },
      );
    }
    if (existed && version === 0 && hasTables(database)) {
      throw new HubStartError(`${file} is a database, but not one of a hub. Give the hub another data folder.`, {
        code: 'database_refused',
      });
    }
    // Sessions, secrets and nonces are also held in memory, so a second hub on the same file would do harm.
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma('temp_store = MEMORY');
    migrate(database, version);
    return database;
  } catch (error) {
    database?.close();
    throw startError(file, error);
  }
}

function schemaVersion(database: Store): number {
  return Number(database.pragma('user_version', { simple: true }));
}

function hasTables(database: Store): boolean {
  return database.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get() !== undefined;
}

function migrate(database: Store, from: number): void {
  // Also with nothing to migrate this writes, and so takes the lock that keeps a second hub out.
  database
    .transaction(() => {
      for (const sql of MIGRATIONS.slice(from)) database.exec(sql);
      database.pragma(`user_version = ${MIGRATIONS.length}`);
    })
    .exclusive();
}

function startError(file: string, error: unknown): Error {
  if (error instanceof HubStartError) return error;
  const code = error instanceof Database.SqliteError ? error.code : '';
  if (code.startsWith('SQLITE_BUSY')) {
    return new HubStartError(`The database ${file} is in use: another hub runs on the same data folder.`, {
      code: 'already_running',
      cause: error,
    });
  }
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
    return new HubStartError(`The database ${file} is damaged (${describeError(error)}). Restore it from a backup.`, {
      code: 'database_refused',
      cause: error,
    });
  }
  return new HubStartError(`The database ${file} cannot be opened: ${describeError(error)}`, { cause: error });
}
