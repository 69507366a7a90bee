import type { Database } from 'better-sqlite3';

export const version = 50;
export const name = 'task counts';

/** Keeps the number of tasks of each type and status up to date, so that statistics need not read the history. */
export function up(database: Database): void {
  database.exec(`
    CREATE TABLE taskCounts (
      type   TEXT    NOT NULL,
      status TEXT    NOT NULL,
      count  INTEGER NOT NULL,
      PRIMARY KEY (type, status)
    ) STRICT, WITHOUT ROWID;

    INSERT INTO taskCounts (type, status, count) SELECT type, status, count(*) FROM tasks GROUP BY type, status;

    CREATE TRIGGER tasks_count_insert AFTER INSERT ON tasks BEGIN
      INSERT INTO taskCounts (type, status, count) VALUES (new.type, new.status, 1)
      ON CONFLICT (type, status) DO UPDATE SET count = count + 1;
    END;

    CREATE TRIGGER tasks_count_status AFTER UPDATE OF status ON tasks WHEN old.status <> new.status BEGIN
      UPDATE taskCounts SET count = count - 1 WHERE type = old.type AND status = old.status;
      INSERT INTO taskCounts (type, status, count) VALUES (new.type, new.status, 1)
      ON CONFLICT (type, status) DO UPDATE SET count = count + 1;
    END;

    CREATE TRIGGER tasks_count_delete AFTER DELETE ON tasks BEGIN
      UPDATE taskCounts SET count = count - 1 WHERE type = old.type AND status = old.status;
    END;
  `);
}
