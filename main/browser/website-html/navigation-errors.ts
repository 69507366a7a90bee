import { LegworkError, type ErrorCode } from '../../protocol/error-table.ts';

/** Chromium's network errors (net/base/net_error_list.h) by what they mean to an operator; the first pattern wins. */
const MEANINGS: readonly [pattern: RegExp, code: ErrorCode][] = [
  [/^ERR_(NAME_|DNS_|ICANN_)/, 'name_not_resolved'],
  [/^ERR_TOO_MANY_REDIRECTS$/, 'too_many_redirects'],
  [/^ERR_EMPTY_RESPONSE$/, 'empty_response'],
  [
    /^ERR_(UNSAFE_REDIRECT|UNSAFE_PORT|UNKNOWN_URL_SCHEME|DISALLOWED_URL_SCHEME|INVALID_URL|ACCESS_DENIED)$/,
    'url_refused',
  ],
  [/^ERR_(CERT_|SSL_|BAD_SSL_|ECH_|CERTIFICATE_)/, 'tls_failed'],
  // A body that was cut off is what a broken connection looks like; the next try may get all of it.
  [
    /^ERR_(INCOMPLETE_CHUNKED_ENCODING|CONTENT_LENGTH_MISMATCH|HTTP2_PING_FAILED|HTTP2_SERVER_REFUSED_STREAM)$/,
    'connection_failed',
  ],
  [
    /^ERR_(INVALID_|CONTENT_DECODING_|RESPONSE_HEADERS_|UNEXPECTED_|HTTP2_|QUIC_|UNSUPPORTED_AUTH|MALFORMED_|MISSING_AUTH|HTTP_1_1_REQUIRED|HTTP_RESPONSE_CODE_FAILURE)/,
    'invalid_response',
  ],
  [/^ERR_(OUT_OF_MEMORY|INSUFFICIENT_RESOURCES)$/, 'page_crashed'],
  [/^ERR_(ABORTED|BLOCKED_BY_|FAILED$)/, 'navigation_aborted'],
];

/**
 * The failure that a network error of the main document is.
 * @param errorText as Chromium gives it, such as `net::ERR_NAME_NOT_RESOLVED`
 */
export function navigationError(errorText: string): LegworkError {
  const name = errorText.replace(/^net::/, '');
  const code = MEANINGS.find(([pattern]) => pattern.test(name))?.[1] ?? 'connection_failed';
  return new LegworkError(code, `(${name})`);
}

/** What a part of a page that is over its limit fails with. */
export function tooLarge(what: string, limitBytes: number): LegworkError {
  return new LegworkError('page_too_large', `${what} may have ${limitBytes / 1024 / 1024} MiB.`);
}
