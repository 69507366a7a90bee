import type { Database } from 'better-sqlite3';
import { siteOf } from '../../politeness/site-of.ts';

export const version = 80;
export const name = 'attempt list';

/**
 * What lists of attempts show and filter by stands in the attempt itself. The index holds all that a filter looks at,
 * newest last, so that a page, a total and the chart of a day read nothing else.
 */
export function up(database: Database): void {
  database.exec(`
    ALTER TABLE attempts ADD COLUMN type TEXT NOT NULL DEFAULT '';
    ALTER TABLE attempts ADD COLUMN url  TEXT NOT NULL DEFAULT '';
    ALTER TABLE attempts ADD COLUMN site TEXT NOT NULL DEFAULT '';
  `);
  const rows = database
    .prepare<[], { id: string; type: string; url: string }>(
      'SELECT id, type, url FROM tasks WHERE id IN (SELECT taskId FROM attempts)',
    )
    .all();
  const fill = database.prepare('UPDATE attempts SET type = ?, url = ?, site = ? WHERE taskId = ?');
  for (const { id, type, url } of rows) fill.run(type, url, siteOf(url), id);
  database.exec(`
    CREATE INDEX attempts_by_start ON attempts (startedAtMs, taskId, number, outcome, type, site, durationMs);
  `);
}
