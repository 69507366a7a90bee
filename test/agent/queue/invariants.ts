import type { Database } from 'better-sqlite3';

/** Each query finds rows that must not be there. */
const FORBIDDEN: Record<string, string> = {
  'a running task whose attempt has ended': `
    SELECT id FROM tasks JOIN attempts ON taskId = id AND number = lastAttemptNumber WHERE status = 'processing'`,
  'a running task without start or epoch': `
    SELECT id FROM tasks WHERE status = 'processing' AND (startedAtMs IS NULL OR claimedEpoch IS NULL)`,
  'a task whose latest attempt is missing': `
    SELECT id FROM tasks WHERE status <> 'processing' AND lastAttemptNumber > 0
       AND NOT EXISTS (SELECT 1 FROM attempts WHERE taskId = id AND number = lastAttemptNumber)`,
  'a result in the outbox of a task that has not ended': `
    SELECT taskId FROM outbox JOIN tasks ON tasks.id = taskId WHERE tasks.finishedAtMs IS NULL`,
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
    SELECT id FROM tasks WHERE attempts > lastAttemptNumber OR attempts > maxAttempts`,
  'a wrong count': `
    SELECT type FROM taskCounts
     WHERE count <> (SELECT count(*) FROM tasks WHERE tasks.type = taskCounts.type
                       AND state = iif(finishedAtMs IS NULL, 'live', tasks.status))`,
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
