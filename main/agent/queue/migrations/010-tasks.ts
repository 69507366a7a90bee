import type { Database } from 'better-sqlite3';

export const version = 10;
export const name = 'tasks';

/**
 * `sequence` is the order of insertion. The index `tasks_claimable` holds the waiting tasks only, in the order in which
 * they are claimed, so that claiming costs the same whatever the history; the others serve lists, cleaning up and leases.
 */
export function up(database: Database): void {
  database.exec(`
    CREATE TABLE tasks (
      sequence          INTEGER PRIMARY KEY,
      id                TEXT    NOT NULL UNIQUE,
      type              TEXT    NOT NULL,
      lane              TEXT    NOT NULL CHECK (lane IN ('page', 'exclusive')),
      status            TEXT    NOT NULL CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
      priority          INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 10),
      attempts          INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
      maxAttempts       INTEGER NOT NULL CHECK (maxAttempts >= 1),
      lastAttemptNumber INTEGER NOT NULL DEFAULT 0,
      runAtMs           INTEGER NOT NULL,
      createdAtMs       INTEGER NOT NULL,
      startedAtMs       INTEGER,
      finishedAtMs      INTEGER,
      durationMs        INTEGER,
      progressPercent   INTEGER NOT NULL DEFAULT 0 CHECK (progressPercent BETWEEN 0 AND 100),
      progressStage     TEXT    NOT NULL DEFAULT '',
      claimedEpoch      INTEGER,
      origin            TEXT    NOT NULL CHECK (origin IN ('hub', 'local')),
      workerId          TEXT,
      jobId             TEXT,
      leaseId           TEXT,
      leaseExpiresAtMs  INTEGER,
      uniqueKey         TEXT,
      url               TEXT    NOT NULL,
      payload           TEXT    NOT NULL CHECK (json_valid(payload)),
      error             TEXT    CHECK (error IS NULL OR json_valid(error)),
      result            TEXT    CHECK (result IS NULL OR json_valid(result)),
      CHECK ((finishedAtMs IS NOT NULL) = (status IN ('completed', 'failed', 'cancelled'))),
      CHECK ((origin = 'hub') = (leaseId IS NOT NULL AND jobId IS NOT NULL))
    ) STRICT;

    CREATE INDEX tasks_claimable ON tasks (lane, priority, runAtMs, sequence, leaseExpiresAtMs) WHERE status = 'pending';
    CREATE UNIQUE INDEX tasks_by_lease ON tasks (leaseId) WHERE leaseId IS NOT NULL;
    CREATE INDEX tasks_held ON tasks (leaseId) WHERE leaseId IS NOT NULL AND finishedAtMs IS NULL;
    CREATE UNIQUE INDEX tasks_by_unique_key ON tasks (uniqueKey) WHERE uniqueKey IS NOT NULL;
    CREATE INDEX tasks_by_creation ON tasks (createdAtMs);
    CREATE INDEX tasks_by_status ON tasks (status, createdAtMs);
    CREATE INDEX tasks_by_type ON tasks (type, createdAtMs);
    CREATE INDEX tasks_by_end ON tasks (finishedAtMs, status) WHERE finishedAtMs IS NOT NULL;
  `);
}
