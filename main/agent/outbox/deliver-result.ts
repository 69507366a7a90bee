import { LegworkError } from '../../protocol/error-table.ts';
import { submitResultResponse, type SubmitResultRequest } from '../../protocol/results.ts';
import type { DueResult } from '../queue/task.ts';
import { HubCallError } from '../server/hub-call-error.ts';
import type { HubClient } from '../server/hub-client.ts';
import type { BlobFolder } from './blob-folder.ts';
import { uploadBlob } from './upload-blob.ts';

/** How one delivery ended: the hub has it, or it will never take it. */
export type DeliveryEnd = { end: 'delivered' } | { end: 'refused'; code: string; message: string };

/**
 * Brings one finished result to the hub: its blobs first, then the record. Repeating it after any break is safe.
 * @throws HubCallError when it should be tried again later; LegworkError when it can never be delivered as it is
 *   (`blob_missing`, `page_too_large`)
 */
export async function deliverResult(options: {
  client: HubClient;
  blobs: BlobFolder;
  due: DueResult;
  /** The version of a task type now, for results that were made without an execution. */
  typeVersion: (type: string) => number;
  maxChunkBytes: number;
  maxBlobBytes: number;
  signal: AbortSignal;
}): Promise<DeliveryEnd> {
  const { due } = options;
  try {
    const tooLarge = due.blobs.find((blob) => blob.sizeBytes > options.maxBlobBytes);
    if (tooLarge !== undefined) {
      const detail = `Its part ${tooLarge.name} has ${tooLarge.sizeBytes} bytes; the hub takes ${options.maxBlobBytes}.`;
      throw new LegworkError('page_too_large', detail);
    }
    for (const blob of due.blobs) {
      const content = await options.blobs.read(blob.sha256, blob.sizeBytes);
      await uploadBlob({ ...options, blob, content });
    }
    const message = resultMessage(due, options.typeVersion);
    await options.client.post('/internal/results', message, submitResultResponse, { signal: options.signal });
    return { end: 'delivered' };
  } catch (error) {
    return refusal(error);
  }
}

/** The body of the submission. */
export function resultMessage(due: DueResult, typeVersion: (type: string) => number): SubmitResultRequest {
  const { attemptId, leaseId, jobId, type, attempts, outcome, startedAtMs, finishedAtMs, durationMs } = due;
  return {
    leaseId,
    jobId,
    attemptId,
    type,
    typeVersion: due.typeVersion ?? typeVersion(type),
    attempts,
    outcome,
    startedAtMs,
    finishedAtMs,
    durationMs,
    result: due.result,
    error: due.error,
    blobs: due.blobs,
  };
}

/** What a failed call means for the delivery. @throws the error itself when it should be tried again */
function refusal(error: unknown): DeliveryEnd {
  if (!(error instanceof HubCallError) || error.failure !== 'refused') throw error;
  if (error.code === 'already_stored') return { end: 'delivered' };
  // The hub lost parts that it had, or got others than were sent: the next try uploads them again.
  if (error.code === 'blobs_missing' || error.code === 'blob_mismatch' || error.retryable) throw error;
  // The identity was refused, not the result: it waits until the host has put that right.
  if (error.status === 401) throw error;
  return { end: 'refused', code: error.code, message: error.message };
}
