import type { BlobReference } from '../../protocol/fields.ts';
import type { SubmitResultRequest } from '../../protocol/results.ts';
import { HubRefusal } from '../refusal.ts';
import type { BlobFiles } from './blob-files.ts';

/** A submitted result as it is recorded: its blobs are names only. */
export type SubmittedResult = Omit<SubmitResultRequest, 'blobs'> & { readonly blobs: readonly BlobReference[] };

/**
 * Stores the blobs that a result carries itself, before it is recorded.
 * @returns the result without them, and how many encoded bytes they were
 * @throws HubRefusal `too_large` when they are more than `maxBytes` together, `blob_mismatch`
 */
export async function storeInlineBlobs(
  files: BlobFiles,
  { blobs, ...result }: SubmitResultRequest,
  maxBytes: number,
): Promise<{ submitted: SubmittedResult; storedBytes: number }> {
  let carriedBytes = 0;
  for (const { content, sizeBytes } of blobs) if (content !== undefined) carriedBytes += sizeBytes;
  if (carriedBytes > maxBytes) {
    throw new HubRefusal('too_large', 'The result carries more blobs than this hub takes.', { limitBytes: maxBytes });
  }
  let storedBytes = 0;
  const storing = blobs.map(async ({ content, ...reference }) => {
    if (content !== undefined) {
      const encoded = Buffer.from(content.base64, 'base64');
      storedBytes += encoded.byteLength;
      await files.store(reference, content.encoding, encoded);
    }
    return reference;
  });
  // All of them, so that nothing is still being written when a refusal is answered.
  await Promise.allSettled(storing);
  return { submitted: { ...result, blobs: await Promise.all(storing) }, storedBytes };
}
