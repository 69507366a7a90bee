import { z } from 'zod';
import type { TaskError } from '../../protocol/fields.ts';
import { formatAttemptId } from '../queue/attempt-id.ts';
import { errorColumn, parseRow } from '../queue/rows.ts';
import type { AttemptKey } from './attempt-filter.ts';
import type { HistoryContext } from './history-context.ts';

/** An attempt in a list. */
export interface ListedAttempt extends AttemptKey {
  /** `<taskId>.<number>`. */
  attemptId: string;
  type: string;
  url: string;
  /** Host name of the URL. */
  site: string;
  origin: 'hub' | 'local';
  /** null while it runs. */
  durationMs: number | null;
  outcome: 'completed' | 'failed' | 'cancelled' | 'running';
  error: TaskError | null;
}

const integer = z.number().int();

const listedRow = z.object({
  taskId: z.string(),
  number: integer,
  startedAtMs: integer,
  durationMs: integer.nullable(),
  outcome: z.enum(['completed', 'failed', 'cancelled', 'running']),
  error: errorColumn,
  type: z.string(),
  url: z.string(),
  site: z.string(),
  origin: z.enum(['hub', 'local']),
});

/** Ended attempts by their key, whole. */
export const READ_ATTEMPT_SQL = `
  SELECT attempts.taskId, attempts.number, attempts.startedAtMs, attempts.durationMs, attempts.outcome, attempts.error,
         attempts.type, attempts.url, attempts.site, tasks.origin
    FROM attempts JOIN tasks ON tasks.id = attempts.taskId
   WHERE attempts.taskId = ? AND attempts.number = ?`;

/** The attempts that run; there are a few at most, and they stand in their tasks. */
export const RUNNING_SQL = `
  SELECT id AS taskId, lastAttemptNumber AS number, startedAtMs, NULL AS durationMs, 'running' AS outcome,
         NULL AS error, type, url, site, origin
    FROM tasks WHERE finishedAtMs IS NULL AND status = 'processing'`;

/** @throws StoreError `damaged_database` */
export function listedAttempt(row: unknown, { database }: HistoryContext): ListedAttempt {
  const attempt = parseRow(listedRow, row, database.name, 'a row of the history');
  return { attemptId: formatAttemptId(attempt), ...attempt };
}
