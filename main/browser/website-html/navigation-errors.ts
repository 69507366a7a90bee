import { LegworkError } from '../../protocol/error-table.ts';

const MEBIBYTE = 1024 * 1024;

/** What a part of a page that is over its limit fails with. */
export function tooLarge(what: string, limitBytes: number): LegworkError {
  const limit = limitBytes % MEBIBYTE === 0 ? `${limitBytes / MEBIBYTE} MiB` : `${limitBytes} bytes`;
  return new LegworkError('page_too_large', `${what} may have ${limit}.`);
}
