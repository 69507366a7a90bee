import type { Protocol } from 'devtools-protocol';
import { LegworkError } from '../../protocol/error-table.ts';
import type { PageLimits } from '../../protocol/page-limits.ts';
import { addressFault } from '../page-address.ts';
import { networkFailure } from '../network-failure.ts';
import type { PageSession } from '../page-session.ts';
import { FOLLOWED_REFRESH_SECONDS, LIMITS } from './limits.ts';
import { headerOf } from './answer-parts.ts';
import { tooLarge } from './navigation-errors.ts';

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

/** A navigation of the main frame: the request that it began with, and where the site has led it. */
interface Navigation {
  readonly requestId: string;
  url: string;
  readonly redirects: Redirect[];
  answer: DocumentAnswer | null;
  bodyEnded: boolean;
}

/**
 * Follows the main frame from the first request to the document that stays: redirects of the site and of the page
 * itself, the answer, and how far the document has come.
 */
export class DocumentTracker {
  /** Addresses that were left on the way to the document that is there. */
  readonly redirects: Redirect[] = [];
  readonly #page: PageSession;
  readonly #fail: (error: LegworkError) => void;
  readonly #limits: PageLimits;
  readonly #frameId: string;
  /** What the page was opened with; some of it Chromium refuses before there is a request. */
  readonly #askedUrl: string;
  /** The newest navigation; it may come to a document or to nothing. */
  #newest: Navigation | null = null;
  /** The navigation that brought the document that is there. */
  #current: Navigation | null = null;
  /** The loader of the document in the frame; '' until one is there. */
  #loaderId = '';
  #parsed = false;
  #loaded = false;
  /** A navigation of the main frame is under way. */
  #pending = true;
  /** The document has announced that it will send the browser on in a moment. */
  #scheduled = false;
  #steps = 0;
  #waiting: (() => void)[] = [];

  constructor(page: PageSession, fail: (error: LegworkError) => void, limits: PageLimits, askedUrl: string) {
    this.#askedUrl = askedUrl;
    this.#limits = limits;
    this.#page = page;
    this.#fail = fail;
    this.#frameId = page.identity.targetId;
    this.#listen(page);
  }

  /** The answer of the document that is there; before there is one, the newest answer. */
  get answer(): DocumentAnswer | null {
    return (this.#current ?? this.#newest)?.answer ?? null;
  }

  /** The request of the newest navigation; '' before the first. */
  get requestId(): string {
    return this.#newest?.requestId ?? '';
  }

  /** Names the document that is there: a value that has changed says that the page has moved on. */
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

  /** Resolves when the body of the document that is there has come to its end. */
  async bodyEnded(): Promise<void> {
    while (this.#current?.bodyEnded === false) await this.changed();
  }

  /** The failure that a network error of the newest navigation is. */
  failure(errorText: string): LegworkError {
    return networkFailure(this.#page.network, errorText, this.#newest?.url ?? this.#askedUrl);
  }

  /** Resolves at the next event that can change an answer of this object. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A request of the main frame, as the network tells it. */
  onRequest({ requestId, request, redirectResponse }: Protocol.Network.RequestWillBeSentEvent): void {
    const isAddress = addressFault(request.url) === null;
    if (redirectResponse !== undefined && this.#newest?.requestId === requestId) {
      if (!isAddress) {
        this.#fail(new LegworkError('url_refused', 'The site redirects to an address that is neither http nor https.'));
      }
      this.#newest.redirects.push({
        url: redirectResponse.url.slice(0, LIMITS.urlCharacters),
        status: redirectResponse.status,
      });
      this.#newest.url = request.url;
    } else if (isAddress) {
      this.#newest = { requestId, url: request.url, redirects: [], answer: null, bodyEnded: false };
      this.#pending = true;
    }
    this.#steps += 1;
    if (this.#steps > this.#limits.redirects + 1) {
      this.#fail(new LegworkError('too_many_redirects', `More than ${this.#limits.redirects}.`));
    }
  }

  onResponse({ requestId, response }: Protocol.Network.ResponseReceivedEvent): void {
    if (this.#newest?.requestId !== requestId) return;
    const { status, headers, mimeType, timing } = response;
    if (mimeType === 'application/pdf') {
      // Full Chromium would show it in a viewer, the headless shell downloads it: the same outcome in both.
      this.#fail(new LegworkError('download_refused', 'It is a PDF.'));
    }
    if (Number(headerOf(headers, 'content-length')) > this.#limits.documentBytes) {
      this.#fail(tooLarge('Its document', this.#limits.documentBytes));
    }
    this.#newest.answer = { requestId, url: this.#newest.url, status, headers, mimeType, timing: timing ?? null };
    this.#wake();
  }

  /** What the network stack saw; the only trace of an answer that has no document, such as a 304. */
  onRawResponse({ requestId, statusCode: status, headers }: Protocol.Network.ResponseReceivedExtraInfoEvent): void {
    const newest = this.#newest;
    if (newest?.requestId !== requestId || newest.answer !== null || status !== 304) return;
    newest.answer = { requestId, url: newest.url, status, headers, mimeType: null, timing: null };
    this.#wake();
  }

  onFinished(requestId: string): void {
    for (const navigation of [this.#newest, this.#current]) {
      if (navigation?.requestId === requestId) navigation.bodyEnded = true;
    }
    this.#wake();
  }

  onFailed({ requestId, errorText, canceled }: Protocol.Network.LoadingFailedEvent): void {
    // What the page or the browser cancels ends in another navigation, a download, or the document that is there.
    if (requestId === this.requestId && canceled !== true && errorText !== 'net::ERR_ABORTED') {
      this.#fail(this.failure(errorText));
    }
    this.onFinished(requestId);
  }

  #arrive(loaderId: string): void {
    const left = this.#current;
    // The loader of a document that was requested has the name of its request; `about:blank` has no request.
    if (loaderId !== this.#newest?.requestId) {
      this.#fail(new LegworkError('navigation_aborted', 'The page went to an address without an answer.'));
    }
    if (left?.answer) this.redirects.push({ url: left.answer.url, status: left.answer.status });
    this.redirects.push(...(this.#newest?.redirects ?? []));
    this.#current = this.#newest;
    this.#loaderId = loaderId;
    this.#parsed = false;
    this.#loaded = false;
    this.#pending = false;
    this.#scheduled = false;
    this.#wake();
  }

  #listen(page: PageSession): void {
    page.on('Page.frameNavigated', ({ frame }) => {
      // Before the first request it is the blank page that was there.
      if (frame.id === this.#frameId && this.#newest !== null) this.#arrive(frame.loaderId);
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
