import type { Database } from 'better-sqlite3';

export const version = 30;
export const name = 'outbox';

/** A task ends once: `taskId` is unique. What ended stands in the task and its attempt, not here again. */
export function up(database: Database): void {
  database.exec(`
    CREATE TABLE outbox (
      attemptId      TEXT    NOT NULL UNIQUE,
      taskId         TEXT    NOT NULL UNIQUE REFERENCES tasks (id) ON DELETE CASCADE,
      leaseId        TEXT    NOT NULL,
      jobId          TEXT    NOT NULL,
      state          TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'refused')),
      createdAtMs    INTEGER NOT NULL,
      deliveredAtMs  INTEGER,
      refusalCode    TEXT,
      refusalMessage TEXT,
      tries          INTEGER NOT NULL DEFAULT 0,
      lastError      TEXT
    ) STRICT;

    CREATE INDEX outbox_waiting ON outbox (createdAtMs) WHERE state = 'waiting';
  `);
}
