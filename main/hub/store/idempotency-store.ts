import type { Statement } from 'better-sqlite3';
import type { Store } from './open-store.ts';

/** Answers to calls with an `Idempotency-Key`, to be given again. */
export class IdempotencyStore {
  readonly #insert: Statement;
  readonly #byKey: Statement<[string], { bodySha256: string; answer: string }>;
  readonly #prune: Statement;

  constructor(store: Store) {
    this.#insert = store.prepare(`
      INSERT INTO idempotency_keys (key, body_sha256, answer, created_at_ms)
      VALUES (@key, @bodySha256, @answer, @createdAtMs)`);
    this.#byKey = store.prepare('SELECT body_sha256 AS bodySha256, answer FROM idempotency_keys WHERE key = ?');
    this.#prune = store.prepare('DELETE FROM idempotency_keys WHERE created_at_ms < ?');
  }

  insert(entry: { key: string; bodySha256: string; answer: string; createdAtMs: number }): void {
    this.#insert.run(entry);
  }

  byKey(key: string): { bodySha256: string; answer: string } | undefined {
    return this.#byKey.get(key);
  }

  prune(createdBeforeMs: number): void {
    this.#prune.run(createdBeforeMs);
  }
}
