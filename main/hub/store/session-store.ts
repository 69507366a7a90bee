import type { Statement } from 'better-sqlite3';
import type { Store } from './open-store.ts';

export type SessionEnd = 'superseded' | 'goodbye' | 'revoked';

export interface SessionRow {
  id: string;
  worker_id: string;
  instance_id: string;
  epoch: number;
  start_id: string;
  started_at_ms: number;
  ended: SessionEnd | null;
  /** JSON of what the handshake said of the machine. */
  facts: string;
}

/** Sessions, so that a hub that restarts still knows whom it talks to. */
export class SessionStore {
  readonly #insert: Statement;
  readonly #current: Statement<[], SessionRow>;
  readonly #byId: Statement<[string], SessionRow>;
  readonly #end: Statement;
  readonly #highestEpoch: Statement<[string, string], { epoch: number | null }>;
  readonly #superseded: Statement<[string, string, number, string], { id: string }>;
  readonly #prune: Statement;

  constructor(store: Store) {
    this.#insert = store.prepare(`
      INSERT INTO sessions (id, worker_id, instance_id, epoch, start_id, started_at_ms, facts)
      VALUES (@id, @workerId, @instanceId, @epoch, @startId, @startedAtMs, @facts)`);
    this.#current = store.prepare('SELECT * FROM sessions WHERE ended IS NULL');
    this.#byId = store.prepare('SELECT * FROM sessions WHERE id = ?');
    this.#end = store.prepare('UPDATE sessions SET ended = @ended, ended_at_ms = @nowMs WHERE id = @id');
    this.#highestEpoch = store.prepare(
      'SELECT max(epoch) AS epoch FROM sessions WHERE worker_id = ? AND instance_id = ?',
    );
    this.#superseded = store.prepare(`
      SELECT id FROM sessions WHERE worker_id = ? AND instance_id = ? AND epoch = ? AND start_id = ?
        AND ended = 'superseded' LIMIT 1`);
    // The newest of an instance stays: its epoch is what ghosts are told by.
    this.#prune = store.prepare(`
      DELETE FROM sessions WHERE ended_at_ms < ? AND EXISTS (
        SELECT 1 FROM sessions newer WHERE newer.worker_id = sessions.worker_id
          AND newer.instance_id = sessions.instance_id AND newer.started_at_ms > sessions.started_at_ms)`);
  }

  insert(session: {
    id: string;
    workerId: string;
    instanceId: string;
    epoch: number;
    startId: string;
    startedAtMs: number;
    facts: string;
  }): void {
    this.#insert.run(session);
  }

  allCurrent(): SessionRow[] {
    return this.#current.all();
  }

  byId(id: string): SessionRow | undefined {
    return this.#byId.get(id);
  }

  end(id: string, ended: SessionEnd, nowMs: number): void {
    this.#end.run({ id, ended, nowMs });
  }

  highestEpoch(workerId: string, instanceId: string): number {
    return this.#highestEpoch.get(workerId, instanceId)?.epoch ?? 0;
  }

  /** Whether another start has taken over from this one. */
  wasSuperseded(start: { workerId: string; instanceId: string; epoch: number; startId: string }): boolean {
    return this.#superseded.get(start.workerId, start.instanceId, start.epoch, start.startId) !== undefined;
  }

  prune(endedBeforeMs: number): void {
    this.#prune.run(endedBeforeMs);
  }
}
