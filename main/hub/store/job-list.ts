import type { Statement } from 'better-sqlite3';
import type { JobRow, JobStatus } from './job-rows.ts';
import type { Store } from './open-store.ts';

/** Which jobs to list, newest first; what is undefined does not matter. */
export interface JobFilter {
  status?: JobStatus | undefined;
  type?: string | undefined;
  workerId?: string | undefined;
  uniqueKey?: string | undefined;
  /** Unix milliseconds, exclusive. */
  createdAfter?: number | undefined;
  /** Unix milliseconds, exclusive. */
  createdBefore?: number | undefined;
  /** The last job of the page before. */
  after?: { createdAtMs: number; sequence: number } | undefined;
  limit: number;
}

const CONDITIONS: Record<string, string> = {
  status: 'status = @status',
  type: 'type = @type',
  workerId: 'worker_id = @workerId',
  uniqueKey: 'unique_key = @uniqueKey',
  createdAfter: 'created_at_ms > @createdAfter',
  createdBefore: 'created_at_ms < @createdBefore',
  after: '(created_at_ms, sequence) < (@afterCreatedAtMs, @afterSequence)',
};

/** The statement for the filters that are set; pages follow each other by key, so that late ones cost no more. */
export function listJobsSql(filter: JobFilter): string {
  const set = Object.entries(filter).filter(([, value]) => value !== undefined);
  const conditions = set.flatMap(([name]) => CONDITIONS[name] ?? []);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  return `SELECT * FROM jobs ${where} ORDER BY created_at_ms DESC, sequence DESC LIMIT @limit`;
}

/** Lists jobs by filters; each combination is prepared once. */
export class JobList {
  readonly #store: Store;
  readonly #statements = new Map<string, Statement<[object], JobRow>>();

  constructor(store: Store) {
    this.#store = store;
  }

  list(filter: JobFilter): JobRow[] {
    const sql = listJobsSql(filter);
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#store.prepare<[object], JobRow>(sql);
      this.#statements.set(sql, statement);
    }
    const { after, ...fields } = filter;
    return statement.all({ ...fields, afterCreatedAtMs: after?.createdAtMs, afterSequence: after?.sequence });
  }
}
