import type { Statement } from 'better-sqlite3';
import type { Lane, Progress, TaskError } from '../../protocol/fields.ts';
import type { JobRow, JobStatus } from './job-rows.ts';
import type { Store } from './open-store.ts';

/** What is stored of a job that an operator just asked for. */
export interface NewJob {
  id: string;
  type: string;
  lane: Lane;
  /** JSON of the parsed payload. */
  payload: string;
  priority: number;
  maxAttempts: number;
  runAtMs: number;
  uniqueKey: string | null;
  webhookUrl: string | null;
}

/** Where a job stands in the order of being handed out. */
export interface ReadyJob {
  sequence: number;
  id: string;
  type: string;
  payload: string;
  priority: number;
  attempts: number;
  max_attempts: number;
}

// The plus keeps SQLite from looking at the type when it plans, and from compiling the statement anew for each call.
export const READY_OF_TYPE = `
  SELECT sequence, id, type, payload, priority, attempts, max_attempts FROM jobs
  WHERE status = 'pending' AND ready = 1 AND type = +? ORDER BY priority, sequence LIMIT 1`;

export const OLDEST_READY = `
  SELECT created_at_ms AS createdAtMs FROM jobs INDEXED BY jobs_waiting
  WHERE status = 'pending' AND ready = 1 ORDER BY created_at_ms LIMIT 1`;

export const NEXT_SCHEDULED = `
  SELECT run_at_ms AS runAtMs FROM jobs INDEXED BY jobs_scheduled
  WHERE status = 'pending' AND ready = 0 ORDER BY run_at_ms LIMIT 1`;

// Without being told, the planner would walk all pending jobs by another index.
export const MAKE_READY = `
  UPDATE jobs INDEXED BY jobs_scheduled SET ready = 1 WHERE status = 'pending' AND ready = 0 AND run_at_ms <= ?`;

// No job ends before it is made: so the index bounds the search, and no other is needed for what is seldom asked.
export const ENDED_BEFORE = `
  SELECT * FROM jobs WHERE status = @status AND created_at_ms < @endedBeforeMs AND finished_at_ms < @endedBeforeMs
  ORDER BY created_at_ms, sequence LIMIT @limit`;

/** One statement a change of a job. No rules here: `work/` decides what may change into what. */
export class JobStore {
  readonly #insert: Statement;
  readonly #byId: Statement<[string], JobRow>;
  readonly #bySequence: Statement<[number], JobRow>;
  readonly #byUniqueKey: Statement<[string], JobRow>;
  readonly #readyOfType: Statement<[string], ReadyJob>;
  readonly #lease: Statement;
  readonly #return: Statement;
  readonly #revive: Statement;
  readonly #finish: Statement;
  readonly #reset: Statement;
  readonly #progress: Statement;
  readonly #remove: Statement;
  readonly #makeReady: Statement;
  readonly #nextScheduled: Statement<[], { runAtMs: number }>;
  readonly #counts: Statement<[], { type: string; status: JobStatus; count: number }>;
  readonly #oldestReady: Statement<[], { createdAtMs: number }>;
  readonly #endedBefore: Statement<unknown[], JobRow>;

  constructor(store: Store) {
    this.#insert = store.prepare(`
      INSERT INTO jobs (id, type, lane, payload, status, ready, priority, max_attempts, run_at_ms, created_at_ms,
        unique_key, webhook_url)
      VALUES (@id, @type, @lane, @payload, 'pending', @ready, @priority, @maxAttempts, @runAtMs, @nowMs,
        @uniqueKey, @webhookUrl)`);
    this.#byId = store.prepare('SELECT * FROM jobs WHERE id = ?');
    this.#bySequence = store.prepare('SELECT * FROM jobs WHERE sequence = ?');
    this.#byUniqueKey = store.prepare('SELECT * FROM jobs WHERE unique_key = ?');
    this.#readyOfType = store.prepare(READY_OF_TYPE);
    this.#lease = store.prepare(`
      UPDATE jobs SET status = 'processing', lease_id = @leaseId, worker_id = @workerId, progress_percent = 0,
        progress_stage = '', started_at_ms = coalesce(started_at_ms, @nowMs) WHERE sequence = @sequence`);
    this.#return = store.prepare(`
      UPDATE jobs SET status = 'pending', ready = 1, attempts = @attempts, progress_percent = 0, progress_stage = ''
      WHERE sequence = @sequence`);
    this.#revive = store.prepare(`
      UPDATE jobs SET status = 'processing', attempts = max(0, attempts - 1) WHERE sequence = @sequence`);
    this.#finish = store.prepare(`
      UPDATE jobs SET status = @status, attempts = @attempts, finished_at_ms = @nowMs, error = @error,
        result_attempt_id = @resultAttemptId, progress_percent = iif(@status = 'completed', 100, progress_percent)
      WHERE sequence = @sequence`);
    this.#reset = store.prepare(`
      UPDATE jobs SET status = 'pending', ready = 1, attempts = 0, run_at_ms = @nowMs, started_at_ms = NULL,
        finished_at_ms = NULL, lease_id = NULL, worker_id = NULL, result_attempt_id = NULL, error = NULL,
        progress_percent = 0, progress_stage = '' WHERE sequence = @sequence`);
    this.#progress = store.prepare(`
      UPDATE jobs SET progress_percent = @percent, progress_stage = @stage WHERE sequence = @sequence`);
    this.#remove = store.prepare('DELETE FROM jobs WHERE sequence = ?');
    this.#makeReady = store.prepare(MAKE_READY);
    this.#nextScheduled = store.prepare(NEXT_SCHEDULED);
    this.#counts = store.prepare('SELECT type, status, count FROM job_counts WHERE count > 0');
    this.#oldestReady = store.prepare(OLDEST_READY);
    this.#endedBefore = store.prepare(ENDED_BEFORE);
  }

  insert(job: NewJob, nowMs: number): void {
    this.#insert.run({ ...job, nowMs, ready: job.runAtMs <= nowMs ? 1 : 0 });
  }

  byId(id: string): JobRow | undefined {
    return this.#byId.get(id);
  }

  bySequence(sequence: number): JobRow | undefined {
    return this.#bySequence.get(sequence);
  }

  byUniqueKey(uniqueKey: string): JobRow | undefined {
    return this.#byUniqueKey.get(uniqueKey);
  }

  /** The job of this type that is next in line: the most urgent, of those the oldest. */
  readyOfType(type: string): ReadyJob | undefined {
    return this.#readyOfType.get(type);
  }

  lease(sequence: number, leaseId: string, workerId: string, nowMs: number): void {
    this.#lease.run({ sequence, leaseId, workerId, nowMs });
  }

  /** Back to where it stood in the queue. */
  returnToQueue(sequence: number, attempts: number): void {
    this.#return.run({ sequence, attempts });
  }

  /** Undoes an expiry, the counted attempt included: the holder of the lease has come back in time. */
  revive(sequence: number): void {
    this.#revive.run({ sequence });
  }

  finish(
    sequence: number,
    outcome: { status: JobStatus; attempts: number; error: TaskError | null; resultAttemptId: string | null },
    nowMs: number,
  ): void {
    this.#finish.run({ sequence, ...outcome, error: outcome.error && JSON.stringify(outcome.error), nowMs });
  }

  /** As if it had just been asked for, but with its old place in the queue. */
  reset(sequence: number, nowMs: number): void {
    this.#reset.run({ sequence, nowMs });
  }

  progress(sequence: number, progress: Progress): void {
    this.#progress.run({ sequence, ...progress });
  }

  remove(sequence: number): void {
    this.#remove.run(sequence);
  }

  /** Jobs that ended so before a time, in the order of their making. */
  endedBefore(status: JobStatus, endedBeforeMs: number, limit: number): JobRow[] {
    return this.#endedBefore.all({ status, endedBeforeMs, limit });
  }

  /** @returns how many scheduled jobs became ready */
  makeReady(nowMs: number): number {
    return this.#makeReady.run(nowMs).changes;
  }

  nextScheduledAtMs(): number | null {
    return this.#nextScheduled.get()?.runAtMs ?? null;
  }

  counts(): { type: string; status: JobStatus; count: number }[] {
    return this.#counts.all();
  }

  /** Of the jobs that could be handed out now; those that are scheduled for later do not wait. */
  oldestPendingCreatedAtMs(): number | null {
    return this.#oldestReady.get()?.createdAtMs ?? null;
  }
}
