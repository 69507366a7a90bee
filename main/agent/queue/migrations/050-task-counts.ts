import type { Database } from 'better-sqlite3';

export const version = 50;
export const name = 'task counts';

/**
 * Keeps the number of tasks by type, and by how they ended, up to date, so that statistics need not read the history.
 * `live` are all that have not ended: claiming a task and waiting for a retry then write nothing here.
 */
export function up(database: Database): void {
  database.exec(`
    CREATE TABLE taskCounts (
      type  TEXT    NOT NULL,
      state TEXT    NOT NULL CHECK (state IN ('live', 'completed', 'failed', 'cancelled')),
      count INTEGER NOT NULL,
      PRIMARY KEY (type, state)
    ) STRICT, WITHOUT ROWID;

    INSERT INTO taskCounts (type, state, count)
    SELECT type, iif(finishedAtMs IS NULL, 'live', status), count(*) FROM tasks GROUP BY 1, 2;

    CREATE TRIGGER tasks_count_insert AFTER INSERT ON tasks BEGIN
      INSERT INTO taskCounts (type, state, count) VALUES (new.type, iif(new.finishedAtMs IS NULL, 'live', new.status), 1)
      ON CONFLICT (type, state) DO UPDATE SET count = count + 1;
    END;

    CREATE TRIGGER tasks_count_end AFTER UPDATE OF status ON tasks
    WHEN new.status <> old.status AND (new.finishedAtMs IS NOT NULL OR old.finishedAtMs IS NOT NULL) BEGIN
      UPDATE taskCounts SET count = count - 1
       WHERE type = old.type AND state = iif(old.finishedAtMs IS NULL, 'live', old.status);
      INSERT INTO taskCounts (type, state, count) VALUES (new.type, iif(new.finishedAtMs IS NULL, 'live', new.status), 1)
      ON CONFLICT (type, state) DO UPDATE SET count = count + 1;
    END;

    CREATE TRIGGER tasks_count_delete AFTER DELETE ON tasks BEGIN
      UPDATE taskCounts SET count = count - 1
       WHERE type = old.type AND state = iif(old.finishedAtMs IS NULL, 'live', old.status);
    END;
  `);
}
