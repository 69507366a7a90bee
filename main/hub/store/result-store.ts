import type { Statement } from 'better-sqlite3';
import type { SubmittedResult } from '../blobs/inline-blobs.ts';
import type { Store } from './open-store.ts';

export interface ResultRow {
  attempt_id: string;
  job_sequence: number;
  lease_id: string;
  worker_id: string;
  type_version: number;
  outcome: 'completed' | 'failed';
  attempts: number;
  started_at_ms: number;
  finished_at_ms: number;
  duration_ms: number;
  received_at_ms: number;
  result: string | null;
  error: string | null;
}

export interface ResultBlobRow {
  name: string;
  sha256: string;
  size_bytes: number;
  content_type: string;
}

/** Recorded outcomes and the blobs that they name. */
export class ResultStore {
  readonly #insert: Statement;
  readonly #insertBlob: Statement;
  readonly #byAttempt: Statement<[string], ResultRow>;
  readonly #blobs: Statement<[string], ResultBlobRow>;
  readonly #blob: Statement<[string, string], ResultBlobRow>;
  readonly #isReferenced: Statement<[string]>;

  constructor(store: Store) {
    this.#insert = store.prepare(`
      INSERT INTO results (attempt_id, job_sequence, lease_id, worker_id, type_version, outcome, attempts,
        started_at_ms, finished_at_ms, duration_ms, received_at_ms, result, error)
      VALUES (@attemptId, @jobSequence, @leaseId, @workerId, @typeVersion, @outcome, @attempts,
        @startedAtMs, @finishedAtMs, @durationMs, @receivedAtMs, @result, @error)`);
    this.#insertBlob = store.prepare(`
      INSERT INTO result_blobs (attempt_id, position, name, sha256, size_bytes, content_type)
      VALUES (@attemptId, @position, @name, @sha256, @sizeBytes, @contentType)`);
    this.#byAttempt = store.prepare('SELECT * FROM results WHERE attempt_id = ?');
    this.#blobs = store.prepare(`
      SELECT name, sha256, size_bytes, content_type FROM result_blobs WHERE attempt_id = ? ORDER BY position`);
    this.#blob = store.prepare(`
      SELECT name, sha256, size_bytes, content_type FROM result_blobs WHERE attempt_id = ? AND name = ?`);
    this.#isReferenced = store.prepare('SELECT 1 FROM result_blobs WHERE sha256 = ? LIMIT 1');
  }

  insert(submitted: SubmittedResult, jobSequence: number, workerId: string, receivedAtMs: number): void {
    const { blobs, result, error, ...fields } = submitted;
    this.#insert.run({
      ...fields,
      jobSequence,
      workerId,
      receivedAtMs,
      result: result && JSON.stringify(result),
      error: error && JSON.stringify(error),
    });
    for (const [position, blob] of blobs.entries()) {
      this.#insertBlob.run({ ...blob, attemptId: submitted.attemptId, position });
    }
  }

  byAttempt(attemptId: string): ResultRow | undefined {
    return this.#byAttempt.get(attemptId);
  }

  blobs(attemptId: string): ResultBlobRow[] {
    return this.#blobs.all(attemptId);
  }

  blob(attemptId: string, name: string): ResultBlobRow | undefined {
    return this.#blob.get(attemptId, name);
  }

  isReferenced(sha256: string): boolean {
    return this.#isReferenced.get(sha256) !== undefined;
  }
}
