import { assertNever } from '../../protocol/assert-never.ts';
import { LegworkError } from '../../protocol/error-table.ts';
import { formatAttemptId } from './attempt-id.ts';
import {
  ATTEMPT_COLUMNS,
  attemptFromRow,
  BLOBS_SQL,
  blobRows,
  parseRow,
  SUMMARY_COLUMNS,
  summaryFromRow,
  TASK_COLUMNS,
  taskFromRow,
} from './rows.ts';
import { explained, type StoreContext } from './store-context.ts';
import type { Attempt, Task, TaskFilter, TaskPage, TaskStatus, TaskSummary, TaskWithAttempts } from './task.ts';

/** Rows that one page looks at when it searches; a search of a long history goes on with the next page. */
const SCAN_LIMIT = 10_000;

interface ScannedRow {
  sequence: number;
  createdAtMs: number;
  fits: number;
}

/** What a status is searched by: an index of its own, or row by row among all tasks, of which most have completed. */
function searchOfStatus(status: TaskStatus): { index: string; condition: string } | null {
  switch (status) {
    case 'pending':
    case 'processing':
      return { index: 'tasks_live', condition: `finishedAtMs IS NULL AND status = '${status}'` };
    case 'failed':
    case 'cancelled':
      return {
        index: 'tasks_not_completed',
        condition: `status IN ('failed', 'cancelled') AND status = '${status}'`,
      };
    case 'completed':
      return null;
    default:
      return assertNever(status);
  }
}

/**
 * The statement that finds a page, newest first. What an index can answer (status or type, time, cursor) limits the
 * search; the rest is looked at row by row. Plans are asserted by a test.
 */
export function listSql(filter: TaskFilter): string {
  const ofStatus = filter.status === undefined ? null : searchOfStatus(filter.status);
  const searched: string[] = ['createdAtMs >= @fromMs', 'createdAtMs < @toMs'];
  const checked: string[] = [];
  if (ofStatus !== null) searched.push(ofStatus.condition);
  else if (filter.status !== undefined) checked.push('status = @status');
  if (filter.type !== undefined) (ofStatus === null ? searched : checked).push('type = @type');
  if (filter.origin !== undefined) checked.push('origin = @origin');
  if (filter.text !== undefined) checked.push(`url LIKE @pattern ESCAPE '\\'`);
  return `
    SELECT sequence, createdAtMs, ${checked.length === 0 ? '1' : checked.join(' AND ')} AS fits
      FROM tasks ${ofStatus === null ? '' : `INDEXED BY ${ofStatus.index}`}
     WHERE ${searched.join(' AND ')} AND (createdAtMs, sequence) < (@cursorMs, @cursorSequence)
     ORDER BY createdAtMs DESC, sequence DESC
     LIMIT ${SCAN_LIMIT}`;
}

/** Reading single tasks and lists. */
export function prepareReadTasks(context: StoreContext) {
  const { database } = context;
  const file = database.name;
  const readTask = database.prepare<[string]>(`SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?`);
  const readAttempts = database.prepare<[string]>(
    `SELECT ${ATTEMPT_COLUMNS} FROM attempts WHERE taskId = ? ORDER BY number`,
  );
  const readBlobs = database.prepare<[string, number]>(BLOBS_SQL);
  const readRunning = database
    .prepare<[string], number>(`SELECT lastAttemptNumber FROM tasks WHERE id = ? AND status = 'processing'`)
    .pluck();
  const readSummary = database.prepare<[number]>(`SELECT ${SUMMARY_COLUMNS} FROM tasks WHERE sequence = ?`);

  const get = (id: string): TaskWithAttempts | null => {
    const row = readTask.get(id);
    if (row === undefined) return null;
    const task = taskFromRow(row, file);
    const attemptHistory = readAttempts.all(id).map((attemptRow): Attempt => {
      const attempt = attemptFromRow(attemptRow, file);
      const blobs = readBlobs.all(id, attempt.number);
      return { ...attempt, blobs: parseRow(blobRows, blobs, file, `blobs of ${attempt.attemptId}`) };
    });
    const number = readRunning.get(id);
    return {
      ...task,
      attemptHistory: number === undefined ? attemptHistory : [...attemptHistory, running(task, number)],
    };
  };

  const list = (filter: TaskFilter, cursor: string | null, limit: number): TaskPage => {
    const start = cursor === null ? { ms: Number.MAX_SAFE_INTEGER, sequence: 0 } : parseCursor(cursor);
    const rows = database.prepare<unknown[], ScannedRow>(listSql(filter)).iterate({
      ...filter,
      fromMs: filter.fromMs ?? 0,
      toMs: filter.toMs ?? Number.MAX_SAFE_INTEGER,
      pattern: `%${(filter.text ?? '').replace(/[\\%_]/g, String.raw`\$&`)}%`,
      cursorMs: start.ms,
      cursorSequence: start.sequence,
    });
    const found: ScannedRow[] = [];
    let scanned = 0;
    let last: ScannedRow | null = null;
    for (const row of rows) {
      scanned += 1;
      last = row;
      if (row.fits === 1) found.push(row);
      if (found.length === limit) break;
    }
    const complete = found.length < limit && scanned < SCAN_LIMIT;
    const tasks = found.map(({ sequence }): TaskSummary => summaryFromRow(readSummary.get(sequence), file));
    return { tasks, nextCursor: complete || last === null ? null : `${last.createdAtMs}.${last.sequence}` };
  };

  return {
    get: (id: string): TaskWithAttempts | null => explained(context, () => database.transaction(get)(id)),
    list: (filter: TaskFilter, cursor: string | null, limit: number): TaskPage =>
      explained(context, () => database.transaction(list)(filter, cursor, limit)),
  };
}

/** The attempt that has not ended yet; it stands in its task. */
function running(task: Task, number: number): Attempt {
  return {
    attemptId: formatAttemptId({ taskId: task.id, number }),
    taskId: task.id,
    number,
    epoch: task.claimedEpoch ?? 0,
    startedAtMs: task.startedAtMs ?? 0,
    finishedAtMs: null,
    durationMs: null,
    outcome: null,
    error: null,
    typeVersion: null,
    blobs: [],
  };
}

/** @throws LegworkError `invalid_payload` */
function parseCursor(text: string): { ms: number; sequence: number } {
  const match = /^(\d{1,16})\.(\d{1,16})$/.exec(text);
  if (match === null)
    throw new LegworkError('invalid_payload', `cursor: ${JSON.stringify(text)} is not one of a list.`);
  return { ms: Number(match[1]), sequence: Number(match[2]) };
}
