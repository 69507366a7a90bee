import type { Database } from 'better-sqlite3';

export const version = 20;
export const name = 'attempts';

/** `attempts_open` makes sure that a task is executed at most once at a time, and finds what runs. */
export function up(database: Database): void {
  database.exec(`
    CREATE TABLE attempts (
      attemptId    TEXT    NOT NULL UNIQUE,
      taskId       TEXT    NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
      number       INTEGER NOT NULL,
      epoch        INTEGER NOT NULL,
      startedAtMs  INTEGER NOT NULL,
      finishedAtMs INTEGER,
      durationMs   INTEGER,
      outcome      TEXT    CHECK (outcome IN ('completed', 'failed', 'cancelled')),
      error        TEXT    CHECK (error IS NULL OR json_valid(error)),
      typeVersion  INTEGER,
      CHECK ((finishedAtMs IS NULL) = (outcome IS NULL))
    ) STRICT;

    CREATE UNIQUE INDEX attempts_by_task ON attempts (taskId, number);
    CREATE UNIQUE INDEX attempts_open ON attempts (taskId) WHERE finishedAtMs IS NULL;

    CREATE TABLE attemptBlobs (
      attemptId   TEXT    NOT NULL REFERENCES attempts (attemptId) ON DELETE CASCADE,
      name        TEXT    NOT NULL,
      sha256      TEXT    NOT NULL,
      sizeBytes   INTEGER NOT NULL,
      contentType TEXT    NOT NULL,
      PRIMARY KEY (attemptId, name)
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX attemptBlobs_by_hash ON attemptBlobs (sha256);
  `);
}
