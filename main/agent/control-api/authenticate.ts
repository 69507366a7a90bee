import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { sha256Hex } from '../../protocol/canonical-string.ts';
import { HEADER, isFresh, isNonce, verifyRequest } from '../../protocol/signature.ts';
import type { Clock } from '../../protocol/ports.ts';
import { ControlRefusal } from './control-errors.ts';
import { SeenNonces } from './seen-nonces.ts';

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name.toLowerCase()];
  return typeof value === 'string' ? value : '';
}

/**
 * Refuses what a web page could send: a page that knows the port, or makes its own name resolve to this machine (DNS
 * rebinding), sends a foreign Host; its scripts send an Origin, and everything that it loads sends Sec-Fetch headers
 * (Fetch Metadata Request Headers, W3C).
 * @throws ControlRefusal `foreign_origin`, `foreign_host`
 */
export function refuseWebPages(request: IncomingMessage, port: number): void {
  const { origin, host } = request.headers;
  if (origin !== undefined || request.headers['sec-fetch-site'] !== undefined) {
    throw new ControlRefusal('foreign_origin', 'Web pages may not use this.');
  }
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!own.includes(host?.toLowerCase() ?? ''))
    throw new ControlRefusal('foreign_host', `Call it as http://${own[0]}.`);
}

/** Whether the header carries the token (RFC 6750); compares in constant time. @throws ControlRefusal `unauthorized` */
export function requireBearerToken(request: IncomingMessage, token: string): void {
  const given = /^Bearer ([\w.~+/-]{1,256}=*)$/i.exec(headerOf(request, 'authorization'))?.[1] ?? '';
  // Hashes have one length, whatever was given.
  const isRight = timingSafeEqual(
    Buffer.from(sha256Hex(Buffer.from(given))),
    Buffer.from(sha256Hex(Buffer.from(token))),
  );
  if (!isRight) throw new ControlRefusal('unauthorized');
}

/** Proves that a call was made by somebody who has the key, now, and for the first time. */
export class ControlAuthenticator {
  readonly #key: string;
  readonly #clock: Clock;
  readonly #startedAtSeconds: number;
  readonly #nonces = new SeenNonces();

  constructor(key: string, clock: Clock) {
    this.#key = key;
    this.#clock = clock;
    this.#startedAtSeconds = Math.floor(clock.nowMs() / 1_000);
  }

  /**
   * The nonce of a call whose signature fits; what follows can be answered signed.
   * @throws ControlRefusal `bad_signature`
   */
  verify(request: IncomingMessage, body: Buffer): { nonce: string; timestamp: number } {
    const timestampText = headerOf(request, HEADER.timestamp);
    const nonce = headerOf(request, HEADER.nonce);
    const timestamp = /^\d{1,12}$/.test(timestampText) ? Number(timestampText) : Number.NaN;
    if (Number.isNaN(timestamp) || !isNonce(nonce)) {
      throw new ControlRefusal('bad_signature', 'X-Timestamp, X-Nonce and X-Signature must be there and well-formed.');
    }
    const parts = { timestamp, nonce, method: request.method ?? '', pathAndQuery: request.url ?? '', body };
    if (!verifyRequest(this.#key, parts, headerOf(request, HEADER.signature))) {
      throw new ControlRefusal('bad_signature', 'The signature does not fit.');
    }
    return { nonce, timestamp };
  }

  /** Lets a verified call in, once. @throws ControlRefusal `clock_skew`, `nonce_reused`, `rate_limited` */
  admit({ nonce, timestamp }: { nonce: string; timestamp: number }): void {
    const nowMs = this.#clock.nowMs();
    const nowSeconds = Math.floor(nowMs / 1_000);
    if (!isFresh(timestamp, nowSeconds) || timestamp < this.#startedAtSeconds) {
      const details = { agentTimeMs: nowMs };
      throw new ControlRefusal('clock_skew', 'The timestamp is too far off, or older than this start.', details);
    }
    const memory = this.#nonces.remember(nonce, timestamp, nowSeconds);
    if (memory === 'seen') throw new ControlRefusal('nonce_reused', 'The nonce was seen before.');
    if (memory === 'full') throw new ControlRefusal('rate_limited', 'Too many calls; come back in some minutes.');
  }
}
