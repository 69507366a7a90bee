import type { Statement } from 'better-sqlite3';
import type { Store } from './open-store.ts';

export interface WorkerRow {
  id: string;
  label: string;
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
  readonly #revoke: Statement;
  readonly #seen: Statement;

  constructor(store: Store) {
    this.#insert = store.prepare(`
      INSERT INTO workers (id, label, secret, created_at_ms) VALUES (@id, @label, @secret, @createdAtMs)`);
    this.#byId = store.prepare('SELECT * FROM workers WHERE id = ?');
    this.#all = store.prepare('SELECT * FROM workers ORDER BY created_at_ms, id');
    this.#setSecrets = store.prepare(`
      UPDATE workers SET secret = @secret, pending_secret = @pending, previous_secret = @previous,
        previous_until_ms = @previousUntilMs WHERE id = @id`);
    this.#revoke = store.prepare('UPDATE workers SET revoked_at_ms = @nowMs WHERE id = @id AND revoked_at_ms IS NULL');
    this.#seen = store.prepare('UPDATE workers SET last_seen_ms = @lastSeenMs WHERE id = @id');
  }

  insert(worker: { id: string; label: string; secret: Buffer; createdAtMs: number }): void {
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

  revoke(id: string, nowMs: number): void {
    this.#revoke.run({ id, nowMs });
  }

  seen(id: string, lastSeenMs: number): void {
    this.#seen.run({ id, lastSeenMs });
  }
}
