import { createHash } from 'node:crypto';
import { brotliDecompressSync } from 'node:zlib';
import { submitResultRequest } from '../../../main/protocol/results.ts';
import type { Answer, SeenRequest } from '../server/signed-server.ts';

const MISMATCH: Answer = { status: 422, body: { error: { code: 'blob_mismatch', message: 'other bytes' } } };

/** A hub's two routes in memory: what it has of each blob, and the results that it took. */
export class BlobsAndResults {
  readonly partial = new Map<string, Buffer>();
  readonly stored = new Map<string, Buffer>();
  /** Names of the blobs that came by PUT, a line a part. */
  readonly puts: string[] = [];
  readonly results: { attemptId: string; outcome: string }[] = [];
  /** Consulted first; an answer from here stands in for the real one. */
  interfere: (request: SeenRequest) => Answer | undefined = () => undefined;

  answer(request: SeenRequest): Answer {
    if (!request.genuine) return { status: 401, secret: null };
    const other = this.interfere(request);
    if (other !== undefined) return other;
    const url = new URL(request.pathAndQuery, 'http://hub');
    if (url.pathname === '/internal/results') return this.record(request);
    const sha256 = url.pathname.split('/').at(-1) ?? '';
    return request.method === 'GET' ? this.#status(sha256) : this.#put(sha256, url.searchParams, request.body);
  }

  #status(sha256: string): Answer {
    const offset = this.partial.get(sha256)?.byteLength ?? 0;
    const status = this.stored.has(sha256) ? 'stored' : offset > 0 ? 'partial' : 'absent';
    return { status: 200, body: { status, offset } };
  }

  #put(sha256: string, query: URLSearchParams, body: Buffer): Answer {
    this.puts.push(sha256);
    const have = this.partial.get(sha256) ?? Buffer.alloc(0);
    if (Number(query.get('offset')) !== have.byteLength) {
      const details = { offset: have.byteLength };
      return { status: 416, body: { error: { code: 'offset_mismatch', message: 'elsewhere', details } } };
    }
    const bytes = Buffer.concat([have, body]);
    this.partial.set(sha256, bytes);
    if (bytes.byteLength < Number(query.get('total'))) {
      return { status: 202, body: { status: 'partial', offset: bytes.byteLength } };
    }
    this.partial.delete(sha256);
    const isStored = this.#store(sha256, bytes, query.get('encoding'));
    return isStored ? { status: 200, body: { status: 'stored', offset: bytes.byteLength } } : MISMATCH;
  }

  #store(sha256: string, bytes: Buffer, encoding: string | null): boolean {
    const content = encoding === 'br' ? brotliDecompressSync(bytes) : bytes;
    if (createHash('sha256').update(content).digest('hex') !== sha256) return false;
    this.stored.set(sha256, content);
    return true;
  }

  record(request: SeenRequest): Answer {
    const { attemptId, outcome, blobs } = submitResultRequest.parse(JSON.parse(request.body.toString()));
    for (const { sha256, content } of blobs) {
      if (content === undefined) continue;
      if (!this.#store(sha256, Buffer.from(content.base64, 'base64'), content.encoding)) return MISMATCH;
    }
    const missing = blobs.map(({ sha256 }) => sha256).filter((sha256) => !this.stored.has(sha256));
    if (missing.length > 0) {
      return { status: 422, body: { error: { code: 'blobs_missing', message: 'missing', details: { missing } } } };
    }
    if (this.results.some((result) => result.attemptId === attemptId)) {
      return { status: 409, body: { error: { code: 'already_stored', message: 'twice' } } };
    }
    this.results.push({ attemptId, outcome });
    return { status: 200, body: { status: 'stored' } };
  }
}
