import { LegworkError } from '../../protocol/error-table.ts';
import type { InlineContent } from '../../protocol/blobs.ts';
import type { BlobReference } from '../../protocol/fields.ts';
import { submitResultResponse, type SubmitResultRequest } from '../../protocol/results.ts';
import type { DueResult } from '../queue/task.ts';
import { HubCallError } from '../server/hub-call-error.ts';
import type { HubClient } from '../server/hub-client.ts';
import type { BlobFolder } from './blob-folder.ts';
import { chooseInlineBlobs } from './choose-inline-blobs.ts';
import { encodeBlob, uploadBlob } from './upload-blob.ts';

/** How one delivery ended: the hub has it, or it will never take it. */
export type DeliveryEnd = { end: 'delivered' } | { end: 'refused'; code: string; message: string };

/** What the hub takes, as the last handshake said. */
export interface DeliveryLimits {
  /** Largest body of one part of a blob. */
  readonly maxChunkBytes: number;
  /** Largest blob, uncompressed. */
  readonly maxBlobBytes: number;
  /** Blobs that a result may carry itself, uncompressed and together; 0: none. */
  readonly maxInlineBlobBytes: number;
}

/**
 * Brings one finished result to the hub: its large blobs first, then the record with the small ones. Repeating it after
 * any break is safe.
 * @throws HubCallError when it should be tried again later; LegworkError when it can never be delivered as it is
 *   (`blob_missing`, `page_too_large`)
 */
export async function deliverResult(options: {
  client: HubClient;
  blobs: BlobFolder;
  due: DueResult;
  /** The version of a task type now, for results that were made without an execution. */
  typeVersion: (type: string) => number;
  limits: DeliveryLimits;
  signal: AbortSignal;
}): Promise<DeliveryEnd> {
  const { client, due, limits, signal } = options;
  // What has failed once goes in small steps: it may be the size that something on the way did not take.
  const inline = chooseInlineBlobs(due.blobs, due.tries === 0 ? limits.maxInlineBlobBytes : 0);
  try {
    const tooLarge = due.blobs.find((blob) => blob.sizeBytes > limits.maxBlobBytes);
    if (tooLarge !== undefined) {
      const detail = `Its part ${tooLarge.name} has ${tooLarge.sizeBytes} bytes; the hub takes ${limits.maxBlobBytes}.`;
      throw new LegworkError('page_too_large', detail);
    }
    const blobs: SubmitResultRequest['blobs'] = [];
    for (const blob of due.blobs) {
      const content = await options.blobs.read(blob.sha256, blob.sizeBytes);
      if (inline.has(blob)) blobs.push({ ...blob, content: await inlineContentOf(content, blob) });
      else {
        await uploadBlob({ client, signal, maxChunkBytes: limits.maxChunkBytes, blob, content });
        blobs.push(blob);
      }
    }
    const message = resultMessage(due, blobs, options.typeVersion);
    await client.post('/internal/results', message, submitResultResponse, { signal });
    return { end: 'delivered' };
  } catch (error) {
    return refusal(error, inline.size > 0);
  }
}

async function inlineContentOf(content: Buffer, { contentType }: BlobReference): Promise<InlineContent> {
  const { encoding, bytes } = await encodeBlob(content, contentType);
  return { encoding, base64: bytes.toString('base64') };
}

function resultMessage(
  due: DueResult,
  blobs: SubmitResultRequest['blobs'],
  typeVersion: (type: string) => number,
): SubmitResultRequest {
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
    blobs,
  };
}

/** What a failed call means for the delivery. @throws the error itself when it should be tried again */
function refusal(error: unknown, hasInlineBlobs: boolean): DeliveryEnd {
  if (!(error instanceof HubCallError) || error.failure !== 'refused') throw error;
  if (error.code === 'already_stored') return { end: 'delivered' };
  // The hub lost parts that it had, or got others than were sent: the next try uploads them again.
  if (error.code === 'blobs_missing' || error.code === 'blob_mismatch' || error.retryable) throw error;
  // The hub takes less than it said; the next try carries nothing.
  if (error.code === 'too_large' && hasInlineBlobs) throw error;
  // The identity was refused, not the result: it waits until the host has put that right.
  if (error.status === 401) throw error;
  return { end: 'refused', code: error.code, message: error.message };
}
