import { z } from 'zod';
import { retryAfterMs } from '../retry-after.ts';
import { headerOf } from '../website-html/answer-parts.ts';

/** How the main document's request ended, as far as the DevTools log tells. */
export interface DocumentFailure {
  /** Chromium's name of the network error, such as `net::ERR_CONNECTION_REFUSED`. */
  networkError: string | null;
  /** What was asked for last; null when nothing was. */
  url: string | null;
  /** HTTP status of the last answer. */
  status: number | null;
  /** Unix milliseconds before which the site does not want to be asked again (RFC 9110, 10.2.3). */
  retryAfterMs: number | null;
}

const request = z.object({ requestId: z.string() });
const sentRequest = z.object({ request: z.object({ url: z.string() }) });
const response = z.object({
  requestId: z.string(),
  response: z.object({ status: z.number(), headers: z.record(z.string(), z.string()) }),
});
const loadingFailed = z.object({ requestId: z.string(), errorText: z.string() });

/**
 * Reads what became of the page's own request.
 * @param events the events about documents out of Lighthouse's log, in order; the first is the page's own
 */
export function documentFailure(
  events: readonly { method: string; params?: unknown }[],
  nowMs: number,
): DocumentFailure {
  const failure: DocumentFailure = { networkError: null, url: null, status: null, retryAfterMs: null };
  const pageRequestId = events.map(({ params }) => request.safeParse(params).data?.requestId).find(Boolean);
  for (const { method, params } of events) {
    if (request.safeParse(params).data?.requestId !== pageRequestId) continue;
    const answer = response.safeParse(params).data?.response;
    if (method === 'Network.requestWillBeSent') {
      failure.url = sentRequest.safeParse(params).data?.request.url ?? failure.url;
    } else if (method === 'Network.responseReceived' && answer !== undefined) {
      failure.status = answer.status;
      const waitMs = retryAfterMs(headerOf(answer.headers, 'retry-after'), nowMs);
      failure.retryAfterMs = waitMs === null ? null : nowMs + waitMs;
    } else if (method === 'Network.loadingFailed') {
      failure.networkError = loadingFailed.safeParse(params).data?.errorText ?? null;
    }
  }
  return failure;
}
