import type { AttemptFilter } from './attempt-filter.ts';
import { listedAttempt, type ListedAttempt, READ_ATTEMPT_SQL } from './attempt-rows.ts';
import type { HistoryContext } from './history-context.ts';
import { prepareWalkAttempts } from './search-attempts.ts';

/** Attempts that are read whole before everything else gets its turn. */
const ATTEMPTS_A_STEP = 500;

/** Walks through a list with all that is known of each attempt, for exports. */
export function prepareWalkWhole(context: HistoryContext) {
  const readAttempt = context.database.prepare<[string, number]>(READ_ATTEMPT_SQL);
  const walk = prepareWalkAttempts(context);
  return async function* (filter: AttemptFilter): AsyncGenerator<ListedAttempt[]> {
    for await (const keys of walk(filter)) {
      for (let start = 0; start < keys.length; start += ATTEMPTS_A_STEP) {
        yield keys.slice(start, start + ATTEMPTS_A_STEP).flatMap(({ taskId, number }) => {
          const row = readAttempt.get(taskId, number);
          return row === undefined ? [] : [listedAttempt(row, context)];
        });
        await context.pause();
      }
    }
  };
}
