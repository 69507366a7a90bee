import type { Database } from 'better-sqlite3';

/** Each query finds rows that must not be there. */
const FORBIDDEN: Record<string, string> = {
  'a running task without exactly one open attempt': `
    SELECT id FROM tasks WHERE status = 'processing'
       AND (SELECT count(*) FROM attempts WHERE taskId = tasks.id AND finishedAtMs IS NULL) <> 1`,
  'an open attempt of a task that does not run': `
    SELECT attemptId FROM attempts JOIN tasks ON tasks.id = taskId
     WHERE attempts.finishedAtMs IS NULL AND status <> 'processing'`,
  'a result in the outbox of a task that has not ended': `
    SELECT attemptId FROM outbox JOIN tasks ON tasks.id = taskId WHERE tasks.finishedAtMs IS NULL`,
  'a completed or failed task of the hub that the hub does not hear of': `
    SELECT id FROM tasks WHERE origin = 'hub' AND status IN ('completed', 'failed')
       AND NOT EXISTS (SELECT 1 FROM outbox WHERE taskId = tasks.id)`,
  'a local task in the outbox': `SELECT id FROM tasks JOIN outbox ON taskId = id WHERE origin = 'local'`,
  'a completed task without a completed attempt, or with two': `
    SELECT id FROM tasks WHERE status = 'completed'
       AND (SELECT count(*) FROM attempts WHERE taskId = tasks.id AND outcome = 'completed') <> 1`,
  'a result without completion, or the other way round': `
    SELECT id FROM tasks WHERE (status = 'completed') <> (result IS NOT NULL)`,
  'more attempts counted than made': `
    SELECT id FROM tasks WHERE attempts > (SELECT count(*) FROM attempts WHERE taskId = tasks.id) OR attempts > maxAttempts`,
  'a wrong count': `
    SELECT type FROM taskCounts
     WHERE count <> (SELECT count(*) FROM tasks WHERE tasks.type = taskCounts.type AND tasks.status = taskCounts.status)`,
  'a row that points nowhere': `SELECT "table" FROM pragma_foreign_key_check`,
};

/** What is wrong with a store, in words; none when it is consistent. Reads all of it. */
export function brokenInvariants(database: Database): string[] {
  const broken = Object.entries(FORBIDDEN)
    .filter(([, sql]) => database.prepare(sql).get() !== undefined)
    .map(([name]) => name);
  const integrity = String(database.pragma('integrity_check(1)', { simple: true }));
  return integrity === 'ok' ? broken : [...broken, integrity];
}
