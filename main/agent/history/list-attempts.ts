import { AffordableCache } from './affordable-cache.ts';
import {
  attemptConditions,
  type AttemptFilter,
  type AttemptKey,
  compareKeys,
  filterParameters,
} from './attempt-filter.ts';
import { listedAttempt, type ListedAttempt, READ_ATTEMPT_SQL, RUNNING_SQL } from './attempt-rows.ts';
import { type HistoryContext, storeVersion } from './history-context.ts';
import { prepareSearchAttempts } from './search-attempts.ts';

/** A part of a list of attempts, newest first. */
export interface AttemptPage {
  rows: ListedAttempt[];
  /** How long the whole list is; it may be a little behind while much is going on. */
  total: number;
}

/** The keys of a page of ended attempts, out of the index alone; its plan is asserted by a test. */
export function pageSql(filter: AttemptFilter): string {
  return `
    SELECT startedAtMs, taskId, number FROM attempts
     WHERE ${attemptConditions(filter)}
     ORDER BY startedAtMs DESC, taskId DESC, number DESC
     LIMIT @limit + 0 OFFSET @offset + 0`;
}

/** How many ended attempts a list has, out of the index alone. */
export function countSql(filter: AttemptFilter): string {
  return `SELECT count(*) FROM attempts WHERE ${attemptConditions(filter)}`;
}

/** Lists every attempt of every task. */
export function prepareListAttempts(context: HistoryContext) {
  const { database, clock } = context;
  const readAttempt = database.prepare<[string, number]>(READ_ATTEMPT_SQL);
  const readRunning = database.prepare<[]>(RUNNING_SQL);
  const search = prepareSearchAttempts(context);
  const cacheOptions = { version: () => storeVersion(context), monotonicMs: () => clock.monotonicMs() };
  const totals = new AffordableCache<number>(cacheOptions);
  const found = new AffordableCache<AttemptKey[]>(cacheOptions);

  const running = (filter: AttemptFilter): ListedAttempt[] =>
    filter.outcome !== null && filter.outcome !== 'running'
      ? []
      : readRunning
          .all()
          .map((row) => listedAttempt(row, context))
          .filter((attempt) => fits(attempt, filter))
          .sort(compareKeys);

  /** Keys of ended attempts from an offset on, and how many there are. */
  const ended = async (
    filter: AttemptFilter,
    offset: number,
    limit: number,
  ): Promise<{ keys: AttemptKey[]; total: number }> => {
    if (filter.outcome === 'running') return { keys: [], total: 0 };
    const parameters = filterParameters(filter);
    const name = JSON.stringify(parameters);
    if (filter.text !== '') {
      const all = await found.get(name, () => search(filter));
      return { keys: all.slice(offset, offset + limit), total: all.length };
    }
    const total = await totals.get(name, () =>
      Number(database.prepare<unknown[], number>(countSql(filter)).pluck().get(parameters)),
    );
    const page = database.prepare<unknown[], AttemptKey>(pageSql(filter));
    return { keys: page.all({ ...parameters, limit, offset }), total };
  };

  return async (filter: AttemptFilter, offset: number, limit: number): Promise<AttemptPage> => {
    const now = running(filter);
    // A running attempt moves those that are older than it by one place, so that the page may begin that much earlier.
    const first = Math.max(0, offset - now.length);
    const { keys, total } = await ended(filter, first, offset - first + limit);
    const newest = keys[0];
    const before = first === 0 || newest === undefined ? 0 : now.filter((key) => compareKeys(key, newest) < 0).length;
    const merged = [...keys, ...now.slice(before)].sort(compareKeys);
    const start = offset - first - before;
    const rows = merged.slice(Math.max(0, start), Math.max(0, start) + limit).flatMap((key): ListedAttempt[] => {
      if ('attemptId' in key) return [key as ListedAttempt];
      const row = readAttempt.get(key.taskId, key.number);
      return row === undefined ? [] : [listedAttempt(row, context)];
    });
    return { rows, total: total + now.length };
  };
}

function fits(attempt: ListedAttempt, filter: AttemptFilter): boolean {
  const text = filter.text.toLowerCase();
  return (
    (filter.type === null || attempt.type === filter.type) &&
    (filter.site === null || attempt.site === filter.site) &&
    (filter.fromMs === null || attempt.startedAtMs >= filter.fromMs) &&
    (filter.toMs === null || attempt.startedAtMs < filter.toMs) &&
    (text === '' || attempt.url.toLowerCase().includes(text) || attempt.taskId.includes(text))
  );
}
