import { describeError } from '../../protocol/describe-error.ts';
import { LegworkError } from '../../protocol/error-table.ts';
import { describeRefusal } from '../../protocol/network/refusal.ts';
import type { PageNetwork } from '../network-guard/page-network.ts';
import { retryAfterMs } from '../retry-after.ts';
import { getThroughGuard, type SmallAnswer } from './guarded-request.ts';
import { READ_BYTES } from './robots-rules.ts';

/** What a site has to say: a file with rules, nothing (all is allowed), or that it cannot say (nothing is allowed). */
export type RobotsFile =
  | { kind: 'file'; text: string; keepMs: number }
  | { kind: 'none'; keepMs: number }
  | { kind: 'unreachable'; reason: string; keepMs: number; answer: UnusableAnswer | null };

/** How a site answered that could not say; its Retry-After in milliseconds from now, null without one. */
export interface UnusableAnswer {
  url: string;
  status: number;
  retryAfterMs: number | null;
}

/** RFC 9309, 2.3.1.2 asks for five at least. */
const MAX_REDIRECTS = 5;
const TIMEOUT_MS = 10_000;
/** RFC 6585. */
const TOO_MANY_REQUESTS = 429;
/** RFC 9309, 2.4. */
const LONGEST_KEPT_MS = 24 * 3_600_000;
/** A site that could not say is asked again after this. */
const KEPT_UNREACHABLE_MS = 60_000;

/** A way out of the network guard, as far as it is used here. */
export type GuardedWay = Pick<PageNetwork, 'whyUnreachable'> & { readonly port: number };

/**
 * Fetches the robots.txt of an origin (RFC 9309, 2.3): redirects are followed, also to other hosts; 4xx means that there
 * is none, everything else that is no success that nothing may be visited. 429 is no answer to what was asked, and counts
 * among the latter.
 * @throws LegworkError `url_refused` when the network guard refuses the host; the signal's reason
 */
export async function fetchRobots(options: {
  origin: string;
  way: GuardedWay;
  userAgent: string;
  signal: AbortSignal;
}): Promise<RobotsFile> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  let url = new URL('/robots.txt', options.origin);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    let answer: SmallAnswer;
    try {
      const { port: guardPort } = options.way;
      answer = await getThroughGuard({ url, guardPort, userAgent: options.userAgent, maxBytes: READ_BYTES, signal });
    } catch (error) {
      options.signal.throwIfAborted();
      refuseWhatGuardRefused(options.way, url);
      const reason = signal.aborted ? `no answer within ${TIMEOUT_MS} ms` : describeError(error);
      return { kind: 'unreachable', reason, keepMs: KEPT_UNREACHABLE_MS, answer: null };
    }
    const next = redirectOf(answer, url);
    if (next === null) return readAnswer(answer, url);
    url = next;
  }
  // Beyond the redirects that must be followed the file counts as absent.
  return { kind: 'none', keepMs: LONGEST_KEPT_MS };
}

function refuseWhatGuardRefused(way: GuardedWay, url: URL): void {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const why = way.whyUnreachable(url.hostname, port);
  if (why?.kind === 'refused') throw new LegworkError('url_refused', `${describeRefusal(why.refusal)} (robots.txt).`);
}

function redirectOf({ status, location }: SmallAnswer, url: URL): URL | null {
  if (status < 300 || status > 399 || location === undefined || !URL.canParse(location, url.href)) return null;
  const next = new URL(location, url);
  return next.protocol === 'http:' || next.protocol === 'https:' ? next : null;
}

function readAnswer(answer: SmallAnswer, url: URL): RobotsFile {
  const { status, body, contentEncoding } = answer;
  const keepMs = keepFor(answer.cacheControl);
  const unreachable = (reason: string): RobotsFile => {
    const pauseMs = retryAfterMs(answer.retryAfter, Date.now());
    const unusable = { url: url.href, status, retryAfterMs: pauseMs };
    return { kind: 'unreachable', reason, keepMs: KEPT_UNREACHABLE_MS, answer: unusable };
  };
  if (status >= 200 && status <= 299) {
    if (contentEncoding !== 'identity' && contentEncoding !== '') {
      return unreachable(`it came in the encoding ${contentEncoding}, which was not asked for`);
    }
    return { kind: 'file', text: wholeLines(body), keepMs };
  }
  if (status >= 400 && status <= 499 && status !== TOO_MANY_REQUESTS) return { kind: 'none', keepMs };
  return unreachable(`status ${status}`);
}

/** Without the last line of a file that was cut off, which could say the opposite of what it said as a whole. */
function wholeLines(body: Buffer): string {
  const text = body.toString('utf8');
  return body.length < READ_BYTES ? text : text.slice(0, Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'), 0));
}

/** As the site's Cache-Control says (RFC 9111), a day at most and by default. */
function keepFor(cacheControl: string): number {
  if (/\bno-(?:store|cache)\b/i.test(cacheControl)) return 0;
  const seconds = /\bmax-age=(\d{1,9})\b/i.exec(cacheControl)?.[1];
  return seconds === undefined ? LONGEST_KEPT_MS : Math.min(Number(seconds) * 1_000, LONGEST_KEPT_MS);
}
