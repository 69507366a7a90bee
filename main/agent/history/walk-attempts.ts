import {
  attemptConditions,
  type AttemptFilter,
  type AttemptKey,
  filterParameters,
  LIST_START,
} from './attempt-filter.ts';
import { listedAttempt, type ListedAttempt, READ_ATTEMPT_SQL } from './attempt-rows.ts';
import type { HistoryContext } from './history-context.ts';
import { prepareSearchAttempts } from './search-attempts.ts';

/** Attempts that are read whole before everything else gets its turn. */
const ATTEMPTS_A_STEP = 100;

/** The next keys of a list, out of the index alone; its plan is asserted by a test. */
export function stepSql(filter: AttemptFilter): string {
  return `
    SELECT startedAtMs, taskId, number FROM attempts
     WHERE ${attemptConditions(filter)} AND (startedAtMs, taskId, number) < (@startedAtMs, @taskId, @number)
     ORDER BY startedAtMs DESC, taskId DESC, number DESC
     LIMIT @limit + 0`;
}

/** Walks through the ended attempts of a list with all that is known of each, for exports. */
export function prepareWalkAttempts(context: HistoryContext) {
  const { database, pause } = context;
  const readAttempt = database.prepare<[string, number]>(READ_ATTEMPT_SQL);
  const search = prepareSearchAttempts(context);

  async function* keysOf(filter: AttemptFilter): AsyncGenerator<AttemptKey[]> {
    if (filter.text !== '') {
      const found = await search(filter);
      for (let start = 0; start < found.length; start += ATTEMPTS_A_STEP) {
        yield found.slice(start, start + ATTEMPTS_A_STEP);
      }
      return;
    }
    const step = database.prepare<unknown[], AttemptKey>(stepSql(filter));
    const parameters = { ...filterParameters(filter), limit: ATTEMPTS_A_STEP };
    for (let last: AttemptKey | undefined = LIST_START; last !== undefined;) {
      const { startedAtMs, taskId, number }: AttemptKey = last;
      const keys: AttemptKey[] = step.all({ ...parameters, startedAtMs, taskId, number });
      yield keys;
      last = keys.length < ATTEMPTS_A_STEP ? undefined : keys.at(-1);
    }
  }

  return async function* (filter: AttemptFilter): AsyncGenerator<ListedAttempt[]> {
    if (filter.outcome === 'running') return;
    for await (const keys of keysOf(filter)) {
      yield keys.flatMap(({ taskId, number }) => {
        const row = readAttempt.get(taskId, number);
        return row === undefined ? [] : [listedAttempt(row, context)];
      });
      await pause();
    }
  };
}
