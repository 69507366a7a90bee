import type { Lane } from '../../protocol/fields.ts';
import type { PayloadVault } from '../../protocol/payload-vault.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { LeasedTask, RequestWorkRequest } from '../../protocol/request-work.ts';
import type { TaskCatalogue } from '../../protocol/task-type.ts';
import { createId } from '../create-id.ts';
import { readJsonObject } from '../store/job-rows.ts';
import type { JobStore, ReadyJob } from '../store/job-store.ts';
import type { LeaseStore } from '../store/lease-store.ts';
import type { Session } from '../workers/sessions.ts';
import type { Transactions } from './transactions.ts';

/** An agent that can take tasks now, and what it has been given. */
export interface Taker {
  readonly session: Session;
  readonly idempotencyKey: string;
  readonly typesByLane: Record<Lane, readonly string[]>;
  /** Tasks that it can still take. */
  readonly capacity: Record<Lane, number>;
  readonly tasks: LeasedTask[];
}

/** Gives ready jobs to agents: the most urgent first, of those the oldest, to each only what it can do. */
export class HandOut {
  readonly #transactions: Transactions;
  readonly #jobs: JobStore;
  readonly #leases: LeaseStore;
  readonly #vault: PayloadVault;
  readonly #clock: Clock;
  readonly #leaseSeconds: number;
  readonly #maxTasks: number;
  readonly #lanes: ReadonlyMap<string, Lane>;

  constructor(options: {
    transactions: Transactions;
    jobs: JobStore;
    leases: LeaseStore;
    vault: PayloadVault;
    clock: Clock;
    catalogue: TaskCatalogue;
    leaseSeconds: number;
    maxTasksPerRequest: number;
  }) {
    this.#transactions = options.transactions;
    this.#jobs = options.jobs;
    this.#leases = options.leases;
    this.#vault = options.vault;
    this.#clock = options.clock;
    this.#leaseSeconds = options.leaseSeconds;
    this.#maxTasks = options.maxTasksPerRequest;
    this.#lanes = new Map(options.catalogue.list().map((type) => [type.name, type.lane]));
  }

  /** What a request for work says about what its agent can take. */
  taker(session: Session, request: RequestWorkRequest): Taker {
    const typesByLane: Record<Lane, string[]> = { page: [], exclusive: [] };
    for (const type of new Set(request.types)) typesByLane[this.#lanes.get(type) ?? 'page'].push(type);
    return {
      session,
      idempotencyKey: request.idempotencyKey,
      typesByLane,
      capacity: { page: request.capacity.page, exclusive: request.capacity.exclusive },
      tasks: [],
    };
  }

  /**
   * Leases that an agent was given but does not know of, because the answer was lost: the same ones again. Leases of
   * the same idempotency key are always among them.
   */
  giveAgain(request: RequestWorkRequest, session: Session, held: ReadonlySet<string>): LeasedTask[] {
    const open = this.#leases.openIdsOfWorker(session.workerId);
    const isMissed = (lease: { id: string; idempotency_key: string }): boolean =>
      !held.has(lease.id) || lease.idempotency_key === request.idempotencyKey;
    if (!open.some(isMissed)) return [];
    const nowMs = this.#clock.nowMs();
    return this.#leases
      .openOfWorker(session.workerId)
      .filter(isMissed)
      .slice(0, 1_000)
      .map((lease) => ({
        leaseId: lease.id,
        leaseSeconds: Math.max(1, Math.floor((lease.expires_at_ms - nowMs) / 1_000)),
        jobId: lease.job_id,
        type: lease.type,
        payload: this.#vault.open(readJsonObject(lease.payload)),
        priority: lease.priority,
        maxAttempts: Math.max(1, lease.job_max_attempts - lease.job_attempts),
      }));
  }

  /** Deals ready jobs out, one to each agent in turn, until nobody can take any more. */
  distribute(takers: readonly Taker[]): void {
    if (!takers.some((taker) => this.#next(taker) !== null)) return;
    this.#transactions.run((announcements) => {
      let waiting = [...takers];
      while (waiting.length > 0) {
        waiting = waiting.filter((taker) => {
          const job = this.#next(taker);
          if (job === null) return false;
          this.#give(taker, job);
          announcements.leaseGranted = true;
          announcements.jobs.push({
            jobId: job.id,
            type: job.type,
            status: 'processing',
            attempts: job.attempts,
            workerId: taker.session.workerId,
            errorCode: null,
          });
          return true;
        });
      }
    });
  }

  #next(taker: Taker): ReadyJob | null {
    if (taker.tasks.length >= this.#maxTasks) return null;
    let best: ReadyJob | null = null;
    for (const lane of ['page', 'exclusive'] as const) {
      if (taker.capacity[lane] <= 0) continue;
      for (const type of taker.typesByLane[lane]) {
        const job = this.#jobs.readyOfType(type);
        if (job !== undefined && (best === null || isBefore(job, best))) best = job;
      }
    }
    return best;
  }

  #give(taker: Taker, job: ReadyJob): void {
    const nowMs = this.#clock.nowMs();
    const leaseId = createId('lease', nowMs);
    const { id: sessionId, workerId } = taker.session;
    this.#leases.grant({
      id: leaseId,
      jobSequence: job.sequence,
      workerId,
      sessionId,
      idempotencyKey: taker.idempotencyKey,
      grantedAtMs: nowMs,
      expiresAtMs: nowMs + this.#leaseSeconds * 1_000,
    });
    this.#jobs.lease(job.sequence, leaseId, workerId, nowMs);
    taker.capacity[this.#lanes.get(job.type) ?? 'page'] -= 1;
    taker.tasks.push({
      leaseId,
      leaseSeconds: this.#leaseSeconds,
      jobId: job.id,
      type: job.type,
      payload: this.#vault.open(readJsonObject(job.payload)),
      priority: job.priority,
      maxAttempts: Math.max(1, job.max_attempts - job.attempts),
    });
  }
}

function isBefore(one: ReadyJob, other: ReadyJob): boolean {
  return one.priority < other.priority || (one.priority === other.priority && one.sequence < other.sequence);
}
