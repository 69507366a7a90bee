import { errorDefinition, type ErrorCode } from '../../protocol/error-table.ts';
import type { TaskError } from '../../protocol/fields.ts';
import type { Clock } from '../../protocol/ports.ts';
import { createId } from '../create-id.ts';
import { toJobView } from '../job-view.ts';
import { HubRefusal } from '../refusal.ts';
import { isFinal, type JobRow, type JobStatus } from '../store/job-rows.ts';
import type { JobStore } from '../store/job-store.ts';
import type { LeaseEnd, LeaseRow, LeaseStore } from '../store/lease-store.ts';
import type { WebhookStore } from '../store/webhook-store.ts';
import type { Announcements, Transactions } from './transactions.ts';

/** The changes of a job after its creation, and what each entails. */
export class JobLifecycle {
  readonly #transactions: Transactions;
  readonly #jobs: JobStore;
  readonly #leases: LeaseStore;
  readonly #webhooks: WebhookStore;
  readonly #clock: Clock;

  constructor(options: {
    transactions: Transactions;
    jobs: JobStore;
    leases: LeaseStore;
    webhooks: WebhookStore;
    clock: Clock;
  }) {
    this.#transactions = options.transactions;
    this.#jobs = options.jobs;
    this.#leases = options.leases;
    this.#webhooks = options.webhooks;
    this.#clock = options.clock;
  }

  /** Ends a job for good and records the webhook that it owes. */
  finish(
    sequence: number,
    outcome: {
      status: 'completed' | 'failed' | 'cancelled';
      attempts: number;
      error: TaskError | null;
      resultAttemptId: string | null;
    },
  ): void {
    this.#transactions.run((announcements) => {
      const nowMs = this.#clock.nowMs();
      this.#jobs.finish(sequence, outcome, nowMs);
      const job = this.#row(sequence);
      announce(announcements, job, outcome.status, outcome.error?.code ?? null);
      if (job.webhook_url === null) return;
      const id = createId('webhook', nowMs);
      const body = JSON.stringify({
        id,
        event: `job.${outcome.status}`,
        createdAtMs: nowMs,
        job: toJobView(job),
        resultUrl: outcome.resultAttemptId === null ? null : `/api/jobs/${job.id}/result`,
      });
      this.#webhooks.insert({ id, jobId: job.id, url: job.webhook_url, body, nowMs });
      announcements.webhookDue = true;
    });
  }

  /**
   * Ends an open lease whose task was not finished. Its job goes back to where it stood in the queue with the used
   * attempts counted, or fails for good when none is left.
   */
  giveBack(
    lease: LeaseRow,
    ended: LeaseEnd,
    used: { attempts: number; errorCode: ErrorCode; errorDetail: string },
  ): void {
    this.#transactions.run((announcements) => {
      this.#leases.end(lease.id, ended, this.#clock.nowMs());
      if (lease.job_status !== 'processing' || lease.job_lease_id !== lease.id) return;
      const attempts = lease.job_attempts + used.attempts;
      if (attempts >= lease.job_max_attempts) {
        const error = describe(used.errorCode, used.errorDetail);
        this.finish(lease.job_sequence, { status: 'failed', attempts, error, resultAttemptId: null });
        return;
      }
      this.#jobs.returnToQueue(lease.job_sequence, attempts);
      announce(announcements, this.#row(lease.job_sequence), 'pending', null);
      announcements.workReady = true;
    });
  }

  /**
   * Cancels a job that is not final; of one that is cancelled already, nothing changes.
   * @throws HubRefusal `conflict`
   */
  cancel(job: JobRow): void {
    if (job.status === 'cancelled') return;
    if (isFinal(job.status)) throw new HubRefusal('conflict', `The job is ${job.status} already.`);
    this.#transactions.run((announcements) => {
      this.finish(job.sequence, {
        status: 'cancelled',
        attempts: job.attempts,
        error: describe('cancelled_by_operator', ''),
        resultAttemptId: null,
      });
      if (job.status !== 'processing' || job.lease_id === null) return;
      this.#leases.end(job.lease_id, 'cancelled', this.#clock.nowMs());
      if (job.worker_id !== null) announcements.leaseLosers.add(job.worker_id);
    });
  }

  /**
   * Puts a failed or cancelled job back into the queue with all its attempts.
   * @throws HubRefusal `conflict`
   */
  retry(job: JobRow): void {
    if (job.status !== 'failed' && job.status !== 'cancelled') {
      throw new HubRefusal('conflict', `Only a failed or cancelled job can be retried; this one is ${job.status}.`);
    }
    this.#transactions.run((announcements) => {
      this.#jobs.reset(job.sequence, this.#clock.nowMs());
      announce(announcements, this.#row(job.sequence), 'pending', null);
      announcements.workReady = true;
    });
  }

  /**
   * Deletes a job with its results; its blobs go with the next collection of garbage.
   * @throws HubRefusal `conflict` while an agent has it
   */
  remove(job: JobRow): void {
    if (job.status === 'processing') {
      throw new HubRefusal('conflict', 'An agent is working on the job. Cancel it first.');
    }
    this.#transactions.run((announcements) => {
      this.#jobs.remove(job.sequence);
      announce(announcements, job, 'deleted', null);
    });
  }

  #row(sequence: number): JobRow {
    const job = this.#jobs.bySequence(sequence);
    if (job === undefined) throw new Error(`job ${sequence} is gone`);
    return job;
  }
}

function describe(code: ErrorCode, detail: string): TaskError {
  const definition = errorDefinition(code);
  return { code, class: definition.class, message: `${definition.message} ${detail}`.trim() };
}

function announce(
  announcements: Announcements,
  job: JobRow,
  status: JobStatus | 'deleted',
  errorCode: string | null,
): void {
  announcements.jobs.push({
    jobId: job.id,
    type: job.type,
    status,
    attempts: job.attempts,
    workerId: job.worker_id,
    errorCode,
  });
}
