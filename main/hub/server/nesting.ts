import { refuseInput } from './error-answers.ts';

/** Deeper than anything that a task needs, and far from where recursive code runs out of stack. */
export const MAX_NESTING = 100;

/**
 * Refuses parsed JSON that is nested too deeply to be worked on by recursive code. It looks level by level, so that it
 * needs no stack itself.
 * @throws HubRefusal `bad_request`
 */
export function refuseDeepNesting(value: unknown): void {
  let level = [value].filter(isNested);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= MAX_NESTING) {
      throw refuseInput([{ path: '', message: `must not be nested more than ${MAX_NESTING} levels deep` }]);
    }
    const next: object[] = [];
    for (const parent of level) {
      for (const child of Object.values(parent)) if (isNested(child)) next.push(child);
    }
    level = next;
  }
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
