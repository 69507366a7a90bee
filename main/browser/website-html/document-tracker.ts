import type { Protocol } from 'devtools-protocol';
import { LegworkError } from '../../protocol/error-table.ts';
import { addressFault } from '../page-address.ts';
import type { PageSession } from '../page-session.ts';
import { FOLLOWED_REFRESH_SECONDS, LIMITS } from './limits.ts';
import { navigationError } from './navigation-errors.ts';

export type DocumentState = 'domcontentloaded' | 'load';

/** How the main document answered. */
export interface DocumentAnswer {
  readonly requestId: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  /** What the browser took it for; null when there was no body. */
  readonly mimeType: string | null;
  readonly timing: Protocol.Network.ResourceTiming | null;
}

export interface Redirect {
  readonly url: string;
  readonly status: number;
}

/**
 * Follows the main frame from the first request to the document that stays: redirects of the site and of the page
 * itself, the answer, and how far the document has come.
 */
export class DocumentTracker {
  readonly redirects: Redirect[] = [];
  readonly #fail: (error: LegworkError) => void;
  readonly #frameId: string;
  #requestId = '';
  #requestUrl = '';
  #answer: DocumentAnswer | null = null;
  /** The loader of the document in the frame; '' until one is there. */
  #loaderId = '';
  #parsed = false;
  #loaded = false;
  /** A navigation of the main frame is under way. */
  #pending = true;
  /** The document has announced that it will send the browser on in a moment. */
  #scheduled = false;
  #finishedRequestId = '';
  #navigations = 0;
  #waiting: (() => void)[] = [];

  constructor(page: PageSession, fail: (error: LegworkError) => void) {
    this.#fail = fail;
    this.#frameId = page.identity.targetId;
    this.#listen(page);
  }

  /** The answer of the newest document, as soon as there is one. */
  get answer(): DocumentAnswer | null {
    return this.#answer;
  }

  get requestId(): string {
    return this.#requestId;
  }

  /** Counts documents: a value that has changed says that the page has moved on. */
  get loaderId(): string {
    return this.#loaderId;
  }

  /** The page has asked for another document, or will within a second. */
  get isMovingOn(): boolean {
    return this.#pending || this.#scheduled;
  }

  /** Whether the document that stays has come so far. */
  hasReached(state: DocumentState): boolean {
    if (this.isMovingOn || this.#loaderId === '') return false;
    return state === 'load' ? this.#loaded : this.#parsed;
  }

  /** Resolves when `hasReached`; never rejects. */
  async reached(state: DocumentState): Promise<void> {
    while (!this.hasReached(state)) await this.changed();
  }

  /** Resolves when the body of the document has come to its end. */
  async bodyEnded(): Promise<void> {
    while (this.#finishedRequestId !== this.#requestId) await this.changed();
  }

  /** Resolves at the next event that can change an answer of this object. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A request of the main frame, as the network tells it. */
  onRequest(event: Protocol.Network.RequestWillBeSentEvent): void {
    if (event.redirectResponse !== undefined) {
      this.#pass(event.redirectResponse.url, event.redirectResponse.status);
    } else {
      this.#navigations += 1;
      if (this.#answer !== null) this.#pass(this.#answer.url, this.#answer.status);
    }
    this.#requestId = event.requestId;
    this.#requestUrl = event.request.url;
    this.#answer = null;
    this.#pending = true;
    if (addressFault(this.#requestUrl) !== null && this.#navigations + this.redirects.length > 1) {
      this.#fail(new LegworkError('url_refused', 'The page led to an address that is neither http nor https.'));
    }
  }

  onResponse({ requestId, response }: Protocol.Network.ResponseReceivedEvent): void {
    if (requestId !== this.#requestId) return;
    this.#setAnswer(requestId, response.status, response.headers, response.mimeType, response.timing ?? null);
  }

  /** What the network stack saw; the only trace of an answer that has no document, such as a 304. */
  onRawResponse(event: Protocol.Network.ResponseReceivedExtraInfoEvent): void {
    if (event.requestId !== this.#requestId || this.#answer !== null) return;
    const isRedirect = event.statusCode >= 300 && event.statusCode < 400 && event.statusCode !== 304;
    if (isRedirect) return;
    this.#setAnswer(event.requestId, event.statusCode, event.headers, null, null);
  }

  onFinished(requestId: string): void {
    if (requestId !== this.#requestId) return;
    this.#finishedRequestId = requestId;
    this.#wake();
  }

  onFailed({ requestId, errorText, canceled }: Protocol.Network.LoadingFailedEvent): void {
    if (requestId !== this.#requestId) return;
    // What the page or the browser cancels ends in another navigation, a download, or the document that is there.
    if (canceled !== true && errorText !== 'net::ERR_ABORTED') this.#fail(navigationError(errorText));
    this.onFinished(requestId);
  }

  #setAnswer(
    requestId: string,
    status: number,
    headers: Record<string, string>,
    mimeType: string | null,
    timing: Protocol.Network.ResourceTiming | null,
  ): void {
    this.#answer = { requestId, url: this.#requestUrl, status, headers, mimeType, timing };
    this.#wake();
  }

  #pass(url: string, status: number): void {
    this.redirects.push({ url: url.slice(0, LIMITS.urlCharacters), status });
    if (this.redirects.length > LIMITS.redirects) {
      this.#fail(new LegworkError('too_many_redirects', `More than ${LIMITS.redirects}.`));
    }
  }

  #listen(page: PageSession): void {
    page.on('Page.frameNavigated', ({ frame }) => {
      // Before the first request it is the blank page that was there.
      if (frame.id !== this.#frameId || this.#requestId === '') return;
      this.#loaderId = frame.loaderId;
      this.#parsed = false;
      this.#loaded = false;
      this.#pending = false;
      this.#scheduled = false;
      this.#wake();
    });
    page.on('Page.lifecycleEvent', ({ frameId, loaderId, name }) => {
      if (frameId !== this.#frameId || loaderId !== this.#loaderId) return;
      if (name === 'DOMContentLoaded') this.#parsed = true;
      else if (name === 'load') this.#loaded = true;
      else return;
      this.#wake();
    });
    page.on('Page.frameStoppedLoading', ({ frameId }) => {
      // Without a load event where the page stopped itself, or asked for another document that did not come.
      if (frameId !== this.#frameId) return;
      this.#pending = false;
      if (this.#loaderId !== '') {
        this.#parsed = true;
        this.#loaded = true;
      }
      this.#wake();
    });
    page.on('Page.frameRequestedNavigation', ({ frameId, disposition }) => {
      if (frameId === this.#frameId && disposition === 'currentTab') this.#pending = true;
    });
    page.on('Page.frameScheduledNavigation', ({ frameId, delay }) => {
      if (frameId === this.#frameId && delay <= FOLLOWED_REFRESH_SECONDS) this.#scheduled = true;
    });
    page.on('Page.frameClearedScheduledNavigation', ({ frameId }) => {
      if (frameId !== this.#frameId) return;
      this.#scheduled = false;
      this.#wake();
    });
    page.on('Page.navigatedWithinDocument', ({ frameId }) => {
      if (frameId !== this.#frameId) return;
      this.#pending = false;
      this.#wake();
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
