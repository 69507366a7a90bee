import {
  type AttemptFilter,
  type AttemptKey,
  attemptConditions,
  compareKeys,
  filterParameters,
} from './attempt-filter.ts';
import type { HistoryContext } from './history-context.ts';

/** Attempts that are looked at before everything else gets its turn; a few milliseconds. */
const ATTEMPTS_A_STEP = 1_000;

interface SearchedAttempt extends AttemptKey {
  fits: number;
}

/**
 * The next attempts in the order in which they are stored, so that none must be looked up; its plan is asserted by a
 * test. That they are told whether they fit, and not left out, bounds what a step costs.
 */
export function searchSql(filter: AttemptFilter): string {
  return String.raw`
    SELECT startedAtMs, taskId, number,
           ${attemptConditions(filter)} AND (url LIKE @pattern ESCAPE '\' OR taskId LIKE @pattern ESCAPE '\') AS fits
      FROM attempts
     WHERE (taskId, number) > (@taskId, @number)
     ORDER BY taskId, number
     LIMIT @limit + 0`;
}

/** The keys of all ended attempts of a list in its order, when its filter cannot be answered by an index. */
export function prepareSearchAttempts({ database, pause }: HistoryContext) {
  return async (filter: AttemptFilter): Promise<AttemptKey[]> => {
    const step = database.prepare<unknown[], SearchedAttempt>(searchSql(filter));
    const parameters = { ...filterParameters(filter), limit: ATTEMPTS_A_STEP };
    const found: AttemptKey[] = [];
    for (let [taskId, number] = ['', 0]; ;) {
      const looked = step.all({ ...parameters, taskId, number });
      for (const attempt of looked) {
        if (attempt.fits === 0) continue;
        found.push({ startedAtMs: attempt.startedAtMs, taskId: attempt.taskId, number: attempt.number });
      }
      const last = looked.at(-1);
      if (last === undefined || looked.length < ATTEMPTS_A_STEP) return found.sort(compareKeys);
      ({ taskId, number } = last);
      await pause();
    }
  };
}
