import type { BlobReference } from '../../protocol/fields.ts';

/** However much the hub would take: a call that breaks off is sent again from its beginning. */
const MOST_INLINE_BYTES = 1024 * 1024;

/**
 * Which blobs of a result travel within it rather than by calls of their own: the smallest ones, as many as fit.
 * @param maxBytes what the hub takes, uncompressed and together
 */
export function chooseInlineBlobs(blobs: readonly BlobReference[], maxBytes: number): ReadonlySet<BlobReference> {
  const chosen = new Set<BlobReference>();
  let leftBytes = Math.min(maxBytes, MOST_INLINE_BYTES);
  for (const blob of blobs.toSorted((one, other) => one.sizeBytes - other.sizeBytes)) {
    if (blob.sizeBytes > leftBytes) break;
    leftBytes -= blob.sizeBytes;
    chosen.add(blob);
  }
  return chosen;
}
