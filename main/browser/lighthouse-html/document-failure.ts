import { z } from 'zod';

/** How the main document's request ended, as far as the DevTools log tells. */
export interface DocumentFailure {
  /** Chromium's name of the network error, such as `net::ERR_CONNECTION_REFUSED`. */
  networkError: string | null;
  /** HTTP status of the last answer. */
  status: number | null;
  /** Unix milliseconds before which the site does not want to be asked again (RFC 9110, 10.2.3). */
  retryAfterMs: number | null;
}

const documentRequest = z.object({ requestId: z.string(), type: z.literal('Document') });
const documentResponse = z.object({
  requestId: z.string(),
  response: z.object({ status: z.number(), headers: z.record(z.string(), z.string()) }),
});
const loadingFailed = z.object({ requestId: z.string(), errorText: z.string() });

/** Reads from Lighthouse's log of a failed load what became of the page's own request. */
export function documentFailure(log: readonly { method: string; params?: unknown }[], nowMs: number): DocumentFailure {
  const failure: DocumentFailure = { networkError: null, status: null, retryAfterMs: null };
  let requestId: string | null = null;
  for (const { method, params } of log) {
    if (method === 'Network.requestWillBeSent' && requestId === null) {
      requestId = documentRequest.safeParse(params).data?.requestId ?? null;
    } else if (method === 'Network.responseReceived') {
      const answer = documentResponse.safeParse(params).data;
      if (answer === undefined || answer.requestId !== requestId) continue;
      failure.status = answer.response.status;
      failure.retryAfterMs = retryAfterMs(answer.response.headers, nowMs);
    } else if (method === 'Network.loadingFailed') {
      const failed = loadingFailed.safeParse(params).data;
      if (failed?.requestId === requestId) failure.networkError = failed?.errorText ?? null;
    }
  }
  return failure;
}

function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs: number): number | null {
  const value = Object.entries(headers)
    .find(([name]) => name.toLowerCase() === 'retry-after')?.[1]
    .trim();
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value)) return nowMs + Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : date;
}
