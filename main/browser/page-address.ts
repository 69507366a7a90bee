import { z } from 'zod';
import { LegworkError } from '../protocol/error-table.ts';

const MAX_URL_CHARACTERS = 8_000;

/** Why an address may not be visited, or null when it may: absolute, http or https, without credentials. */
export function addressFault(text: string): string | null {
  if (text.length > MAX_URL_CHARACTERS) return `must have at most ${MAX_URL_CHARACTERS} characters`;
  // Browsers drop line ends and tabs inside an address; logs and terminals do not.
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return 'must not contain control characters';
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'must be an absolute URL, such as https://example.org/page';
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return `must be an http or https address, not ${url.protocol}`;
  }
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password; use basicAuth';
  return null;
}

/** An address that a page may have: see `addressFault`. */
export const pageAddress = z
  .string()
  .superRefine((text, context) => {
    const fault = addressFault(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  })
  .describe('An absolute http or https address without credentials.');

/** @throws LegworkError `url_refused` for anything but a plain http or https address */
export function refuseBadAddress(text: string): void {
  const fault = addressFault(text);
  if (fault !== null) throw new LegworkError('url_refused', `It ${fault}.`);
}
