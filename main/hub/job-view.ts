import { z } from 'zod';
import {
  blobReference,
  identifier,
  jsonObject,
  progress,
  taskError,
  taskTypeName,
  unixMs,
} from '../protocol/fields.ts';
import { maskSealed } from '../protocol/payload-vault.ts';
import { jobStatus, readJsonObject, readTaskError, type JobRow } from './store/job-rows.ts';
import type { ResultBlobRow, ResultRow } from './store/result-store.ts';

/** A job as operators read it. */
export const jobView = z.object({
  id: identifier,
  type: taskTypeName,
  payload: jsonObject.describe('With the defaults of its type filled in; *** for cookies, basicAuth and extraHeaders.'),
  status: jobStatus,
  priority: z.number().int(),
  attempts: z.number().int().describe('Executions so far.'),
  maxAttempts: z.number().int(),
  progress,
  uniqueKey: z.string().nullable(),
  webhookUrl: z.string().nullable(),
  runAtMs: unixMs,
  createdAtMs: unixMs,
  startedAtMs: unixMs.nullable().describe('When it was first handed out.'),
  finishedAtMs: unixMs.nullable(),
  workerId: identifier.nullable().describe('Whoever has it, or had it last.'),
  error: taskError.nullable(),
});
export type JobView = z.infer<typeof jobView>;

/** A row as operators read it. */
export function toJobView(row: JobRow): JobView {
  return {
    id: row.id,
    type: row.type,
    payload: maskSealed(readJsonObject(row.payload)),
    status: row.status,
    priority: row.priority,
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    progress: { percent: row.progress_percent, stage: row.progress_stage },
    uniqueKey: row.unique_key,
    webhookUrl: row.webhook_url,
    runAtMs: row.run_at_ms,
    createdAtMs: row.created_at_ms,
    startedAtMs: row.started_at_ms,
    finishedAtMs: row.finished_at_ms,
    workerId: row.worker_id,
    error: readTaskError(row.error),
  };
}

/** The outcome of a job as operators read it. */
export const resultView = z.object({
  jobId: identifier,
  attemptId: identifier,
  workerId: identifier,
  type: taskTypeName,
  typeVersion: z.number().int(),
  outcome: z.enum(['completed', 'failed']),
  attempts: z.number().int(),
  startedAtMs: unixMs,
  finishedAtMs: unixMs,
  durationMs: z.number().int(),
  receivedAtMs: unixMs,
  result: jsonObject.nullable(),
  error: taskError.nullable(),
  blobs: z.array(blobReference.extend({ url: z.string().describe('Path on this hub.') })),
});
export type ResultView = z.infer<typeof resultView>;

/** A recorded outcome as operators read it. */
export function toResultView(job: JobRow, row: ResultRow, blobs: ResultBlobRow[]): ResultView {
  return {
    jobId: job.id,
    attemptId: row.attempt_id,
    workerId: row.worker_id,
    type: job.type,
    typeVersion: row.type_version,
    outcome: row.outcome,
    attempts: row.attempts,
    startedAtMs: row.started_at_ms,
    finishedAtMs: row.finished_at_ms,
    durationMs: row.duration_ms,
    receivedAtMs: row.received_at_ms,
    result: row.result === null ? null : readJsonObject(row.result),
    error: readTaskError(row.error),
    blobs: blobs.map((blob) => ({
      name: blob.name,
      sha256: blob.sha256,
      sizeBytes: blob.size_bytes,
      contentType: blob.content_type,
      url: `/api/jobs/${job.id}/blobs/${blob.name}`,
    })),
  };
}
