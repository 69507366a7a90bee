import { errorDefinition, type ErrorCode } from '../../protocol/error-table.ts';
import type { TaskError } from '../../protocol/fields.ts';

/** An error as tasks and results carry it: the error table's text, and a detail. */
export function taskErrorOf(code: ErrorCode, detail = ''): TaskError {
  const { class: errorClass, message } = errorDefinition(code);
  return { code, class: errorClass, message: detail === '' ? message : `${message} ${detail}` };
}
