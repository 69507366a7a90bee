import { z } from 'zod';
import {
  identifier,
  jsonObject,
  lane,
  maxAttempts,
  priority,
  taskTypeName,
  unixMs,
  type BlobReference,
  type JsonObject,
  type Lane,
  type Progress,
  type TaskError,
} from '../../protocol/fields.ts';

/** Times are Unix milliseconds throughout; `null` stands for "not (yet)". */

export const TASK_STATUSES = ['pending', 'processing', 'completed', 'failed', 'cancelled'] as const;
export const taskStatus = z.enum(TASK_STATUSES);
/** `pending → processing → completed | failed | cancelled`; a task that waits for its retry is `pending`. */
export type TaskStatus = z.infer<typeof taskStatus>;

export const taskOrigin = z.enum(['hub', 'local']);
/** `hub`: made from a leased job, its end goes to the outbox. `local`: the host's own. */
export type TaskOrigin = z.infer<typeof taskOrigin>;

/** What a caller says of a new task; its payload has been checked against the task type already. */
export const newTask = z
  .object({
    type: taskTypeName,
    url: z.string().max(100_000),
    payload: jsonObject,
    lane,
    priority: priority.default(5),
    maxAttempts: maxAttempts.default(3),
    runAtMs: unixMs.optional().describe('Not before this time; default now.'),
    uniqueKey: z.string().min(1).max(500).nullable().default(null),
    origin: taskOrigin.default('local'),
    workerId: identifier.nullable().default(null),
    jobId: identifier.nullable().default(null),
    leaseId: identifier.nullable().default(null),
    leaseExpiresAtMs: unixMs.nullable().default(null),
  })
  .refine((task) => (task.origin === 'hub') === (task.leaseId !== null && task.jobId !== null), {
    message: 'a task of the hub has a lease and a job, a local one has neither',
    path: ['leaseId'],
  });
export type NewTask = z.input<typeof newTask>;

/** One unit of work as it is stored. */
export interface Task {
  /** A UUID of version 7 (RFC 9562): sorts by time of creation. */
  id: string;
  type: string;
  url: string;
  payload: JsonObject;
  lane: Lane;
  status: TaskStatus;
  /** 1 is the most urgent, 10 the least. */
  priority: number;
  /** Executions that count against `maxAttempts`; the one that runs now is included. */
  attempts: number;
  maxAttempts: number;
  progressPercent: number;
  progressStage: string;
  runAtMs: number;
  createdAtMs: number;
  /** Start of the latest attempt. */
  startedAtMs: number | null;
  finishedAtMs: number | null;
  /** How long the latest attempt took. */
  durationMs: number | null;
  origin: TaskOrigin;
  workerId: string | null;
  jobId: string | null;
  leaseId: string | null;
  leaseExpiresAtMs: number | null;
  uniqueKey: string | null;
  /** Of the latest attempt, also while a retry is waited for. */
  error: TaskError | null;
  result: JsonObject | null;
  claimedEpoch: number | null;
}

/** A task in a list: without the parts that may be large. */
export type TaskSummary = Omit<Task, 'payload' | 'result'>;

export const attemptOutcome = z.enum(['completed', 'failed', 'cancelled']);
/** How an attempt ended. One that was interrupted by a stop is `cancelled` with the code `shutdown`. */
export type AttemptOutcome = z.infer<typeof attemptOutcome>;

/** One execution of a task. */
export interface Attempt {
  /** `<taskId>.<number>`. */
  attemptId: string;
  taskId: string;
  /** 1, 2, … in the order of execution; goes on over retries by hand. */
  number: number;
  epoch: number;
  startedAtMs: number;
  finishedAtMs: number | null;
  durationMs: number | null;
  /** null while it runs. */
  outcome: AttemptOutcome | null;
  error: TaskError | null;
  /** Version of the task type that made the result, where the executor said so. */
  typeVersion: number | null;
  blobs: BlobReference[];
}

export interface TaskWithAttempts extends Task {
  attemptHistory: Attempt[];
}

export interface EnqueuedTask {
  task: Task;
  /** false: a task with this uniqueKey or lease was there already, and this is it. */
  created: boolean;
}

/** A task that was taken to be executed now. */
export interface ClaimedTask {
  task: Task;
  attemptId: string;
  /** Number of this attempt. */
  number: number;
}

/** What became of a failed attempt. `ignored`: the task was no longer running under this attempt. */
export type FailureDecision = { kind: 'retry'; runAtMs: number } | { kind: 'final' } | { kind: 'ignored' };

/** A task that was found running although nobody ran it, and what became of it. */
export interface RecoveredTask {
  taskId: string;
  attemptId: string;
  leaseId: string | null;
  decision: Exclude<FailureDecision, { kind: 'ignored' }>;
}

/** What was stopped by a cancellation: `attemptId` is the execution to abort, null when the task was only waiting. */
export interface StoppedTask {
  taskId: string;
  attemptId: string | null;
}

/** A lease that the agent answers for: its task waits, runs, or has a result that the hub has not confirmed. */
export interface HeldLease {
  leaseId: string;
  taskId: string;
  state: 'queued' | 'running' | 'delivering';
  /** Only while running. */
  progress?: Progress;
  /** Of the running attempt or of the unsent result. */
  attemptId: string | null;
}

export interface ProgressEntry extends Progress {
  attemptId: string;
}

/** A finished result that the hub has not confirmed: everything of SubmitResultRequest. */
export interface DueResult {
  attemptId: string;
  taskId: string;
  leaseId: string;
  jobId: string;
  type: string;
  /** null: it was not said, or no attempt was made; use the task type's present version. */
  typeVersion: number | null;
  /** Executions that the lease took. */
  attempts: number;
  outcome: 'completed' | 'failed';
  startedAtMs: number;
  finishedAtMs: number;
  durationMs: number;
  result: JsonObject | null;
  error: TaskError | null;
  blobs: BlobReference[];
  createdAtMs: number;
  /** Deliveries that failed so far. */
  tries: number;
  lastError: string | null;
}

export interface TaskFilter {
  status?: TaskStatus;
  type?: string;
  /** Part of the URL, upper and lower case alike. */
  text?: string;
  /** Created at this time or later. */
  fromMs?: number;
  /** Created before this time. */
  toMs?: number;
  origin?: TaskOrigin;
}

export interface TaskPage {
  tasks: TaskSummary[];
  /** null: there are no more. A page may be shorter than asked for, even empty, and still have a next one. */
  nextCursor: string | null;
}

export interface QueueStatistics {
  total: number;
  byStatus: Record<TaskStatus, number>;
  byType: Record<string, Record<TaskStatus, number>>;
  /** When the longest waiting task was created. */
  oldestPendingAtMs: number | null;
  completedLastHour: number;
  failedLastHour: number;
  outboxWaiting: number;
}

/** What a round of cleaning up did. */
export interface CleanUpReport {
  deletedTasks: number;
  /** Transactions that it took. */
  chunks: number;
  /** Most rows of `tasks` that one transaction deleted. */
  largestChunk: number;
  freedPages: number;
}
