import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { brotliDecompress, createBrotliDecompress } from 'node:zlib';
import type { BlobEncoding } from '../../protocol/blobs.ts';

/** Up to this size a blob is decoded in memory; above it, through files, so that a bomb costs disk time, not memory. */
const IN_MEMORY_BYTES = 16 * 1024 * 1024;

const decompress = promisify(brotliDecompress);

/** The bytes of an upload do not decode, or decode to more than is allowed. */
export class BlobDecodeError extends Error {
  readonly tooLarge: boolean;

  constructor(tooLarge: boolean) {
    super(tooLarge ? 'The blob is larger than the limit.' : 'The bytes cannot be decoded.');
    this.name = 'BlobDecodeError';
    this.tooLarge = tooLarge;
  }
}

/**
 * Decodes a small upload.
 * @returns null when it is larger than `maxBytes`
 * @throws BlobDecodeError when it is not what its encoding says
 */
export async function decodeInMemory(
  encoded: Buffer,
  encoding: BlobEncoding,
  maxBytes: number = IN_MEMORY_BYTES,
): Promise<Buffer | null> {
  if (encoding === 'identity') return encoded;
  try {
    // Zero would mean that there is no limit.
    return await decompress(encoded, { maxOutputLength: Math.max(1, maxBytes) });
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return null;
    throw new BlobDecodeError(false);
  }
}

/**
 * Decodes a file into another and hashes what comes out.
 * @returns SHA-256 of the decoded bytes, lower-case hex
 * @throws BlobDecodeError
 */
export async function decodeFile(options: {
  from: string;
  to: string;
  encoding: BlobEncoding;
  maxBytes: number;
}): Promise<string> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const measure = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > options.maxBytes) throw new BlobDecodeError(true);
      hash.update(chunk);
      yield chunk;
    }
  };
  try {
    await pipeline(
      createReadStream(options.from),
      options.encoding === 'br' ? createBrotliDecompress() : new PassThrough(),
      measure,
      createWriteStream(options.to, { flags: 'wx', mode: 0o600, flush: true }),
    );
  } catch (error) {
    // Faults of the disk are not the sender's.
    if (error instanceof BlobDecodeError || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    throw new BlobDecodeError(false);
  }
  return hash.digest('hex');
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
