import { z } from 'zod';
import { ERROR_CODES } from '../../protocol/error-table.ts';
import { blobReference, lane, taskError, type JsonObject, type TaskError } from '../../protocol/fields.ts';
import { formatAttemptId } from './attempt-id.ts';
import { damagedDatabase } from './store-error.ts';
import { attemptOutcome, taskOrigin, taskStatus, type Attempt, type Task, type TaskSummary } from './task.ts';

/** JSON in a text column, checked against what it must be. */
function jsonColumn<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const integer = z.number().int();

/** What comes out of JSON.parse is JSON all the way down: looking at each value again would cost more than parsing it. */
const parsedObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'is not an object',
);

/** An error that was stored once stays readable when its code is no longer in the table. */
const storedError = taskError.extend({ code: z.enum(ERROR_CODES).catch('internal') });

const taskSummaryRow = z.object({
  id: z.string(),
  type: z.string(),
  url: z.string(),
  lane,
  status: taskStatus,
  priority: integer,
  attempts: integer,
  maxAttempts: integer,
  progressPercent: integer,
  progressStage: z.string(),
  runAtMs: integer,
  createdAtMs: integer,
  startedAtMs: integer.nullable(),
  finishedAtMs: integer.nullable(),
  durationMs: integer.nullable(),
  origin: taskOrigin,
  workerId: z.string().nullable(),
  jobId: z.string().nullable(),
  leaseId: z.string().nullable(),
  leaseExpiresAtMs: integer.nullable(),
  uniqueKey: z.string().nullable(),
  error: jsonColumn(storedError).nullable(),
  claimedEpoch: integer.nullable(),
});

const taskRow = taskSummaryRow.extend({
  payload: jsonColumn(parsedObject),
  result: jsonColumn(parsedObject).nullable(),
});

const attemptRow = z.object({
  taskId: z.string(),
  number: integer,
  epoch: integer,
  startedAtMs: integer,
  finishedAtMs: integer,
  durationMs: integer,
  outcome: attemptOutcome,
  error: jsonColumn(storedError).nullable(),
  typeVersion: integer.nullable(),
});

/** The columns of a TaskSummary, for a SELECT. */
export const SUMMARY_COLUMNS = Object.keys(taskSummaryRow.shape).join(', ');
/** The columns of a Task, for a SELECT or RETURNING. */
export const TASK_COLUMNS = Object.keys(taskRow.shape).join(', ');
/** The columns of an Attempt without its blobs. */
export const ATTEMPT_COLUMNS = Object.keys(attemptRow.shape).join(', ');

/**
 * A row checked against its schema.
 * @throws StoreError `damaged_database` that names the row and the column
 */
export function parseRow<Schema extends z.ZodType>(
  schema: Schema,
  row: unknown,
  file: string,
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw damagedDatabase(file, `${what}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}

function nameOf(row: unknown, key: 'id' | 'taskId'): string {
  return typeof row === 'object' && row !== null && key in row ? String((row as Record<string, unknown>)[key]) : '?';
}

/** @throws StoreError `damaged_database` */
export function taskFromRow(row: unknown, file: string): Task {
  return parseRow(taskRow, row, file, `task ${nameOf(row, 'id')}`);
}

/** @throws StoreError `damaged_database` */
export function summaryFromRow(row: unknown, file: string): TaskSummary {
  return parseRow(taskSummaryRow, row, file, `task ${nameOf(row, 'id')}`);
}

/** @throws StoreError `damaged_database` */
export function attemptFromRow(row: unknown, file: string): Omit<Attempt, 'blobs'> {
  const attempt = parseRow(attemptRow, row, file, `attempt of task ${nameOf(row, 'taskId')}`);
  return { attemptId: formatAttemptId(attempt), ...attempt };
}

/** The blobs of an attempt, by task and number; each with a plus, without which SQLite compiles it anew for each call. */
export const BLOBS_SQL =
  'SELECT name, sha256, sizeBytes, contentType FROM attemptBlobs WHERE taskId = +? AND number = +? ORDER BY name';

/** Rows of `attemptBlobs`. */
export const blobRows = z.array(blobReference);

/** JSON columns of the outbox's view on a task. */
export const errorColumn = jsonColumn(storedError).nullable();
export const resultColumn = jsonColumn(parsedObject).nullable();

/** Longest message that taskError allows. */
const LONGEST_MESSAGE = 4_000;

/** A task error as it is stored. */
export function errorText(error: TaskError): string {
  return JSON.stringify({ ...error, message: error.message.slice(0, LONGEST_MESSAGE) });
}
