import { workerSecret } from '../../protocol/enrolment.ts';
import { identifier } from '../../protocol/fields.ts';
import type { Clock } from '../../protocol/ports.ts';
import { createSecret } from '../../protocol/signature.ts';
import { HubRefusal } from '../refusal.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import type { WorkerRow, WorkerStore } from '../store/worker-store.ts';

/** A worker with its secrets opened; lives in memory only. */
export interface Worker {
  readonly id: string;
  readonly label: string;
  readonly createdAtMs: number;
  revokedAtMs: number | null;
  lastSeenMs: number | null;
  secret: string;
  /** Handed out by a rotation and not used yet. */
  pendingSecret: string | null;
  /** The one before; works until `previousUntilMs`. */
  previousSecret: string | null;
  previousUntilMs: number | null;
}

/**
 * All workers that this hub knows. Secrets are opened once and kept, since every call needs them; this process is the
 * only one that changes them.
 */
export class WorkerDirectory {
  readonly #store: WorkerStore;
  readonly #box: SecretBox;
  readonly #clock: Clock;
  readonly #overlapMs: number;
  readonly #workers = new Map<string, Worker>();
  readonly #storedLastSeenMs = new Map<string, number | null>();

  constructor(options: { store: WorkerStore; box: SecretBox; clock: Clock; overlapMs: number }) {
    this.#store = options.store;
    this.#box = options.box;
    this.#clock = options.clock;
    this.#overlapMs = options.overlapMs;
  }

  find(workerId: string): Worker | undefined {
    const known = this.#workers.get(workerId);
    if (known !== undefined) return known;
    const row = this.#store.byId(workerId);
    return row && this.#remember(row);
  }

  all(): Worker[] {
    return this.#store.all().map((row) => this.#workers.get(row.id) ?? this.#remember(row));
  }

  /**
   * A new worker with a shared secret, or with a fresh one when none is given.
   * @throws HubRefusal `bad_request` for an id or secret that does not fit, `conflict` when the id is taken
   */
  register(worker: { workerId: string; secret?: string | undefined; label?: string | undefined }): Worker {
    const id = checkWorkerId(worker.workerId);
    if (this.find(id) !== undefined) throw new HubRefusal('conflict', `There is a worker ${id} already.`);
    const secret = checkSecret(worker.secret ?? createSecret());
    this.#store.insert({
      id,
      label: worker.label ?? '',
      registeredSecret: worker.secret === undefined ? null : this.#box.seal(secret, ownerOf(id)),
      secret: this.#box.seal(secret, ownerOf(id)),
      createdAtMs: this.#clock.nowMs(),
    });
    return this.#reload(id);
  }

  /**
   * Makes sure that a worker has been given this shared secret. One that it has rotated since then stays rotated;
   * another one replaces all that it had and lifts a revocation.
   * @throws HubRefusal `bad_request` for an id or secret that does not fit
   */
  ensure(worker: { workerId: string; secret: string; label?: string | undefined }): Worker {
    const id = checkWorkerId(worker.workerId);
    const row = this.#store.byId(id);
    if (row === undefined) return this.register(worker);
    const registered = row.registered_secret && this.#box.open(row.registered_secret, ownerOf(id));
    if (registered !== worker.secret) {
      this.#store.reregister(id, this.#box.seal(checkSecret(worker.secret), ownerOf(id)));
      return this.#reload(id);
    }
    return this.find(id) ?? this.#remember(row);
  }

  /** The secrets that a call of this worker may be signed with now, the likeliest first. */
  validSecrets(worker: Worker): string[] {
    const secrets = [worker.secret];
    if (worker.pendingSecret !== null) secrets.push(worker.pendingSecret);
    if (worker.previousSecret !== null && (worker.previousUntilMs ?? 0) > this.#clock.nowMs()) {
      secrets.push(worker.previousSecret);
    }
    return secrets;
  }

  /** A secret to change to; the same one again until it is used. */
  rotate(worker: Worker): string {
    if (worker.pendingSecret === null) {
      worker.pendingSecret = createSecret();
      this.#storeSecrets(worker);
    }
    return worker.pendingSecret;
  }

  /** Takes note of the secret that a call was signed with: the first use of a new one makes it the current one. */
  used(worker: Worker, secret: string): void {
    if (worker.pendingSecret === null || secret !== worker.pendingSecret) return;
    worker.previousSecret = worker.secret;
    worker.previousUntilMs = this.#clock.nowMs() + this.#overlapMs;
    worker.secret = secret;
    worker.pendingSecret = null;
    this.#storeSecrets(worker);
  }

  revoke(worker: Worker): void {
    worker.revokedAtMs ??= this.#clock.nowMs();
    this.#store.revoke(worker.id, worker.revokedAtMs);
  }

  /** Writes the time of the last contact down; in memory it is always current. */
  storeLastSeen(worker: Worker): void {
    if (worker.lastSeenMs === null) return;
    this.#store.seen(worker.id, worker.lastSeenMs);
    this.#storedLastSeenMs.set(worker.id, worker.lastSeenMs);
  }

  /** Writes the times of all contacts down that are not written yet. */
  storeAllLastSeen(): void {
    for (const worker of this.#workers.values()) {
      if (this.#storedLastSeenMs.get(worker.id) !== worker.lastSeenMs) this.storeLastSeen(worker);
    }
  }

  #reload(id: string): Worker {
    const row = this.#store.byId(id);
    if (row === undefined) throw new Error(`worker ${id} was not stored`);
    return this.#remember(row);
  }

  #remember(row: WorkerRow): Worker {
    const open = (sealed: Buffer | null): string | null => sealed && this.#box.open(sealed, ownerOf(row.id));
    const worker: Worker = {
      id: row.id,
      label: row.label,
      createdAtMs: row.created_at_ms,
      revokedAtMs: row.revoked_at_ms,
      lastSeenMs: row.last_seen_ms,
      secret: this.#box.open(row.secret, ownerOf(row.id)),
      pendingSecret: open(row.pending_secret),
      previousSecret: open(row.previous_secret),
      previousUntilMs: row.previous_until_ms,
    };
    this.#workers.set(row.id, worker);
    this.#storedLastSeenMs.set(row.id, row.last_seen_ms);
    return worker;
  }

  #storeSecrets(worker: Worker): void {
    const seal = (secret: string | null): Buffer | null =>
      secret === null ? null : this.#box.seal(secret, ownerOf(worker.id));
    this.#store.setSecrets(worker.id, {
      secret: this.#box.seal(worker.secret, ownerOf(worker.id)),
      pending: seal(worker.pendingSecret),
      previous: seal(worker.previousSecret),
      previousUntilMs: worker.previousUntilMs,
    });
  }
}

function checkWorkerId(text: string): string {
  const id = identifier.safeParse(text);
  if (id.success && !text.startsWith('token:')) return id.data;
  throw new HubRefusal('bad_request', 'workerId must be 1 to 128 letters, digits or . _ : - and not begin token:');
}

function checkSecret(text: string): string {
  const secret = workerSecret.safeParse(text);
  if (secret.success) return secret.data;
  throw new HubRefusal('bad_request', 'secret must have 16 to 256 characters.');
}

function ownerOf(workerId: string): string {
  return `worker:${workerId}`;
}
