import { enrolmentWorkerId } from '../../protocol/enrolment.ts';
import { identifier } from '../../protocol/fields.ts';
import type { Clock } from '../../protocol/ports.ts';
import { HEADER, isFresh, isNonce, verifyRequest } from '../../protocol/signature.ts';
import { HubRefusal } from '../refusal.ts';
import type { FailedAuthentications } from '../server/failed-authentications.ts';
import type { Enrolment, EnrolmentToken } from '../workers/enrolment.ts';
import type { NonceMemory } from '../workers/nonce-memory.ts';
import type { Worker, WorkerDirectory } from '../workers/worker-directory.ts';

/** Who has signed a call, and with what; answers are signed with the same secret. */
export interface SignedCall {
  readonly signer: { kind: 'worker'; worker: Worker } | { kind: 'token'; token: EnrolmentToken };
  readonly workerId: string;
  readonly secret: string;
  readonly timestamp: number;
  readonly nonce: string;
}

/** A call as it came over the wire, before anything of it is believed. */
export interface RawCall {
  method: string;
  /** Exactly what stands in the request line. */
  pathAndQuery: string;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  address: string;
}

const TOKEN_PREFIX = enrolmentWorkerId('');

/** Proves who makes a call. */
export class Authenticator {
  readonly #workers: WorkerDirectory;
  readonly #enrolment: Enrolment;
  readonly #nonces: NonceMemory;
  readonly #failures: FailedAuthentications;
  readonly #clock: Clock;

  constructor(options: {
    workers: WorkerDirectory;
    enrolment: Enrolment;
    nonces: NonceMemory;
    failures: FailedAuthentications;
    clock: Clock;
  }) {
    this.#workers = options.workers;
    this.#enrolment = options.enrolment;
    this.#nonces = options.nonces;
    this.#failures = options.failures;
    this.#clock = options.clock;
  }

  /**
   * Finds who signed the call. What this throws can only be answered unsigned.
   * @throws HubRefusal `unknown_worker`, `bad_signature`, `rate_limited`
   */
  identify(call: RawCall): SignedCall {
    const workerId = headerOf(call, HEADER.workerId);
    const timestampText = headerOf(call, HEADER.timestamp);
    const nonce = headerOf(call, HEADER.nonce);
    const signature = headerOf(call, HEADER.signature);
    const claimedName = identifier.safeParse(workerId).success ? workerId : '';
    const isFormed = claimedName !== '' && /^\d{1,12}$/.test(timestampText) && isNonce(nonce) && signature !== '';
    // Counted only when the call is refused: whoever signs well is let in, whatever others try in its name.
    const refuse = (code: 'bad_signature' | 'unknown_worker', message: string): HubRefusal => {
      this.#failures.check(call.address, claimedName);
      this.#failures.note(call.address, claimedName);
      return new HubRefusal(code, message);
    };
    if (!isFormed) {
      throw refuse('bad_signature', 'X-Worker-Id, X-Timestamp, X-Nonce and X-Signature must be there and well-formed.');
    }
    const found = this.#find(workerId);
    if (found === null) throw refuse('unknown_worker', 'No such worker.');
    const timestamp = Number(timestampText);
    const { method, pathAndQuery, body } = call;
    const parts = { timestamp, nonce, method, pathAndQuery, body };
    const secret = found.secrets.find((candidate) => verifyRequest(candidate, parts, signature));
    if (secret === undefined) throw refuse('bad_signature', 'The signature does not fit.');
    return { signer: found.signer, workerId, secret, timestamp, nonce };
  }

  /**
   * Lets a signed call in, once.
   * @throws HubRefusal `revoked_worker`, `clock_skew`, `nonce_reused`
   */
  admit(call: SignedCall): void {
    const nowMs = this.#clock.nowMs();
    const worker = call.signer.kind === 'worker' ? call.signer.worker : null;
    if (worker !== null && worker.revokedAtMs !== null) {
      throw new HubRefusal('revoked_worker', 'The worker was revoked.');
    }
    if (!isFresh(call.timestamp, Math.floor(nowMs / 1_000))) {
      throw new HubRefusal('clock_skew', 'The timestamp is more than 300 s off.', { hubTimeMs: nowMs });
    }
    if (!this.#nonces.remember(call.nonce, call.timestamp)) {
      throw new HubRefusal('nonce_reused', 'The nonce was seen before.');
    }
    if (worker === null) return;
    this.#workers.used(worker, call.secret);
    worker.lastSeenMs = nowMs;
  }

  #find(workerId: string): { signer: SignedCall['signer']; secrets: string[] } | null {
    if (workerId.startsWith(TOKEN_PREFIX)) {
      const token = this.#enrolment.findToken(workerId.slice(TOKEN_PREFIX.length));
      return token === undefined ? null : { signer: { kind: 'token', token }, secrets: [token.key] };
    }
    const worker = this.#workers.find(workerId);
    return worker === undefined
      ? null
      : { signer: { kind: 'worker', worker }, secrets: this.#workers.validSecrets(worker) };
  }
}

function headerOf(call: RawCall, name: string): string {
  const value = call.headers[name.toLowerCase()];
  return typeof value === 'string' ? value : '';
}
