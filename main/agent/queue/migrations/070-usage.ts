import type { Database } from 'better-sqlite3';

export const version = 70;
export const name = 'usage';

/**
 * What work has cost, by day of the host's calendar, hub and task type. Its own table, since it is kept for years, and
 * the attempts are not. `hubUrl` is empty for tasks of this machine.
 */
export function up(database: Database): void {
  database.exec(`
    CREATE TABLE usage (
      day           TEXT    NOT NULL,
      hubUrl        TEXT    NOT NULL,
      type          TEXT    NOT NULL,
      tasks         INTEGER NOT NULL DEFAULT 0,
      browserTimeMs INTEGER NOT NULL DEFAULT 0,
      bytesDown     INTEGER NOT NULL DEFAULT 0,
      bytesUp       INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (day, hubUrl, type)
    ) STRICT, WITHOUT ROWID;
  `);
}
