import { z } from 'zod';
import { jsonObject, taskError, type JsonObject, type Lane, type TaskError } from '../../protocol/fields.ts';

export const JOB_STATUSES = ['pending', 'processing', 'completed', 'failed', 'cancelled'] as const;
export const jobStatus = z.enum(JOB_STATUSES);
export type JobStatus = z.infer<typeof jobStatus>;

/** A row of `jobs`, as STRICT tables and their checks guarantee it. */
export interface JobRow {
  sequence: number;
  id: string;
  type: string;
  lane: Lane;
  payload: string;
  status: JobStatus;
  /** 0 while a pending job waits for its time to run. */
  ready: 0 | 1;
  priority: number;
  attempts: number;
  max_attempts: number;
  run_at_ms: number;
  created_at_ms: number;
  started_at_ms: number | null;
  finished_at_ms: number | null;
  unique_key: string | null;
  webhook_url: string | null;
  progress_percent: number;
  progress_stage: string;
  /** The latest lease, open or ended; its holder may still deliver while nobody else has the job. */
  lease_id: string | null;
  /** Whoever has or had the latest lease. */
  worker_id: string | null;
  result_attempt_id: string | null;
  error: string | null;
}

export const FINAL_STATUSES = ['completed', 'failed', 'cancelled'] as const satisfies readonly JobStatus[];

/** A job that is final changes no more, unless an operator retries it. */
export function isFinal(status: JobStatus): boolean {
  return FINAL_STATUSES.some((final) => final === status);
}

/** @throws ZodError when the database holds something that no hub wrote */
export function readJsonObject(text: string): JsonObject {
  return jsonObject.parse(JSON.parse(text));
}

/** @throws ZodError when the database holds something that no hub wrote */
export function readTaskError(text: string | null): TaskError | null {
  return text === null ? null : taskError.parse(JSON.parse(text));
}
