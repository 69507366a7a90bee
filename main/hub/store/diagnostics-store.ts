import type { Statement } from 'better-sqlite3';
import type { Store } from './open-store.ts';

/** The newest diagnostics that each worker sent when it was asked to. */
export class DiagnosticsStore {
  readonly #put: Statement;
  readonly #get: Statement<[string], { receivedAtMs: number; diagnostics: string }>;

  constructor(store: Store) {
    this.#put = store.prepare(`
      INSERT INTO diagnostics VALUES (@workerId, @receivedAtMs, @diagnostics)
      ON CONFLICT DO UPDATE SET received_at_ms = @receivedAtMs, diagnostics = @diagnostics`);
    this.#get = store.prepare(`
      SELECT received_at_ms AS receivedAtMs, diagnostics FROM diagnostics WHERE worker_id = ?`);
  }

  put(workerId: string, diagnostics: string, receivedAtMs: number): void {
    this.#put.run({ workerId, diagnostics, receivedAtMs });
  }

  get(workerId: string): { receivedAtMs: number; diagnostics: string } | undefined {
    return this.#get.get(workerId);
  }
}
