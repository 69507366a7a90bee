import type { Protocol } from 'devtools-protocol';
import { LegworkError } from '../../protocol/error-table.ts';
import type { PageLimits } from '../../protocol/page-limits.ts';
import { explainNetworkError } from '../network-failure.ts';
import type { PageSession } from '../page-session.ts';
import type { DocumentTracker } from './document-tracker.ts';
import { LIMITS } from './limits.ts';
import { tooLarge } from './navigation-errors.ts';

export interface FailedRequest {
  readonly url: string;
  readonly type: string;
  readonly status: number | null;
  readonly error: string | null;
}

interface OpenRequest {
  readonly url: string;
  readonly type: string;
  readonly sessionId: string;
}

/** Streams that a page keeps open as long as it lives; waiting for their end would never end. */
const ENDLESS_TYPES: ReadonlySet<string> = new Set(['EventSource', 'WebSocket', 'Ping', 'Media']);

/** Counts what a page and its frames and workers ask of the network, and stops a page that takes too much. */
export class NetworkRecorder {
  readonly failedRequests: FailedRequest[] = [];
  /** There were more failed requests than are listed. */
  isTruncated = false;
  requestCount = 0;
  transferredBytes = 0;
  readonly #page: PageSession;
  readonly #document: DocumentTracker;
  readonly #fail: (error: LegworkError) => void;
  readonly #keepsRawEvents: boolean;
  readonly #limits: PageLimits;
  readonly #open = new Map<string, OpenRequest>();
  #decodedBytes = 0;
  #documentBytes = 0;
  #awaited = 0;
  #lastActivityMs = performance.now();

  /** @param options `keepsRawEvents`: others listen to the page's raw responses too, as long as it lives */
  constructor(
    page: PageSession,
    document: DocumentTracker,
    fail: (error: LegworkError) => void,
    options: { readonly keepsRawEvents: boolean; readonly limits: PageLimits },
  ) {
    this.#page = page;
    this.#keepsRawEvents = options.keepsRawEvents;
    this.#limits = options.limits;
    this.#document = document;
    this.#fail = fail;
    this.listen(page.identity.sessionId);
    const { totalBytes } = options.limits;
    // What is compressed, or never told by the browser, is counted where it leaves the machine.
    page.network.setLimits({
      maxBytes: totalBytes,
      onLimit: () => fail(tooLarge('All its parts together', totalBytes)),
    });
    page.on('Network.responseReceivedExtraInfo', (event) => document.onRawResponse(event));
  }

  /** Milliseconds since the last request ended; 0 while one is open. */
  quietForMs(): number {
    return this.#awaited > 0 ? 0 : performance.now() - this.#lastActivityMs;
  }

  /** Counts the events of the page's session, or of a child session. */
  listen(sessionId: string): void {
    this.#page.on('Network.requestWillBeSent', (event) => this.#onRequest(event, sessionId), sessionId);
    this.#page.on('Network.responseReceived', (event) => this.#onResponse(event), sessionId);
    this.#page.on('Network.dataReceived', (event) => this.#onData(event), sessionId);
    this.#page.on('Network.loadingFinished', (event) => this.#onFinished(event), sessionId);
    this.#page.on('Network.webSocketCreated', () => this.#countRequest(), sessionId);
    this.#page.on('Network.loadingFailed', (event) => this.#onFailed(event), sessionId);
  }

  /** The child session is gone, and nothing ends the requests that it had open. */
  forget(sessionId: string): void {
    for (const [requestId, request] of this.#open) {
      if (request.sessionId === sessionId) this.#end(requestId);
    }
  }

  #onRequest(event: Protocol.Network.RequestWillBeSentEvent, sessionId: string): void {
    const { requestId, loaderId, frameId, request, redirectResponse, type = 'Other' } = event;
    if (request.url.startsWith('data:') || request.url.startsWith('blob:')) return;
    this.#countRequest();
    if (redirectResponse !== undefined) this.transferredBytes += Math.max(0, redirectResponse.encodedDataLength);
    if (!this.#open.has(requestId) && !ENDLESS_TYPES.has(type)) this.#awaited += 1;
    this.#open.set(requestId, { url: request.url.slice(0, LIMITS.urlCharacters), type, sessionId });
    this.#lastActivityMs = performance.now();
    if (type === 'Document' && requestId === loaderId && frameId === this.#page.identity.targetId) {
      this.#documentBytes = 0;
      this.#document.onRequest(event);
    }
  }

  #countRequest(): void {
    this.requestCount += 1;
    if (this.requestCount > this.#limits.requests) {
      this.#fail(new LegworkError('page_too_busy', `It made more than ${this.#limits.requests} requests.`));
    }
  }

  #onResponse(event: Protocol.Network.ResponseReceivedEvent): void {
    const { requestId, response } = event;
    if (requestId === this.#document.requestId) {
      this.#document.onResponse(event);
      // Its only use was an answer without a document.
      if (!this.#keepsRawEvents) this.#page.off('Network.responseReceivedExtraInfo');
    } else if (response.status >= 400) {
      this.#addFailure(this.#open.get(requestId), response.status, null);
    }
  }

  #onData({ requestId, dataLength }: Protocol.Network.DataReceivedEvent): void {
    const { totalBytes, documentBytes } = this.#limits;
    this.#decodedBytes += dataLength;
    if (this.#decodedBytes > totalBytes) this.#fail(tooLarge('All its parts together', totalBytes));
    if (requestId !== this.#document.requestId) return;
    this.#documentBytes += dataLength;
    if (this.#documentBytes > documentBytes) this.#fail(tooLarge('Its document', documentBytes));
  }

  #onFinished({ requestId, encodedDataLength }: Protocol.Network.LoadingFinishedEvent): void {
    if (!this.#open.has(requestId)) return;
    this.transferredBytes += Math.max(0, encodedDataLength);
    this.#end(requestId);
    this.#document.onFinished(requestId);
  }

  #onFailed(event: Protocol.Network.LoadingFailedEvent): void {
    const request = this.#open.get(event.requestId);
    if (request === undefined) return;
    this.#end(event.requestId);
    this.#document.onFailed(event);
    // The page takes back requests that it no longer wants, and blockResources is no failure of the site.
    if (event.canceled === true || event.blockedReason === 'inspector') return;
    this.#addFailure(request, null, explainNetworkError(this.#page.network, event.errorText, request.url));
  }

  #end(requestId: string): void {
    const request = this.#open.get(requestId);
    if (request === undefined) return;
    this.#open.delete(requestId);
    if (!ENDLESS_TYPES.has(request.type)) this.#awaited -= 1;
    this.#lastActivityMs = performance.now();
  }

  #addFailure(request: OpenRequest | undefined, status: number | null, error: string | null): void {
    if (request === undefined) return;
    if (this.failedRequests.length >= LIMITS.failedRequests) this.isTruncated = true;
    else this.failedRequests.push({ url: request.url, type: request.type, status, error });
  }
}
