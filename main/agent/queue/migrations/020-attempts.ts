import type { Database } from 'better-sqlite3';

export const version = 20;
export const name = 'attempts';

/** One row for each execution that has ended; the one that runs stands in its task, so that it cannot contradict it. */
export function up(database: Database): void {
  database.exec(`
    CREATE TABLE attempts (
      taskId       TEXT    NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
      number       INTEGER NOT NULL,
      epoch        INTEGER NOT NULL,
      startedAtMs  INTEGER NOT NULL,
      finishedAtMs INTEGER NOT NULL,
      durationMs   INTEGER NOT NULL,
      outcome      TEXT    NOT NULL CHECK (outcome IN ('completed', 'failed', 'cancelled')),
      error        TEXT    CHECK (error IS NULL OR json_valid(error)),
      typeVersion  INTEGER,
      PRIMARY KEY (taskId, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE attemptBlobs (
      taskId      TEXT    NOT NULL,
      number      INTEGER NOT NULL,
      name        TEXT    NOT NULL,
      sha256      TEXT    NOT NULL,
      sizeBytes   INTEGER NOT NULL,
      contentType TEXT    NOT NULL,
      PRIMARY KEY (taskId, number, name),
      FOREIGN KEY (taskId, number) REFERENCES attempts (taskId, number) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX attemptBlobs_by_hash ON attemptBlobs (sha256);
  `);
}
