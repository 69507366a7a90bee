import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PayloadVault } from '../../protocol/payload-vault.ts';
import type { Clock } from '../../protocol/ports.ts';
import { payloadIssues, type TaskCatalogue, type TaskType } from '../../protocol/task-type.ts';
import { createId } from '../create-id.ts';
import { refuseInput } from '../server/error-answers.ts';
import type { JobStore, NewJob } from '../store/job-store.ts';
import type { NewJobRequest } from './new-job.ts';
import type { Transactions } from './transactions.ts';

const MAX_ISSUES = 20;
/** Validating thousands of payloads takes a while; others get their turn after this many. */
const VALIDATE_AT_ONCE = 200;

/** What became of one job that was asked for: a new one, or the one that has its `uniqueKey` already. */
export interface CreatedJob {
  id: string;
  existing: boolean;
}

/** Turns what operators ask for into jobs. */
export class JobCreator {
  readonly #transactions: Transactions;
  readonly #jobs: JobStore;
  readonly #types: ReadonlyMap<string, TaskType>;
  readonly #vault: PayloadVault;
  readonly #clock: Clock;
  readonly #counted: (type: string) => void;

  constructor(options: {
    transactions: Transactions;
    jobs: JobStore;
    catalogue: TaskCatalogue;
    vault: PayloadVault;
    clock: Clock;
    counted: (type: string) => void;
  }) {
    this.#transactions = options.transactions;
    this.#jobs = options.jobs;
    this.#types = new Map(options.catalogue.list().map((type) => [type.name, type]));
    this.#vault = options.vault;
    this.#clock = options.clock;
    this.#counted = options.counted;
  }

  /**
   * Checks every payload against its task type and fills the defaults in.
   * @param pathOf where a job stands in the input, such as `jobs.3.`; empty for a single one
   * @throws HubRefusal `bad_request` with the path of each wrong field (the first twenty)
   */
  async check(requests: readonly NewJobRequest[], pathOf: (position: number) => string): Promise<NewJob[]> {
    const issues: { path: string; message: string }[] = [];
    const checked: NewJob[] = [];
    const nowMs = this.#clock.nowMs();
    for (const [position, request] of requests.entries()) {
      if (position % VALIDATE_AT_ONCE === VALIDATE_AT_ONCE - 1) await nextTurn();
      const path = pathOf(position);
      const type = this.#types.get(request.type);
      if (type === undefined) {
        const known = [...this.#types.keys()].join(', ');
        issues.push({ path: `${path}type`, message: `is not a task type of this hub; it knows ${known}` });
      } else {
        const parsed = type.payloadSchema.safeParse(request.payload);
        if (parsed.success) checked.push(newJob(request, type, JSON.stringify(this.#vault.seal(parsed.data)), nowMs));
        else {
          for (const issue of payloadIssues(parsed.error)) {
            issues.push({ path: `${path}${issue.path}`, message: issue.message });
          }
        }
      }
      if (issues.length >= MAX_ISSUES) break;
    }
    if (issues.length > 0) throw refuseInput(issues.slice(0, MAX_ISSUES));
    return checked;
  }

  /** Stores all of them or, when anything fails, none. */
  insert(jobs: readonly NewJob[]): CreatedJob[] {
    return this.#transactions.run((announcements) => {
      const nowMs = this.#clock.nowMs();
      return jobs.map((job) => {
        const existing = job.uniqueKey === null ? undefined : this.#jobs.byUniqueKey(job.uniqueKey);
        if (existing !== undefined) return { id: existing.id, existing: true };
        this.#jobs.insert(job, nowMs);
        if (job.runAtMs > nowMs) announcements.jobScheduled = true;
        else announcements.workReady = true;
        announcements.jobs.push({
          jobId: job.id,
          type: job.type,
          status: 'pending',
          attempts: 0,
          workerId: null,
          errorCode: null,
        });
        this.#counted(job.type);
        return { id: job.id, existing: false };
      });
    });
  }
}

function newJob(request: NewJobRequest, type: TaskType, payload: string, nowMs: number): NewJob {
  return {
    id: createId('job', nowMs),
    type: type.name,
    lane: type.lane,
    payload,
    priority: request.priority,
    maxAttempts: request.maxAttempts,
    runAtMs: request.runAt ?? nowMs,
    uniqueKey: request.uniqueKey ?? null,
    webhookUrl: request.webhookUrl ?? null,
  };
}
