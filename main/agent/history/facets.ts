import { AffordableCache } from './affordable-cache.ts';
import { LIST_START, type AttemptKey } from './attempt-filter.ts';
import { type HistoryContext, storeVersion } from './history-context.ts';

/** Hosts that are offered at most, those that were visited last. */
const MOST_HOSTS = 500;
const ATTEMPTS_A_STEP = 2_000;

const NEXT = `
  FROM attempts
 WHERE (startedAtMs, taskId, number) < (@startedAtMs, @taskId, @number)
 ORDER BY startedAtMs DESC, taskId DESC, number DESC`;

/** The hosts of the next attempts, newest first, out of the index alone; its plan is asserted by a test. */
export const HOSTS_SQL = `SELECT DISTINCT site FROM (SELECT site ${NEXT} LIMIT ${ATTEMPTS_A_STEP})`;

/** The last of the same attempts; none when they are the last of all. */
export const LAST_SQL = `SELECT startedAtMs, taskId, number ${NEXT} LIMIT 1 OFFSET ${ATTEMPTS_A_STEP - 1}`;

/** What a list of attempts can be filtered by. */
export interface Facets {
  types: string[];
  /** Sorted by name. */
  hosts: string[];
}

/** Reads the types and hosts of all attempts. */
export function prepareFacets(context: HistoryContext) {
  const { database, clock, pause } = context;
  const types = database
    .prepare<[], string>('SELECT DISTINCT type FROM taskCounts WHERE count > 0 ORDER BY type')
    .pluck();
  const nextHosts = database.prepare<unknown[], string>(HOSTS_SQL).pluck();
  const lastOfStep = database.prepare<unknown[], AttemptKey>(LAST_SQL);
  const cache = new AffordableCache<string[]>({
    version: () => storeVersion(context),
    monotonicMs: () => clock.monotonicMs(),
  });

  const readHosts = async (): Promise<string[]> => {
    const hosts = new Set<string>();
    for (let from: AttemptKey | undefined = LIST_START; from !== undefined && hosts.size < MOST_HOSTS;) {
      for (const site of nextHosts.all(from)) if (site !== '' && hosts.size < MOST_HOSTS) hosts.add(site);
      from = lastOfStep.get(from);
      await pause();
    }
    return [...hosts].sort();
  };

  return async (): Promise<Facets> => ({ types: types.all(), hosts: await cache.get('hosts', readHosts) });
}
