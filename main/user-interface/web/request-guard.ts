import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Names of this machine under which a browser may have been told to come here. */
const OWN_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** What is needed of a request to judge it. */
export interface GuardedRequest {
  method: string;
  /** Path and query, as they were sent. */
  url: string;
  headers: IncomingHttpHeaders;
}

/** `path`: what follows the token, beginning with a slash. */
export type GuardVerdict = { allowed: true; path: string } | { allowed: false; status: 400 | 403 | 404 | 405 };

/**
 * Whether a request comes from the page that this server gave out, and from nowhere else.
 * - `Host` must be this machine's own name and port: a site whose name is made to resolve to 127.0.0.1 sends its own.
 * - A page of another origin is refused, by `Origin` and by `Sec-Fetch-Site` (W3C Fetch Metadata).
 * - Only who was shown the URL knows the token.
 */
export function guardRequest(
  { method, url, headers }: GuardedRequest,
  { token, port }: { token: string; port: number },
): GuardVerdict {
  if (method !== 'GET' && method !== 'HEAD') return { allowed: false, status: 405 };
  if (!isOwnHost(headers.host, port) || isForeign(headers, port)) return { allowed: false, status: 403 };
  const match = /^\/([^/?#]+)(\/[^?#]*)?(?:\?[^#]*)?$/.exec(url);
  if (match === null || !isSameText(match[1] ?? '', token)) return { allowed: false, status: 404 };
  return { allowed: true, path: match[2] ?? '' };
}

/** Whether a request to open a WebSocket says that it comes from the own page. A program of this user could lie. */
export function isOwnSocketOrigin(headers: IncomingHttpHeaders, port: number): boolean {
  return headers.origin !== undefined && ownOrigins(port).includes(headers.origin);
}

function ownOrigins(port: number): string[] {
  return OWN_NAMES.map((name) => `http://${name}:${port}`);
}

function isOwnHost(host: string | undefined, port: number): boolean {
  return host !== undefined && OWN_NAMES.some((name) => host.toLowerCase() === `${name}:${port}`);
}

function isForeign(headers: IncomingHttpHeaders, port: number): boolean {
  if (headers.origin !== undefined && !ownOrigins(port).includes(headers.origin)) return true;
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** Takes the same time wherever the texts differ. */
function isSameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
