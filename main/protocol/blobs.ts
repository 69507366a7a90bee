import { z } from 'zod';
import { byteCount } from './fields.ts';

/** How a blob's bytes are encoded in transit: as they are, or Brotli (RFC 7932). Hashes are of the decoded bytes. */
export const blobEncoding = z.enum(['identity', 'br']);
export type BlobEncoding = z.infer<typeof blobEncoding>;

/** A number as it stands in a query; an empty text is not 0. */
const wholeNumberText = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number);

/**
 * The query of `PUT /internal/blobs/{sha256}`; the body is the encoded bytes from `offset` on. All of it is in the
 * signed request line, so that no header decides where bytes go.
 */
export const putBlobQuery = z.object({
  offset: wholeNumberText.pipe(byteCount).describe('Position of the first byte of the body in the encoded blob.'),
  total: wholeNumberText.pipe(byteCount).describe('Size of the whole encoded blob.'),
  encoding: blobEncoding,
});
export type PutBlobQuery = z.infer<typeof putBlobQuery>;

/** Status 200 (`stored`) or 202 (`partial`). `416 offset_mismatch` says in `details.offset` where to go on. */
export const putBlobResponse = z.object({
  status: z.enum(['stored', 'partial']),
  offset: byteCount.describe('Encoded bytes that the hub has now.'),
});
export type PutBlobResponse = z.infer<typeof putBlobResponse>;

/** A blob's bytes within the result that names it, for a hub whose handshake said that it takes them so. */
export const inlineContent = z.object({
  encoding: blobEncoding,
  base64: z.string().describe('The encoded bytes in Base64 (RFC 4648, section 4).'),
});
export type InlineContent = z.infer<typeof inlineContent>;

/** Path and query of the PUT of a part of a blob. */
export function blobPath(sha256: string, query: PutBlobQuery): string {
  return `/internal/blobs/${sha256}?offset=${query.offset}&total=${query.total}&encoding=${query.encoding}`;
}

/** `GET /internal/blobs/{sha256}?encoding=`: how much of a blob the hub has, asked before a large upload. */
export const blobStatusResponse = z.object({
  status: z.enum(['stored', 'partial', 'absent']),
  offset: byteCount.describe('Where an upload in this encoding goes on; the size of a stored blob.'),
});
