import { assertNever } from '../../protocol/assert-never.ts';
import type { GoodbyeRequest } from '../../protocol/goodbye.ts';
import type { HandshakeRequest } from '../../protocol/handshake.ts';
import type { HeartbeatRequest } from '../../protocol/heartbeat.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { LostLease } from '../../protocol/request-work.ts';
import type { EventStream } from '../event-stream.ts';
import type { JobStore } from '../store/job-store.ts';
import type { LeaseRow, LeaseStore } from '../store/lease-store.ts';
import type { Session } from '../workers/sessions.ts';
import type { JobLifecycle } from './job-lifecycle.ts';
import type { Transactions } from './transactions.ts';

/** Leases are expired in portions, so that a long list of them does not hold everybody else up. */
const EXPIRE_AT_ONCE = 200;

type Standing = 'kept' | 'stored' | LostLease['reason'];

/** Who still has which lease: renewal, expiry, taking over and giving back. */
export class LeaseKeeper {
  readonly #transactions: Transactions;
  readonly #leases: LeaseStore;
  readonly #jobs: JobStore;
  readonly #lifecycle: JobLifecycle;
  readonly #events: EventStream;
  readonly #clock: Clock;
  readonly #leaseMs: number;

  constructor(options: {
    transactions: Transactions;
    leases: LeaseStore;
    jobs: JobStore;
    lifecycle: JobLifecycle;
    events: EventStream;
    clock: Clock;
    leaseMs: number;
  }) {
    this.#transactions = options.transactions;
    this.#leases = options.leases;
    this.#jobs = options.jobs;
    this.#lifecycle = options.lifecycle;
    this.#events = options.events;
    this.#clock = options.clock;
    this.#leaseMs = options.leaseMs;
  }

  /** To be called at the start of the hub: while it was down nobody could renew, so all leases get a full term. */
  extendAll(): void {
    this.#leases.extendAll(this.#clock.nowMs() + this.#leaseMs);
  }

  /**
   * Which of the leases that an agent says it holds are lost. A lease that has run out while nobody else took the job
   * is its holder's again when the agent says so now; a request that has been held open for a while is no sign of life,
   * and of such a lease nothing is said to it. Leases whose result is stored are not mentioned either: delivering it
   * again will say so.
   */
  findLost(workerId: string, heldLeases: readonly string[], said: 'now' | 'earlier'): LostLease[] {
    if (heldLeases.length === 0) return [];
    const open = new Set(this.#leases.openIdsOfWorker(workerId).map((lease) => lease.id));
    const lost: LostLease[] = [];
    for (const leaseId of heldLeases) {
      if (open.has(leaseId)) continue;
      const lease = this.#leases.byId(leaseId);
      if (said === 'earlier' && lease !== undefined && lease.worker_id === workerId && canRevive(lease)) continue;
      const standing = this.#standing(lease, workerId);
      if (standing !== 'kept' && standing !== 'stored') lost.push({ leaseId, reason: standing });
    }
    return lost;
  }

  /** Renews what can be renewed and takes note of the progress. */
  renew(workerId: string, held: HeartbeatRequest['leases']): { renewedLeases: string[]; lostLeases: LostLease[] } {
    const renewedLeases: string[] = [];
    const lostLeases: LostLease[] = [];
    if (held.length === 0) return { renewedLeases, lostLeases };
    this.#transactions.run(() => {
      const expiresAtMs = this.#clock.nowMs() + this.#leaseMs;
      for (const { leaseId, state, progress } of held) {
        const lease = this.#leases.byId(leaseId);
        const standing = this.#standing(lease, workerId);
        if (standing === 'stored') continue;
        if (lease === undefined || standing !== 'kept') {
          lostLeases.push({ leaseId, reason: standing === 'kept' ? 'unknown' : standing });
          continue;
        }
        this.#leases.renew(leaseId, state, expiresAtMs);
        renewedLeases.push(leaseId);
        if (progress === undefined) continue;
        this.#jobs.progress(lease.job_sequence, progress);
        this.#events.publishProgress(lease.job_id, progress);
      }
    });
    return { renewedLeases, lostLeases };
  }

  /**
   * Settles a worker's leases for a new session: those that the agent brings with it go on in it, all others go back
   * to the queue at once.
   */
  takeOver(session: Session, handshake: HandshakeRequest): { keptLeases: string[]; lostLeases: string[] } {
    const { workerId } = session;
    const undelivered = new Set(handshake.unsentResults.map((result) => result.leaseId));
    const claimed = new Set([...handshake.heldLeases, ...undelivered]);
    const keptLeases: string[] = [];
    const lostLeases: string[] = [];
    return this.#transactions.run(() => {
      for (const lease of this.#leases.openOfWorker(workerId)) {
        if (claimed.has(lease.id)) continue;
        this.#lifecycle.giveBack(lease, 'superseded', {
          // An agent keeps what it is given before it works on it: this one never arrived.
          attempts: 0,
          errorCode: 'agent_crashed',
          errorDetail: 'The agent started anew without the task.',
        });
      }
      for (const leaseId of claimed) {
        const standing = this.#standing(this.#leases.byId(leaseId), workerId);
        if (standing === 'kept') this.#leases.moveToSession(leaseId, session.id, this.#clock.nowMs() + this.#leaseMs);
        const isKept = standing === 'kept' || (standing === 'stored' && undelivered.has(leaseId));
        (isKept ? keptLeases : lostLeases).push(leaseId);
      }
      return { keptLeases, lostLeases };
    });
  }

  /** Takes back what an agent returns. */
  takeBack(workerId: string, returned: GoodbyeRequest['returnedLeases']): string[] {
    return this.#transactions.run(() => {
      const taken: string[] = [];
      for (const { leaseId, attemptsUsed } of returned) {
        const lease = this.#leases.byId(leaseId);
        if (lease === undefined || lease.worker_id !== workerId || lease.ended !== null) continue;
        this.#lifecycle.giveBack(lease, 'returned', {
          attempts: attemptsUsed,
          errorCode: 'shutdown',
          errorDetail: 'It had used all its attempts.',
        });
        taken.push(leaseId);
      }
      return taken;
    });
  }

  /** Gives all open leases of a revoked worker back. */
  dropAll(workerId: string): void {
    this.#transactions.run((announcements) => {
      for (const lease of this.#leases.openOfWorker(workerId)) {
        this.#lifecycle.giveBack(lease, 'superseded', {
          attempts: 0,
          errorCode: 'lease_lost',
          errorDetail: 'The worker was revoked.',
        });
        announcements.leaseLosers.add(workerId);
      }
    });
  }

  /**
   * Takes back the leases that nobody renewed in time.
   * @returns how many there were; as many as were asked for means that there may be more
   */
  expireDue(): { expired: number; more: boolean } {
    const due = this.#leases.expired(this.#clock.nowMs(), EXPIRE_AT_ONCE);
    if (due.length > 0) {
      this.#transactions.run((announcements) => {
        for (const lease of due) {
          this.#lifecycle.giveBack(lease, 'expired', {
            attempts: 1,
            errorCode: 'agent_crashed',
            errorDetail: 'The lease expired: the agent was not heard of in time.',
          });
          announcements.leaseLosers.add(lease.worker_id);
        }
      });
    }
    return { expired: due.length, more: due.length === EXPIRE_AT_ONCE };
  }

  nextExpiryMs(): number | null {
    return this.#leases.nextExpiryMs();
  }

  /**
   * Opens a lease again that has run out while nobody else took its job.
   * @returns whether it is open now
   */
  revive(lease: LeaseRow): boolean {
    if (!canRevive(lease)) return false;
    this.#transactions.run((announcements) => {
      this.#leases.reopen(lease.id, this.#clock.nowMs() + this.#leaseMs);
      this.#jobs.revive(lease.job_sequence);
      announcements.leaseGranted = true;
    });
    return true;
  }

  #standing(lease: LeaseRow | undefined, workerId: string): Standing {
    if (lease === undefined || lease.worker_id !== workerId) return 'unknown';
    switch (lease.ended) {
      case null:
        return 'kept';
      case 'stored':
        return 'stored';
      case 'cancelled':
        return 'cancelled';
      case 'expired':
        if (this.revive(lease)) return 'kept';
        return lease.job_lease_id === lease.id ? 'expired' : 'superseded';
      case 'superseded':
        return 'superseded';
      case 'returned':
        return 'unknown';
      default:
        return assertNever(lease.ended, 'end of a lease');
    }
  }
}

function canRevive(lease: LeaseRow): boolean {
  return lease.ended === 'expired' && lease.job_status === 'pending' && lease.job_lease_id === lease.id;
}
