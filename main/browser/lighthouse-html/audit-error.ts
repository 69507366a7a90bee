import { type ErrorCode, LegworkError } from '../../protocol/error-table.ts';
import type { DocumentFailure } from './document-failure.ts';

/** Lighthouse's own codes (core/lib/lh-error.js) that mean something more exact than that the audit failed. */
const CODE_OF_LIGHTHOUSE: Readonly<Record<string, ErrorCode>> = {
  DNS_FAILURE: 'name_not_resolved',
  INSECURE_DOCUMENT_REQUEST: 'tls_failed',
  PAGE_HUNG: 'page_timeout',
  PROTOCOL_TIMEOUT: 'page_timeout',
  TARGET_CRASHED: 'page_crashed',
  CRI_TIMEOUT: 'browser_failed',
  INVALID_URL: 'invalid_payload',
};

/** Chromium's network errors (net/base/net_error_list.h), by how their name begins; the first that fits counts. */
const CODE_OF_NETWORK_ERROR: readonly [prefix: string, code: ErrorCode][] = [
  ['ERR_NAME_', 'name_not_resolved'],
  ['ERR_DNS_', 'name_not_resolved'],
  ['ERR_ICANN_NAME_COLLISION', 'name_not_resolved'],
  ['ERR_CERT_', 'tls_failed'],
  ['ERR_SSL_', 'tls_failed'],
  ['ERR_BAD_SSL_', 'tls_failed'],
  ['ERR_TOO_MANY_REDIRECTS', 'too_many_redirects'],
  ['ERR_EMPTY_RESPONSE', 'empty_response'],
  ['ERR_INVALID_', 'invalid_response'],
  ['ERR_RESPONSE_HEADERS_', 'invalid_response'],
  ['ERR_CONTENT_', 'invalid_response'],
  ['ERR_UNSAFE_', 'url_refused'],
  ['ERR_DISALLOWED_URL_SCHEME', 'url_refused'],
  ['ERR_UNKNOWN_URL_SCHEME', 'url_refused'],
  ['ERR_ABORTED', 'navigation_aborted'],
  ['ERR_TIMED_OUT', 'connection_failed'],
  ['ERR_CONNECTION_', 'connection_failed'],
  ['ERR_ADDRESS_', 'connection_failed'],
  ['ERR_NETWORK_', 'connection_failed'],
  ['ERR_INTERNET_', 'connection_failed'],
  ['ERR_PROXY_', 'connection_failed'],
  ['ERR_TUNNEL_', 'connection_failed'],
  ['ERR_SOCKET_', 'connection_failed'],
  ['ERR_HTTP2_', 'connection_failed'],
];

/** What Lighthouse said when it could not audit a page. */
export interface LighthouseFailure {
  /** One of Lighthouse's codes; null when what it threw had none. */
  code: string | null;
  message: string;
  /** What the network log knows; null when there is none. */
  document: DocumentFailure | null;
}

/** The failure as an error of the table: what happened to the document's request counts before Lighthouse's own code. */
export function auditError(failure: LighthouseFailure): LegworkError {
  const { code, document } = failure;
  const networkError = document?.networkError?.replace(/^net::/, '') ?? /\bERR_[A-Z0-9_]+/.exec(failure.message)?.[0];
  const isNetworkFailure = networkError !== undefined && code !== 'NO_FCP' && code !== 'NOT_HTML';
  if (isNetworkFailure) {
    const found = CODE_OF_NETWORK_ERROR.find(([prefix]) => networkError.startsWith(prefix));
    if (found !== undefined) return new LegworkError(found[1], `${networkError}.`);
  }
  const status = document?.status ?? null;
  if (code === 'ERRORED_DOCUMENT_REQUEST' && status !== null) {
    return new LegworkError('audit_failed', `The page answered with status ${status}.`, {
      notBeforeMs: document?.retryAfterMs ?? undefined,
    });
  }
  const detail = [code, oneLine(failure.message)].filter(Boolean).join(': ');
  return new LegworkError(CODE_OF_LIGHTHOUSE[code ?? ''] ?? 'audit_failed', detail);
}

/** The message without the lines of a stack trace, and without Lighthouse's repetition of its code at the end. */
function oneLine(message: string): string {
  return (message.split(/\n\s+at /, 1)[0] ?? '')
    .replaceAll(/\s+/g, ' ')
    .replace(/ \([A-Z0-9_]+\)$/, '')
    .slice(0, 500);
}
