import type { Statement } from 'better-sqlite3';
import type { JobStatus } from './job-rows.ts';
import type { Store } from './open-store.ts';

/**
 * How a lease ended: its result was stored, the job was cancelled, nobody renewed it in time, a newer start of the
 * worker did not have it any more, or the agent gave it back.
 */
export type LeaseEnd = 'stored' | 'cancelled' | 'expired' | 'superseded' | 'returned';

/** What a holder says of its lease's task. */
export type LeaseState = 'queued' | 'running' | 'delivering';

/** A lease with what decides about it in its job. */
export interface LeaseRow {
  id: string;
  job_sequence: number;
  worker_id: string;
  session_id: string;
  idempotency_key: string;
  state: LeaseState;
  granted_at_ms: number;
  expires_at_ms: number;
  ended: LeaseEnd | null;
  job_id: string;
  job_type: string;
  job_status: JobStatus;
  job_lease_id: string | null;
  job_attempts: number;
  job_max_attempts: number;
}

/** An open lease with its whole task, to hand out again. */
export interface OpenLease extends LeaseRow {
  type: string;
  payload: string;
  priority: number;
}

const LEASE = `l.id, l.job_sequence, l.worker_id, l.session_id, l.idempotency_key, l.state, l.granted_at_ms,
  l.expires_at_ms, l.ended, j.id AS job_id, j.type AS job_type, j.status AS job_status, j.lease_id AS job_lease_id,
  j.attempts AS job_attempts, j.max_attempts AS job_max_attempts`;

export const EXPIRED_LEASES = `
  SELECT ${LEASE} FROM leases l JOIN jobs j ON j.sequence = l.job_sequence
  WHERE l.ended IS NULL AND l.expires_at_ms <= ? ORDER BY l.expires_at_ms LIMIT ?`;

export const OPEN_LEASES_OF_WORKER = `
  SELECT ${LEASE}, j.type, j.payload, j.priority FROM leases l JOIN jobs j ON j.sequence = l.job_sequence
  WHERE l.worker_id = ? AND l.ended IS NULL ORDER BY l.granted_at_ms, l.id`;

/** Leases, open and ended. The ended ones say to a late agent what became of them. */
export class LeaseStore {
  readonly #grant: Statement;
  readonly #byId: Statement<[string], LeaseRow>;
  readonly #openOfWorker: Statement<[string], OpenLease>;
  readonly #openIdsOfWorker: Statement<[string], { id: string; idempotency_key: string }>;
  readonly #renew: Statement;
  readonly #end: Statement;
  readonly #reopen: Statement;
  readonly #move: Statement;
  readonly #expired: Statement<[number, number], LeaseRow>;
  readonly #nextExpiry: Statement<[], { expiresAtMs: number }>;
  readonly #extendAll: Statement;
  readonly #ofJob: Statement<[number], LeaseRow>;

  constructor(store: Store) {
    const selectLease = `SELECT ${LEASE} FROM leases l JOIN jobs j ON j.sequence = l.job_sequence`;
    this.#grant = store.prepare(`
      INSERT INTO leases (id, job_sequence, worker_id, session_id, idempotency_key, granted_at_ms, expires_at_ms)
      VALUES (@id, @jobSequence, @workerId, @sessionId, @idempotencyKey, @grantedAtMs, @expiresAtMs)`);
    // With a bare parameter SQLite looks at its value when it plans, and would compile the statement anew for each call.
    this.#byId = store.prepare(`${selectLease} WHERE l.id = +?`);
    this.#openOfWorker = store.prepare(OPEN_LEASES_OF_WORKER);
    this.#openIdsOfWorker = store.prepare(
      'SELECT id, idempotency_key FROM leases WHERE worker_id = ? AND ended IS NULL',
    );
    this.#renew = store.prepare('UPDATE leases SET expires_at_ms = @expiresAtMs, state = @state WHERE id = @id');
    this.#end = store.prepare('UPDATE leases SET ended = @ended, ended_at_ms = @nowMs WHERE id = @id');
    this.#reopen = store.prepare(`
      UPDATE leases SET ended = NULL, ended_at_ms = NULL, expires_at_ms = @expiresAtMs WHERE id = @id`);
    this.#move = store.prepare(
      'UPDATE leases SET session_id = @sessionId, expires_at_ms = @expiresAtMs WHERE id = @id',
    );
    this.#expired = store.prepare(EXPIRED_LEASES);
    this.#nextExpiry = store.prepare(
      'SELECT expires_at_ms AS expiresAtMs FROM leases WHERE ended IS NULL ORDER BY expires_at_ms LIMIT 1',
    );
    this.#extendAll = store.prepare(`
      UPDATE leases SET expires_at_ms = @expiresAtMs WHERE ended IS NULL AND expires_at_ms < @expiresAtMs`);
    this.#ofJob = store.prepare(`${selectLease} WHERE l.job_sequence = ? ORDER BY l.granted_at_ms, l.id`);
  }

  grant(lease: {
    id: string;
    jobSequence: number;
    workerId: string;
    sessionId: string;
    idempotencyKey: string;
    grantedAtMs: number;
    expiresAtMs: number;
  }): void {
    this.#grant.run(lease);
  }

  byId(id: string): LeaseRow | undefined {
    return this.#byId.get(id);
  }

  openOfWorker(workerId: string): OpenLease[] {
    return this.#openOfWorker.all(workerId);
  }

  openIdsOfWorker(workerId: string): { id: string; idempotency_key: string }[] {
    return this.#openIdsOfWorker.all(workerId);
  }

  renew(id: string, state: LeaseState, expiresAtMs: number): void {
    this.#renew.run({ id, state, expiresAtMs });
  }

  end(id: string, ended: LeaseEnd, nowMs: number): void {
    this.#end.run({ id, ended, nowMs });
  }

  reopen(id: string, expiresAtMs: number): void {
    this.#reopen.run({ id, expiresAtMs });
  }

  /** The lease goes on in a newer session of its worker. */
  moveToSession(id: string, sessionId: string, expiresAtMs: number): void {
    this.#move.run({ id, sessionId, expiresAtMs });
  }

  expired(nowMs: number, limit: number): LeaseRow[] {
    return this.#expired.all(nowMs, limit);
  }

  nextExpiryMs(): number | null {
    return this.#nextExpiry.get()?.expiresAtMs ?? null;
  }

  /** Lets every open lease last until then at least: while the hub was down nobody could renew. */
  extendAll(expiresAtMs: number): void {
    this.#extendAll.run({ expiresAtMs });
  }

  ofJob(jobSequence: number): LeaseRow[] {
    return this.#ofJob.all(jobSequence);
  }
}
