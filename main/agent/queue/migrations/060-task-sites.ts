import type { Database } from 'better-sqlite3';
import { siteOf } from '../../politeness/site-of.ts';

export const version = 60;
export const name = 'task sites';

/**
 * `site` is the host that a task visits. `waitsForSite` is 1 while its turn has come but its site may not be visited
 * yet: such a task is not in `tasks_claimable`, so that a long line of one site stands in nobody's way, and comes back
 * from `tasks_waiting_for_site` in its order.
 */
export function up(database: Database): void {
  database.exec(`
    ALTER TABLE tasks ADD COLUMN site TEXT NOT NULL DEFAULT '';
    ALTER TABLE tasks ADD COLUMN waitsForSite INTEGER NOT NULL DEFAULT 0 CHECK (waitsForSite IN (0, 1));

    DROP INDEX tasks_claimable;
    CREATE INDEX tasks_claimable ON tasks (lane, priority, runAtMs, sequence, leaseExpiresAtMs, site)
      WHERE status = 'pending' AND waitsForSite = 0;
    CREATE INDEX tasks_waiting_for_site ON tasks (lane, site, priority, runAtMs, sequence, leaseExpiresAtMs)
      WHERE status = 'pending' AND waitsForSite = 1;
  `);
  const rows = database
    .prepare<[], { sequence: number; url: string }>('SELECT sequence, url FROM tasks WHERE finishedAtMs IS NULL')
    .all();
  const fill = database.prepare('UPDATE tasks SET site = ? WHERE sequence = ?');
  for (const { sequence, url } of rows) fill.run(siteOf(url), sequence);
}
