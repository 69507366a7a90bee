import {
  attemptConditions,
  type AttemptFilter,
  type AttemptKey,
  filterParameters,
  FITS_TEXT,
  LIST_START,
} from './attempt-filter.ts';
import type { HistoryContext } from './history-context.ts';

/** Attempts that are looked at before everything else gets its turn; a few milliseconds. */
const ATTEMPTS_A_STEP = 2_000;

interface SearchedAttempt extends AttemptKey {
  fits: number;
}

/** The next step of a walk through a list, newest first; its plan is asserted by a test. */
export function stepSql(filter: AttemptFilter): string {
  return `
    SELECT startedAtMs, taskId, number, ${filter.text === '' ? '1' : FITS_TEXT} AS fits FROM attempts
     WHERE ${attemptConditions(filter)} AND (startedAtMs, taskId, number) < (@startedAtMs, @taskId, @number)
     ORDER BY startedAtMs DESC, taskId DESC, number DESC
     LIMIT @limit + 0`;
}

/** Walks through the ended attempts of a list in steps between which everything else runs. */
export function prepareWalkAttempts({ database, pause }: HistoryContext) {
  return async function* (filter: AttemptFilter): AsyncGenerator<AttemptKey[]> {
    if (filter.outcome === 'running') return;
    const step = database.prepare<unknown[], SearchedAttempt>(stepSql(filter));
    const parameters = { ...filterParameters(filter), limit: ATTEMPTS_A_STEP };
    for (let last: AttemptKey = LIST_START; ;) {
      const { startedAtMs, taskId, number } = last;
      const looked = step.all({ ...parameters, startedAtMs, taskId, number });
      yield looked.filter(({ fits }) => fits === 1);
      const next = looked.at(-1);
      if (next === undefined || looked.length < ATTEMPTS_A_STEP) return;
      last = next;
      await pause();
    }
  };
}

/** The keys of all ended attempts of a list, when its filter cannot be answered by an index. */
export function prepareSearchAttempts(context: HistoryContext) {
  const walk = prepareWalkAttempts(context);
  return async (filter: AttemptFilter): Promise<AttemptKey[]> => {
    const keys: AttemptKey[] = [];
    for await (const found of walk(filter)) {
      for (const { startedAtMs, taskId, number } of found) keys.push({ startedAtMs, taskId, number });
    }
    return keys;
  };
}
