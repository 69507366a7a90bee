import type { Database } from 'better-sqlite3';

export const version = 90;
export const name = 'page scores';

const INTO_SCORES = `
  INSERT OR REPLACE INTO pageScores (taskId, url, formFactor, atMs, scores, metrics)`;
const SCORES_OF = (task: string): string => `
  ${task}.id, ${task}.url, coalesce(json_extract(${task}.result, '$.formFactor'), ''), ${task}.finishedAtMs,
  coalesce(json_extract(${task}.result, '$.scores'), '{}'), coalesce(json_extract(${task}.result, '$.metrics'), '{}')`;

/** What audits have found, apart from their results, so that a page's scores over time are read in one search. */
export function up(database: Database): void {
  database.exec(`
    CREATE TABLE pageScores (
      taskId     TEXT    NOT NULL PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE,
      url        TEXT    NOT NULL,
      formFactor TEXT    NOT NULL,
      atMs       INTEGER NOT NULL,
      scores     TEXT    NOT NULL CHECK (json_valid(scores)),
      metrics    TEXT    NOT NULL CHECK (json_valid(metrics))
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX pageScores_by_page ON pageScores (url, formFactor, atMs);

    ${INTO_SCORES} SELECT ${SCORES_OF('tasks')} FROM tasks
      WHERE type = 'lighthouse_html' AND status = 'completed' AND result IS NOT NULL;

    CREATE TRIGGER tasks_score AFTER UPDATE OF status ON tasks
    WHEN new.status = 'completed' AND new.type = 'lighthouse_html' AND new.result IS NOT NULL BEGIN
      ${INTO_SCORES} VALUES (${SCORES_OF('new')});
    END;
  `);
}
