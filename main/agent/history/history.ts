import Database from 'better-sqlite3';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../protocol/ports.ts';
import { explainSqliteError } from '../queue/store-error.ts';
import { type ActivityBucket, prepareActivityBuckets } from './activity-buckets.ts';
import type { AttemptFilter } from './attempt-filter.ts';
import type { ListedAttempt } from './attempt-rows.ts';
import { type Facets, prepareFacets } from './facets.ts';
import type { HistoryContext } from './history-context.ts';
import { type AttemptPage, prepareListAttempts } from './list-attempts.ts';
import { type EndedTask, prepareOverview, type WaitingTask } from './overview.ts';
import { type AuditedPage, type AuditPoint, prepareScores } from './scores.ts';
import { type Delivery, prepareTaskFacts, type StoredBlob } from './task-facts.ts';
import { prepareWalkAttempts } from './walk-attempts.ts';

/** How long a statement waits for whoever writes. */
const BUSY_TIMEOUT_MS = 2_000;

/**
 * What has been done and what waits, as people look at it. Reads the agent's store over a connection of its own, which
 * cannot write, so that looking never stands in the agent's way; long readings pause so that everything else runs.
 * Every call may throw StoreError.
 */
export class History {
  readonly #database: Database.Database;
  readonly #operations: ReturnType<typeof prepareOperations>;

  /** @param file a store that `openDatabase` has brought up to date. @throws StoreError */
  constructor(file: string, clock: Clock) {
    let database: Database.Database | undefined;
    try {
      database = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
      this.#operations = prepareOperations({ database, clock, pause: () => nextTurn() });
      this.#database = database;
    } catch (error) {
      database?.close();
      throw explainSqliteError(error, file);
    }
  }

  /** A part of a list of attempts, newest first. A list with a `toMs` does not grow while it is looked through. */
  list(filter: AttemptFilter, offset: number, limit: number): Promise<AttemptPage> {
    return this.#explained(() => this.#operations.list(filter, offset, limit));
  }

  /** All attempts of a list that have ended, newest first, some at a time. */
  walk(filter: AttemptFilter): AsyncGenerator<ListedAttempt[]> {
    return this.#operations.walk(filter);
  }

  facets(): Promise<Facets> {
    return this.#explained(() => this.#operations.facets());
  }

  /** The last 24 hours, oldest first; the present one is not over. */
  activity(): Promise<ActivityBucket[]> {
    return this.#explained(() => this.#operations.activity());
  }

  auditedPages(text: string): Promise<AuditedPage[]> {
    return this.#explained(() => this.#operations.scores.pages(text));
  }

  auditPoints(url: string, formFactor: string): AuditPoint[] {
    return this.#operations.scores.points(url, formFactor);
  }

  recent(limit: number): EndedTask[] {
    return this.#operations.overview.recent(limit);
  }

  next(limit: number): WaitingTask[] {
    return this.#operations.overview.next(limit);
  }

  endedSince(sinceMs: number): Record<EndedTask['status'], number> {
    return this.#operations.overview.endedSince(sinceMs);
  }

  deliveryOf(taskId: string): Delivery | null {
    return this.#operations.facts.deliveryOf(taskId);
  }

  findBlob(sha256: string): StoredBlob | null {
    return this.#operations.facts.findBlob(sha256);
  }

  close(): void {
    this.#database.close();
  }

  async #explained<Result>(operation: () => Promise<Result>): Promise<Result> {
    try {
      return await operation();
    } catch (error) {
      throw explainSqliteError(error, this.#database.name);
    }
  }
}

function prepareOperations(context: HistoryContext) {
  return {
    list: prepareListAttempts(context),
    walk: prepareWalkAttempts(context),
    facets: prepareFacets(context),
    activity: prepareActivityBuckets(context),
    scores: prepareScores(context),
    overview: prepareOverview(context),
    facts: prepareTaskFacts(context),
  };
}
