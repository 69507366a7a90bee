import { LegworkError } from '../../protocol/error-table.ts';

/** What a part of a page that is over its limit fails with. */
export function tooLarge(what: string, limitBytes: number): LegworkError {
  return new LegworkError('page_too_large', `${what} may have ${limitBytes / 1024 / 1024} MiB.`);
}
