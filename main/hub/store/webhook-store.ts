import type { Statement } from 'better-sqlite3';
import type { Store } from './open-store.ts';

export interface WebhookRow {
  id: string;
  job_id: string;
  url: string;
  /** Origin of the address. */
  receiver: string;
  body: string;
  attempts: number;
}

export const DUE_WEBHOOKS = `
  SELECT id, job_id, url, receiver, body, attempts FROM webhook_deliveries
  WHERE next_attempt_at_ms IS NOT NULL AND next_attempt_at_ms <= ?
    AND receiver NOT IN (SELECT value FROM json_each(?)) ORDER BY next_attempt_at_ms LIMIT ?`;

/** Webhooks that are owed; recorded with the outcome that they tell of, so that a crash loses none. */
export class WebhookStore {
  readonly #insert: Statement;
  readonly #due: Statement<[number, string, number], WebhookRow>;
  readonly #next: Statement<[number], { nextAttemptAtMs: number }>;
  readonly #failed: Statement;
  readonly #delivered: Statement;
  readonly #prune: Statement;

  constructor(store: Store) {
    this.#insert = store.prepare(`
      INSERT INTO webhook_deliveries (id, job_id, url, receiver, body, created_at_ms, next_attempt_at_ms)
      VALUES (@id, @jobId, @url, @receiver, @body, @nowMs, @nowMs)`);
    this.#due = store.prepare(DUE_WEBHOOKS);
    this.#next = store.prepare(`
      SELECT next_attempt_at_ms AS nextAttemptAtMs FROM webhook_deliveries
      WHERE next_attempt_at_ms IS NOT NULL AND next_attempt_at_ms > ? ORDER BY next_attempt_at_ms LIMIT 1`);
    this.#failed = store.prepare(`
      UPDATE webhook_deliveries SET attempts = attempts + 1, next_attempt_at_ms = @nextAttemptAtMs,
        last_error = @error WHERE id = @id`);
    this.#delivered = store.prepare(`
      UPDATE webhook_deliveries SET attempts = attempts + 1, next_attempt_at_ms = NULL, delivered_at_ms = @nowMs,
        last_error = NULL WHERE id = @id`);
    this.#prune = store.prepare(
      'DELETE FROM webhook_deliveries WHERE next_attempt_at_ms IS NULL AND created_at_ms < ?',
    );
  }

  insert(webhook: { id: string; jobId: string; url: string; body: string; nowMs: number }): void {
    this.#insert.run({ ...webhook, receiver: new URL(webhook.url).origin });
  }

  /** @param busyReceivers those whose webhooks are left out */
  due(nowMs: number, busyReceivers: readonly string[], limit: number): WebhookRow[] {
    return this.#due.all(nowMs, JSON.stringify(busyReceivers), limit);
  }

  /** When the next webhook becomes due that is not due yet. */
  nextAttemptAtMs(nowMs: number): number | null {
    return this.#next.get(nowMs)?.nextAttemptAtMs ?? null;
  }

  /** @param nextAttemptAtMs null gives it up */
  failed(id: string, error: string, nextAttemptAtMs: number | null): void {
    this.#failed.run({ id, error, nextAttemptAtMs });
  }

  delivered(id: string, nowMs: number): void {
    this.#delivered.run({ id, nowMs });
  }

  prune(createdBeforeMs: number): void {
    this.#prune.run(createdBeforeMs);
  }
}
