import { toLegworkError } from './error-table.ts';
import type { TaskError } from './fields.ts';

/** Any thrown value in the form in which an attempt's failure is stored and sent. */
export function taskErrorOf(thrown: unknown): TaskError {
  const error = toLegworkError(thrown);
  return { code: error.code, class: error.class, message: error.message.slice(0, 4_000) };
}
