import Database from 'better-sqlite3';

/** What a made-up history is like. */
export interface HistoryShape {
  /** Attempts; a tenth of the tasks has two. */
  attempts: number;
  /** When the newest attempt ended, Unix milliseconds. */
  endMs: number;
  /** How far the attempts reach back. */
  spanMs?: number;
  hosts?: number;
}

/** Puts a long history into a store that `openDatabase` has made, in a second or two for a hundred thousand attempts. */
export function fillHistory(
  file: string,
  { attempts, endMs, spanMs = 30 * 86_400_000, hosts = 200 }: HistoryShape,
): void {
  const database = new Database(file, { timeout: 10_000 });
  database.pragma('synchronous = OFF');
  database.pragma('foreign_keys = ON');
  const tasks = Math.ceil(attempts / 1.1);
  const parameters = { tasks, attempts, endMs, stepMs: Math.max(1, Math.floor(spanMs / tasks)), hosts };
  database.transaction(() => {
    database
      .prepare(
        `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < @tasks),
              made AS (SELECT n, @endMs - (@tasks - n) * @stepMs AS endedAtMs,
                              'host-' || (n * 7919 % CAST(@hosts AS INTEGER)) || '.example' AS site,
                              iif(n % 20 = 0, 'lighthouse_html', 'website_html') AS type,
                              CASE WHEN n % 25 = 3 THEN 'failed' WHEN n % 100 = 7 THEN 'cancelled' ELSE 'completed' END
                                AS status
                         FROM numbers)
         INSERT INTO tasks (id, type, lane, status, priority, attempts, maxAttempts, lastAttemptNumber, runAtMs, createdAtMs,
                            startedAtMs, finishedAtMs, durationMs, progressPercent, origin, url, site, payload, error, result)
         SELECT printf('%08x-%04x-7000-8000-%012x', endedAtMs / 65536, endedAtMs % 65536, n), type,
                iif(type = 'lighthouse_html', 'exclusive', 'page'), status, 5, 1, 3, 1 + (n % 10 = 0), endedAtMs - 2000,
                endedAtMs - 2000, endedAtMs - 1000 - n % 700, endedAtMs, 1000 + n % 700, 100, 'local',
                'https://' || site || '/page/' || n || '?from=history', site, '{"url":"https://' || site || '/page/' || n || '"}',
                iif(status = 'failed', '{"code":"page_timeout","class":"transient","message":"Too slow."}', NULL),
                CASE WHEN status <> 'completed' THEN NULL
                     WHEN type = 'lighthouse_html' THEN
                       '{"formFactor":"mobile","scores":{"performance":' || (n % 101) || ',"seo":null},"metrics":{"lcpMs":' || n || ',"cls":0.1}}'
                     ELSE '{"status":200,"title":"' || hex(zeroblob(300)) || '"}' END
           FROM made`,
      )
      .run(parameters);
    database
      .prepare(
        `INSERT INTO attempts (taskId, number, epoch, startedAtMs, finishedAtMs, durationMs, outcome, error, typeVersion,
                               type, url, site)
         SELECT id, lastAttemptNumber, 1, startedAtMs, finishedAtMs, durationMs, status, error, 1, type, url, site
           FROM tasks WHERE startedAtMs IS NOT NULL AND finishedAtMs IS NOT NULL
         UNION ALL
         SELECT id, 1, 1, startedAtMs - 900000, startedAtMs - 899000, 1000, 'failed',
                '{"code":"connection_failed","class":"transient","message":"No answer."}', 1, type, url, site
           FROM tasks WHERE lastAttemptNumber = 2`,
      )
      .run();
    database
      .prepare(
        `INSERT INTO pageScores (taskId, url, formFactor, atMs, scores, metrics)
         SELECT id, 'https://' || site || '/', 'mobile', finishedAtMs, json_extract(result, '$.scores'),
                json_extract(result, '$.metrics')
           FROM tasks WHERE type = 'lighthouse_html' AND status = 'completed'`,
      )
      .run();
  })();
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}
