import type { Statement } from 'better-sqlite3';
import type { Store } from './open-store.ts';

export interface WorkerRow {
  id: string;
  label: string;
  /** The shared secret that an operator gave it; null for one that enrolled. */
  registered_secret: Buffer | null;
  secret: Buffer;
  pending_secret: Buffer | null;
  previous_secret: Buffer | null;
  previous_until_ms: number | null;
  created_at_ms: number;
  revoked_at_ms: number | null;
  last_seen_ms: number | null;
}

/** Workers; their secrets are sealed before they come here. */
export class WorkerStore {
  readonly #insert: Statement;
  readonly #byId: Statement<[string], WorkerRow>;
  readonly #all: Statement<[], WorkerRow>;
  readonly #setSecrets: Statement;
  readonly #reregister: Statement;
  readonly #revoke: Statement;
  readonly #seen: Statement;

  constructor(store: Store) {
    this.#insert = store.prepare(`
      INSERT INTO workers (id, label, registered_secret, secret, created_at_ms)
      VALUES (@id, @label, @registeredSecret, @secret, @createdAtMs)`);
    this.#byId = store.prepare('SELECT * FROM workers WHERE id = ?');
    this.#all = store.prepare('SELECT * FROM workers ORDER BY created_at_ms, id');
    this.#setSecrets = store.prepare(`
      UPDATE workers SET secret = @secret, pending_secret = @pending, previous_secret = @previous,
        previous_until_ms = @previousUntilMs WHERE id = @id`);
    this.#reregister = store.prepare(`
      UPDATE workers SET registered_secret = @secret, secret = @secret, pending_secret = NULL, previous_secret = NULL,
        previous_until_ms = NULL, revoked_at_ms = NULL WHERE id = @id`);
    this.#revoke = store.prepare('UPDATE workers SET revoked_at_ms = @nowMs WHERE id = @id AND revoked_at_ms IS NULL');
    this.#seen = store.prepare('UPDATE workers SET last_seen_ms = @lastSeenMs WHERE id = @id');
  }

  insert(worker: {
    id: string;
    label: string;
    registeredSecret: Buffer | null;
    secret: Buffer;
    createdAtMs: number;
  }): void {
    this.#insert.run(worker);
  }

  byId(id: string): WorkerRow | undefined {
    return this.#byId.get(id);
  }

  all(): WorkerRow[] {
    return this.#all.all();
  }

  setSecrets(
    id: string,
    secrets: { secret: Buffer; pending: Buffer | null; previous: Buffer | null; previousUntilMs: number | null },
  ): void {
    this.#setSecrets.run({ id, ...secrets });
  }

  /** Replaces all secrets by one and lifts a revocation. */
  reregister(id: string, secret: Buffer): void {
    this.#reregister.run({ id, secret });
  }

  revoke(id: string, nowMs: number): void {
    this.#revoke.run({ id, nowMs });
  }

  seen(id: string, lastSeenMs: number): void {
    this.#seen.run({ id, lastSeenMs });
  }
}
