import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  canonicalRequest,
  canonicalResponse,
  type SignedRequestParts,
  type SignedResponseParts,
} from './canonical-string.ts';

/** Header names in the spelling that goes on the wire; HTTP compares them without case. */
export const HEADER = {
  workerId: 'X-Worker-Id',
  timestamp: 'X-Timestamp',
  nonce: 'X-Nonce',
  signature: 'X-Signature',
} as const;

/** A request whose timestamp is further from the hub's clock than this is refused; answers are bound to a new nonce. */
export const MAX_CLOCK_SKEW_SECONDS = 300;

const NONCE_PATTERN = /^[0-9a-f]{32}$/;
const SIGNATURE_PATTERN = /^v1=[0-9a-f]{64}$/;

/** 128 random bits as 32 lower-case hex digits. */
export function createNonce(): string {
  return randomBytes(16).toString('hex');
}

/** A fresh per-worker secret: 256 random bits as 64 lower-case hex digits. Its UTF-8 bytes are the HMAC key. */
export function createSecret(): string {
  return randomBytes(32).toString('hex');
}

/** True when the text has the form that `X-Nonce` demands. */
export function isNonce(text: string): boolean {
  return NONCE_PATTERN.test(text);
}

/** HMAC-SHA256 (RFC 2104) of the canonical string under the UTF-8 bytes of the secret, as `v1=<64 hex digits>`. */
function signText(secret: string, text: string): string {
  return `v1=${createHmac('sha256', secret).update(text, 'utf8').digest('hex')}`;
}

/** The value of `X-Signature` for a request. */
export function signRequest(secret: string, parts: SignedRequestParts): string {
  return signText(secret, canonicalRequest(parts));
}

/** The value of `X-Signature` for a response. */
export function signResponse(secret: string, parts: SignedResponseParts): string {
  return signText(secret, canonicalResponse(parts));
}

function equalInConstantTime(given: string, expected: string): boolean {
  if (!SIGNATURE_PATTERN.test(given)) return false;
  return timingSafeEqual(Buffer.from(given, 'latin1'), Buffer.from(expected, 'latin1'));
}

/** Whether `signature` is this request's signature under `secret`; compares in constant time, false on any other form. */
export function verifyRequest(secret: string, parts: SignedRequestParts, signature: string): boolean {
  // A line break in a field could make two different requests one text.
  if (!isNonce(parts.nonce) || /[\r\n]/.test(`${parts.method}${parts.pathAndQuery}`)) return false;
  return equalInConstantTime(signature, signRequest(secret, parts));
}

/** Whether `signature` is this response's signature under `secret`; compares in constant time, false on any other form. */
export function verifyResponse(secret: string, parts: SignedResponseParts, signature: string): boolean {
  if (!isNonce(parts.nonce) || !isNonce(parts.requestNonce)) return false;
  return equalInConstantTime(signature, signResponse(secret, parts));
}

/** Whether two Unix-second times are close enough for a signature to be accepted. */
export function isFresh(timestamp: number, nowSeconds: number): boolean {
  return Math.abs(timestamp - nowSeconds) <= MAX_CLOCK_SKEW_SECONDS;
}
