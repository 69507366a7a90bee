import { type ErrorCode, LegworkError } from '../../protocol/error-table.ts';
import type { PageNetwork } from '../network-guard/page-network.ts';
import { networkFailure } from '../network-failure.ts';
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

/** Those that say that the page's own request failed, without saying how. */
const REQUEST_FAILURES = new Set([
  'DNS_FAILURE',
  'FAILED_DOCUMENT_REQUEST',
  'INSECURE_DOCUMENT_REQUEST',
  'CHROME_INTERSTITIAL_ERROR',
  'NO_DOCUMENT_REQUEST',
]);

/** What Lighthouse said when it could not audit a page. */
export interface LighthouseFailure {
  /** One of Lighthouse's codes; null when what it threw had none. */
  code: string | null;
  message: string;
  document: DocumentFailure;
}

/** The failure as an error of the table. Where the page's request failed, Chromium's reason counts before Lighthouse's. */
export function auditError(
  { code, message, document }: LighthouseFailure,
  network: Pick<PageNetwork, 'whyUnreachable'>,
): LegworkError {
  const { status, networkError, retryAfterMs } = document;
  if (code !== null && REQUEST_FAILURES.has(code) && networkError !== null) {
    if (networkError === 'net::ERR_ABORTED' && status !== null) return abortedAfterAnswer(status);
    return networkFailure(network, networkError, document.url);
  }
  if (code === 'ERRORED_DOCUMENT_REQUEST' && status !== null) {
    return new LegworkError('audit_failed', `The page answered with status ${status}.`, {
      notBeforeMs: retryAfterMs ?? undefined,
    });
  }
  const detail = [code, oneLine(message)].filter(Boolean).join(': ');
  return new LegworkError(CODE_OF_LIGHTHOUSE[code ?? ''] ?? 'audit_failed', detail);
}

/** Chromium stays on the page before when an answer has no content (RFC 9110, 15.3.5) or is kept as a file. */
function abortedAfterAnswer(status: number): LegworkError {
  return status === 204 || status === 205
    ? new LegworkError('audit_failed', `The page answered with status ${status}, which has no content.`)
    : new LegworkError('download_refused');
}

/** The message without the lines of a stack trace, and without Lighthouse's repetition of its code at the end. */
function oneLine(message: string): string {
  return (message.split(/\n\s+at /, 1)[0] ?? '')
    .replaceAll(/\s+/g, ' ')
    .replace(/ \([A-Z0-9_]+\)$/, '')
    .slice(0, 500);
}
