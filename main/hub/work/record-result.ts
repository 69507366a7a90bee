import type { Clock } from '../../protocol/ports.ts';
import type { BlobFiles } from '../blobs/blob-files.ts';
import type { SubmittedResult } from '../blobs/inline-blobs.ts';
import { HubRefusal } from '../refusal.ts';
import { refuseInput } from '../server/error-answers.ts';
import { isFinal } from '../store/job-rows.ts';
import type { LeaseRow, LeaseStore } from '../store/lease-store.ts';
import type { ResultStore } from '../store/result-store.ts';
import type { JobLifecycle } from './job-lifecycle.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { Transactions } from './transactions.ts';

/** Records outcomes, each exactly once, and only from whoever the job was last leased to. */
export class ResultRecorder {
  readonly #transactions: Transactions;
  readonly #leases: LeaseStore;
  readonly #results: ResultStore;
  readonly #lifecycle: JobLifecycle;
  readonly #keeper: LeaseKeeper;
  readonly #blobs: BlobFiles;
  readonly #clock: Clock;

  constructor(options: {
    transactions: Transactions;
    leases: LeaseStore;
    results: ResultStore;
    lifecycle: JobLifecycle;
    keeper: LeaseKeeper;
    blobs: BlobFiles;
    clock: Clock;
  }) {
    this.#transactions = options.transactions;
    this.#leases = options.leases;
    this.#results = options.results;
    this.#lifecycle = options.lifecycle;
    this.#keeper = options.keeper;
    this.#blobs = options.blobs;
    this.#clock = options.clock;
  }

  /** @throws HubRefusal `already_stored`, `lease_lost`, `blobs_missing`, `bad_request` */
  record(workerId: string, submitted: SubmittedResult): void {
    checkOutcome(submitted);
    const stored = this.#results.byAttempt(submitted.attemptId);
    if (stored !== undefined) {
      if (stored.worker_id === workerId && stored.lease_id === submitted.leaseId) {
        throw new HubRefusal('already_stored', 'The result of this attempt is stored.');
      }
      throw new HubRefusal('bad_request', 'The attemptId is that of another lease.');
    }
    const lease = this.#deliverableLease(workerId, submitted);
    this.#checkBlobs(submitted);
    this.#transactions.run(() => {
      // An attempt that was counted when the lease ran out is not counted twice.
      const attemptsBefore = this.#keeper.revive(lease) ? Math.max(0, lease.job_attempts - 1) : lease.job_attempts;
      this.#results.insert(submitted, lease.job_sequence, workerId, this.#clock.nowMs());
      this.#leases.end(lease.id, 'stored', this.#clock.nowMs());
      this.#lifecycle.finish(lease.job_sequence, {
        status: submitted.outcome,
        attempts: attemptsBefore + submitted.attempts,
        error: submitted.error,
        resultAttemptId: submitted.attemptId,
      });
    });
  }

  #deliverableLease(workerId: string, submitted: SubmittedResult): LeaseRow {
    const lease = this.#leases.byId(submitted.leaseId);
    if (lease === undefined || lease.worker_id !== workerId) {
      throw new HubRefusal('lease_lost', 'There is no such lease of this worker.');
    }
    if (lease.job_id !== submitted.jobId) {
      throw new HubRefusal('bad_request', 'The lease is for another job.', {
        issues: [{ path: 'jobId', message: 'is not the job of the lease' }],
      });
    }
    if (lease.job_type !== submitted.type) {
      throw new HubRefusal('bad_request', `The job is a ${lease.job_type}.`, {
        issues: [{ path: 'type', message: `is not the type of the job, ${lease.job_type}` }],
      });
    }
    if (isFinal(lease.job_status) || lease.job_lease_id !== lease.id) {
      throw new HubRefusal('lease_lost', 'The job has gone to somebody else or has ended.', {
        jobStatus: lease.job_status,
      });
    }
    return lease;
  }

  #checkBlobs(submitted: SubmittedResult): void {
    const missing: string[] = [];
    for (const [position, blob] of submitted.blobs.entries()) {
      const sizeBytes = this.#blobs.sizeOf(blob.sha256);
      if (sizeBytes === null) missing.push(blob.sha256);
      else if (sizeBytes !== blob.sizeBytes) {
        throw new HubRefusal('bad_request', `The blob ${blob.name} has another size.`, {
          issues: [{ path: `blobs.${position}.sizeBytes`, message: `the stored blob has ${sizeBytes} bytes` }],
        });
      }
    }
    if (missing.length > 0) {
      throw new HubRefusal('blobs_missing', 'Parts of the result are not stored.', { missing });
    }
  }
}

function checkOutcome({ outcome, result, error, blobs }: SubmittedResult): void {
  const isCompleted = outcome === 'completed';
  const issues: { path: string; message: string }[] = [];
  if ((result !== null) !== isCompleted) {
    issues.push({
      path: 'result',
      message: `must ${isCompleted ? 'be there' : 'be null'} when the outcome is ${outcome}`,
    });
  }
  if ((error === null) !== isCompleted) {
    issues.push({
      path: 'error',
      message: `must ${isCompleted ? 'be null' : 'be there'} when the outcome is ${outcome}`,
    });
  }
  if (new Set(blobs.map((blob) => blob.name)).size < blobs.length) {
    issues.push({ path: 'blobs', message: 'two blobs have the same name' });
  }
  if (issues.length > 0) throw refuseInput(issues);
}
