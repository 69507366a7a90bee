import { randomBytes } from 'node:crypto';
import { formatEnrolmentToken, type EnrolRequest } from '../../protocol/enrolment.ts';
import type { Clock } from '../../protocol/ports.ts';
import { createSecret } from '../../protocol/signature.ts';
import { HubRefusal } from '../refusal.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import type { Store } from '../store/open-store.ts';
import type { TokenRow, TokenStore } from '../store/token-store.ts';
import type { Worker, WorkerDirectory } from './worker-directory.ts';

/** A token with its key opened. */
export interface EnrolmentToken {
  readonly row: TokenRow;
  readonly key: string;
}

/** Makes one-time tokens and exchanges them for workers. */
export class Enrolment {
  readonly #store: Store;
  readonly #tokens: TokenStore;
  readonly #workers: WorkerDirectory;
  readonly #box: SecretBox;
  readonly #clock: Clock;
  readonly #lifetimeMs: number;

  constructor(options: {
    store: Store;
    tokens: TokenStore;
    workers: WorkerDirectory;
    box: SecretBox;
    clock: Clock;
    lifetimeMs: number;
  }) {
    this.#store = options.store;
    this.#tokens = options.tokens;
    this.#workers = options.workers;
    this.#box = options.box;
    this.#clock = options.clock;
    this.#lifetimeMs = options.lifetimeMs;
  }

  createToken(): { token: string; expiresAtMs: number } {
    const id = randomBytes(8).toString('hex');
    const key = createSecret();
    const createdAtMs = this.#clock.nowMs();
    const expiresAtMs = createdAtMs + this.#lifetimeMs;
    this.#tokens.insert({ id, key: this.#box.seal(key, ownerOf(id)), createdAtMs, expiresAtMs });
    return { token: formatEnrolmentToken(id, key), expiresAtMs };
  }

  findToken(tokenId: string): EnrolmentToken | undefined {
    const row = this.#tokens.byId(tokenId);
    return row && { row, key: this.#box.open(row.key, ownerOf(tokenId)) };
  }

  /**
   * The worker for the instance that brings the token first; a repeat by the same instance gives the same one.
   * @throws HubRefusal `token_used`, `revoked_worker`
   */
  enrol(token: EnrolmentToken, request: EnrolRequest): Worker {
    const { row } = token;
    if (row.expires_at_ms <= this.#clock.nowMs()) {
      throw new HubRefusal('token_used', 'The enrolment token has expired. Ask the operator for a new one.');
    }
    if (row.worker_id === null) return this.#firstUse(row, request);
    const worker = row.used_by_instance === request.instanceId ? this.#workers.find(row.worker_id) : undefined;
    if (worker === undefined) {
      throw new HubRefusal('token_used', 'The enrolment token was used on another machine. Ask for a new one.');
    }
    if (worker.revokedAtMs !== null) throw new HubRefusal('revoked_worker', 'The worker was revoked.');
    return worker;
  }

  #firstUse(row: TokenRow, request: EnrolRequest): Worker {
    return this.#store.transaction(() => {
      const worker = this.#workers.register({
        workerId: `worker-${randomBytes(6).toString('hex')}`,
        label: request.label,
      });
      this.#tokens.use(row.id, request.instanceId, worker.id);
      return worker;
    })();
  }
}

function ownerOf(tokenId: string): string {
  return `token:${tokenId}`;
}
