import type { Database } from 'better-sqlite3';
import { MIGRATIONS, type Migration } from './migrations/all-migrations.ts';

/** Marks a SQLite file as this program's (the bytes of "LGWK"); see PRAGMA application_id. */
export const APPLICATION_ID = 0x4c47574b;

/**
 * Brings a database up to date, one transaction a step. Reads the version under the write lock, so that two processes
 * that open a new database at once do not both migrate it.
 * @throws SqliteError, with the step undone
 */
export function migrate(database: Database, migrations: readonly Migration[] = MIGRATIONS): void {
  for (const migration of migrations) {
    database
      .transaction(() => {
        if (readVersion(database) >= migration.version) return;
        migration.up(database);
        database.pragma(`application_id = ${APPLICATION_ID}`);
        database.pragma(`user_version = ${migration.version}`);
      })
      .immediate();
  }
}

/** The `user_version` of an open database; 0 for a new one. */
export function readVersion(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}
