import type { Database } from 'better-sqlite3';

export const version = 40;
export const name = 'meta';

/** Facts about this installation: its instance id and the epoch of the latest start. */
export function up(database: Database): void {
  database.exec('CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;');
}
