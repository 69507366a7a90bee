import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { JsonObject } from './fields.ts';

/** Fields of payloads that open somebody's account: never stored, logged or shown as they are. */
export const SECRET_PAYLOAD_FIELDS = ['cookies', 'basicAuth', 'extraHeaders'] as const;

/** What stands in a stored payload in place of a secret field: `{"$sealed": "<base64url>"}`. */
const SEALED_KEY = '$sealed';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function isSealed(value: unknown): value is { [SEALED_KEY]: string } {
  return typeof value === 'object' && value !== null && SEALED_KEY in value && typeof value[SEALED_KEY] === 'string';
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
}

/**
 * Keeps the secret fields of payloads out of databases: seals them with AES-256-GCM (NIST SP 800-38D) before a payload
 * is stored, and opens them when the task is handed out or executed. The key lives in a secret store.
 */
export class PayloadVault {
  readonly #key: Buffer;

  /** @param keyHex 64 hex digits: 256 bits */
  constructor(keyHex: string) {
    this.#key = Buffer.from(keyHex, 'hex');
    if (this.#key.byteLength !== 32) throw new Error('The key of a payload vault has 64 hex digits.');
  }

  /** A new key for a vault, as 64 hex digits. */
  static createKey(): string {
    return randomBytes(32).toString('hex');
  }

  /** The payload as it may be stored. */
  seal(payload: JsonObject): JsonObject {
    const sealed: JsonObject = { ...payload };
    for (const field of SECRET_PAYLOAD_FIELDS) {
      if (isEmpty(payload[field]) || isSealed(payload[field])) continue;
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(field));
      const text = Buffer.concat([cipher.update(JSON.stringify(payload[field]), 'utf8'), cipher.final()]);
      sealed[field] = { [SEALED_KEY]: Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url') };
    }
    return sealed;
  }

  /**
   * The payload as it was given. A field that cannot be opened, since the key is another one, stays sealed: its task
   * type then refuses it by its path, instead of visiting the page without it.
   */
  open(payload: JsonObject): JsonObject {
    const opened: JsonObject = { ...payload };
    for (const field of SECRET_PAYLOAD_FIELDS) {
      const value = payload[field];
      if (isSealed(value)) opened[field] = this.#openField(field, value[SEALED_KEY]) ?? value;
    }
    return opened;
  }

  #openField(field: string, sealed: string): JsonObject[string] | undefined {
    try {
      const bytes = Buffer.from(sealed, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(Buffer.from(field))
        .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
      return JSON.parse(text.toString('utf8')) as JsonObject[string];
    } catch {
      return undefined;
    }
  }
}

/** A stored payload for showing: `***` in place of what is sealed. */
export function maskSealed(payload: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(payload).map(([field, value]) => [field, isSealed(value) ? '***' : value]));
}
