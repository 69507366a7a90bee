import { assertNever } from '../protocol/assert-never.ts';
import { LegworkError, type ErrorCode } from '../protocol/error-table.ts';
import { describeRefusal, type FailureReason, type Unreachable } from '../protocol/network/refusal.ts';
import type { PageNetwork } from './network-guard/page-network.ts';

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

/** What Chromium says of every connection that the guard did not bring about. */
const NOT_CONNECTED = 'net::ERR_SOCKS_CONNECTION_FAILED';

/** Knows why a host was not reached. */
type Witness = Pick<PageNetwork, 'whyUnreachable'>;

/**
 * The failure that a network error of the main document is: `url_refused` when the guard did not let it through.
 * @param errorText as Chromium gives it, such as `net::ERR_NAME_NOT_RESOLVED`
 * @param url what was asked for, the last of a chain of redirects; null when that is not known
 */
export function networkFailure(network: Witness, errorText: string, url: string | null): LegworkError {
  const why = errorText === NOT_CONNECTED ? whyUnreachable(network, url) : null;
  if (why?.kind === 'refused') {
    const { refusal } = why;
    const code = refusal.rule === 'byte_limit' ? 'page_too_large' : 'url_refused';
    return new LegworkError(code, `${describeRefusal(refusal)}.`);
  }
  const name = explainNetworkError(network, errorText, url).replace(/^net::/, '');
  const refused = refusedByBrowser(name, url);
  if (refused !== null) return new LegworkError('url_refused', refused);
  const code = MEANINGS.find(([pattern]) => pattern.test(name))?.[1] ?? 'connection_failed';
  return new LegworkError(code, `(${name})`);
}

/** What of the guard's rules Chromium keeps by itself, so that the guard is never asked; null for everything else. */
function refusedByBrowser(errorName: string, url: string | null): string | null {
  if (errorName === 'ERR_UNSAFE_REDIRECT') return 'The site redirects to an address that is neither http nor https.';
  if (errorName !== 'ERR_UNSAFE_PORT' || url === null || !URL.canParse(url)) return null;
  const { hostname, port } = endpointOf(new URL(url));
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return `${describeRefusal({ host, address: null, port, rule: 'port' })}.`;
}

/** The error as Chromium would have put it without a proxy; of what the guard refused, that and the rule. */
export function explainNetworkError(network: Witness, errorText: string, url: string | null): string {
  const why = errorText === NOT_CONNECTED ? whyUnreachable(network, url) : null;
  if (why === null) return errorText;
  return why.kind === 'refused' ? `refused by the rule ${why.refusal.rule}` : chromiumName(why.reason);
}

/** The host and port that a request for the address connects to. */
export function endpointOf({ protocol, hostname, port }: URL): { hostname: string; port: number } {
  const isTls = protocol === 'https:' || protocol === 'wss:';
  return { hostname, port: port === '' ? (isTls ? 443 : 80) : Number(port) };
}

function whyUnreachable(network: Witness, url: string | null): Unreachable | null {
  if (url === null || !URL.canParse(url)) return null;
  const { hostname, port } = endpointOf(new URL(url));
  return network.whyUnreachable(hostname, port);
}

function chromiumName(reason: FailureReason): string {
  switch (reason) {
    case 'name_not_resolved':
      return 'net::ERR_NAME_NOT_RESOLVED';
    case 'connection_refused':
      return 'net::ERR_CONNECTION_REFUSED';
    case 'connection_timeout':
      return 'net::ERR_CONNECTION_TIMED_OUT';
    case 'unreachable':
      return 'net::ERR_ADDRESS_UNREACHABLE';
    case 'upstream_proxy':
      return 'net::ERR_PROXY_CONNECTION_FAILED';
    case 'other':
      return 'net::ERR_CONNECTION_FAILED';
    default:
      return assertNever(reason);
  }
}
