import type { Statement } from 'better-sqlite3';
import type { Store } from './open-store.ts';

export interface TokenRow {
  id: string;
  key: Buffer;
  created_at_ms: number;
  expires_at_ms: number;
  used_by_instance: string | null;
  worker_id: string | null;
}

/** One-time enrolment tokens; their keys are sealed before they come here. */
export class TokenStore {
  readonly #insert: Statement;
  readonly #byId: Statement<[string], TokenRow>;
  readonly #use: Statement;
  readonly #prune: Statement;

  constructor(store: Store) {
    this.#insert = store.prepare(`
      INSERT INTO enrolment_tokens (id, key, created_at_ms, expires_at_ms)
      VALUES (@id, @key, @createdAtMs, @expiresAtMs)`);
    this.#byId = store.prepare('SELECT * FROM enrolment_tokens WHERE id = ?');
    this.#use = store.prepare(`
      UPDATE enrolment_tokens SET used_by_instance = @instanceId, worker_id = @workerId WHERE id = @id`);
    this.#prune = store.prepare('DELETE FROM enrolment_tokens WHERE expires_at_ms < ?');
  }

  insert(token: { id: string; key: Buffer; createdAtMs: number; expiresAtMs: number }): void {
    this.#insert.run(token);
  }

  byId(id: string): TokenRow | undefined {
    return this.#byId.get(id);
  }

  use(id: string, instanceId: string, workerId: string): void {
    this.#use.run({ id, instanceId, workerId });
  }

  prune(expiredBeforeMs: number): void {
    this.#prune.run(expiredBeforeMs);
  }
}
