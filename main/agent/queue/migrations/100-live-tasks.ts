import type { Database } from 'better-sqlite3';

export const version = 100;
export const name = 'live tasks';

/**
 * One small index for all tasks that have not ended, in the order in which they are claimed, in place of one for what
 * waits and one for every status: claiming and completing write fewer pages, whatever the history. Of the ended tasks
 * those that did not complete are few, and have an index; the others are found among all by their creation.
 * `finishedAtMs`, always NULL there, stands in the index because SQLite would read each row to look at it.
 */
export function up(database: Database): void {
  database.exec(`
    DROP INDEX tasks_claimable;
    DROP INDEX tasks_by_status;
    CREATE INDEX tasks_live
      ON tasks (status, waitsForSite, lane, priority, runAtMs, sequence, leaseExpiresAtMs, site, createdAtMs, finishedAtMs)
      WHERE finishedAtMs IS NULL;
    CREATE INDEX tasks_not_completed ON tasks (status, createdAtMs) WHERE status IN ('failed', 'cancelled');
  `);
}
