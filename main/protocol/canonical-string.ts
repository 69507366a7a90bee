import { createHash } from 'node:crypto';

/** What a request signature covers. `pathAndQuery` is exactly what stands in the request line, `/path?query`. */
export interface SignedRequestParts {
  /** Unix seconds, as sent in `X-Timestamp`. */
  timestamp: number;
  /** 32 lower-case hex digits (128 random bits), as sent in `X-Nonce`. */
  nonce: string;
  method: string;
  pathAndQuery: string;
  body: Uint8Array;
}

/** What a response signature covers: the status and the request's nonce bind it to the one question it answers. */
export interface SignedResponseParts {
  timestamp: number;
  nonce: string;
  status: number;
  requestNonce: string;
  body: Uint8Array;
}

/** SHA-256 of the bytes as 64 lower-case hex digits; of no bytes for an empty body. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The text that a request's HMAC is computed over; six lines, separated by `\n`, no newline at the end. */
export function canonicalRequest(parts: SignedRequestParts): string {
  return [
    'v1',
    parts.timestamp,
    parts.nonce,
    parts.method.toUpperCase(),
    parts.pathAndQuery,
    sha256Hex(parts.body),
  ].join('\n');
}

/** The text that a response's HMAC is computed over; the same shape, with status and request nonce in the middle. */
export function canonicalResponse(parts: SignedResponseParts): string {
  return ['v1', parts.timestamp, parts.nonce, parts.status, parts.requestNonce, sha256Hex(parts.body)].join('\n');
}
