import { AffordableCache } from './affordable-cache.ts';
import { LIST_START, type AttemptKey } from './attempt-filter.ts';
import { type HistoryContext, storeVersion } from './history-context.ts';

/** Hosts that are offered at most, those that were visited last. */
const MOST_HOSTS = 500;
const ATTEMPTS_A_STEP = 2_000;

/** The next attempts, newest first, out of the index alone. */
export const HOSTS_SQL = `
  SELECT startedAtMs, taskId, number, site FROM attempts
   WHERE (startedAtMs, taskId, number) < (@startedAtMs, @taskId, @number)
   ORDER BY startedAtMs DESC, taskId DESC, number DESC
   LIMIT ${ATTEMPTS_A_STEP}`;

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
  const step = database.prepare<unknown[], AttemptKey & { site: string }>(HOSTS_SQL);
  const cache = new AffordableCache<string[]>({
    version: () => storeVersion(context),
    monotonicMs: () => clock.monotonicMs(),
  });

  const readHosts = async (): Promise<string[]> => {
    const hosts = new Set<string>();
    for (let last: AttemptKey = LIST_START; hosts.size < MOST_HOSTS;) {
      const { startedAtMs, taskId, number } = last;
      const rows = step.all({ startedAtMs, taskId, number });
      for (const { site } of rows) if (site !== '' && hosts.size < MOST_HOSTS) hosts.add(site);
      const next = rows.at(-1);
      if (next === undefined || rows.length < ATTEMPTS_A_STEP) break;
      last = next;
      await pause();
    }
    return [...hosts].sort();
  };

  return async (): Promise<Facets> => ({ types: types.all(), hosts: await cache.get('hosts', readHosts) });
}
