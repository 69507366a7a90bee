import type { Database } from 'better-sqlite3';

export const version = 30;
export const name = 'outbox';

/** A task ends once, so it has one row at most. What ended stands in the task and its attempt, not here again. */
export function up(database: Database): void {
  database.exec(`
    CREATE TABLE outbox (
      taskId         TEXT    NOT NULL PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE,
      number         INTEGER NOT NULL,
      state          TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'refused')),
      createdAtMs    INTEGER NOT NULL,
      deliveredAtMs  INTEGER,
      refusalCode    TEXT,
      refusalMessage TEXT,
      tries          INTEGER NOT NULL DEFAULT 0,
      lastError      TEXT
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX outbox_waiting ON outbox (createdAtMs, taskId) WHERE state = 'waiting';
  `);
}
