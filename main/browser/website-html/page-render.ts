import { LegworkError } from '../../protocol/error-table.ts';
import { effectivePageLimits, type PageLimits } from '../../protocol/page-limits.ts';
import type { TaskHostSettings } from '../../protocol/task-host-messages.ts';
import { CdpError } from '../cdp-types.ts';
import type { PageSession } from '../page-session.ts';
import { RedirectCheck } from '../robots/redirect-check.ts';
import type { TaskContext } from '../task-definition.ts';
import { isHtml } from './answer-parts.ts';
import { watchChildSessions } from './child-sessions.ts';
import { createWorld, takeSnapshot, type DocumentSnapshot } from './document-snapshot.ts';
import { DocumentTracker, type DocumentAnswer } from './document-tracker.ts';
import { Emulation } from './emulation.ts';
import { HarRecorder } from './har.ts';
import { CAPTURE_TIMEOUT_MS, LEAVE_TIMEOUT_MS, LIMITS, PAINT_TIMEOUT_MS } from './limits.ts';
import { tooLarge } from './navigation-errors.ts';
import { NetworkRecorder } from './network-recorder.ts';
import { PageWatcher } from './page-watcher.ts';
import type { WebsiteHtmlPayload } from './payload.ts';
import { printPdf, takeScreenshot, type Screenshot } from './pictures.ts';
import { RequestControl } from './request-control.ts';
import { waitForPage } from './wait-for.ts';

/** What is taken out of a page before it closes. */
export interface Capture {
  readonly answer: DocumentAnswer;
  /** null when the answer has no document, such as a 204. */
  readonly snapshot: DocumentSnapshot | null;
  readonly screenshot: Screenshot | null;
  readonly pdf: Buffer | null;
  /** The raw answer when it is not HTML and the browser still has it. */
  readonly body: Buffer | null;
}

type Stage = 'load' | 'wait' | 'capture';

/** How Chromium refuses a question to a document that another one has replaced. */
const DOCUMENT_GONE = /target navigated or closed|cannot find context|context was destroyed/i;

/** Loads one page as its payload asks and takes out what is wanted. Used once. */
export class PageRender {
  readonly document: DocumentTracker;
  readonly network: NetworkRecorder;
  readonly watcher: PageWatcher;
  readonly har: HarRecorder | null;
  readonly #page: PageSession;
  readonly #payload: WebsiteHtmlPayload;
  readonly #userAgentSuffix: string;
  readonly #limits: PageLimits;
  readonly #failure: Promise<never>;
  #rejectFailure: (error: Error) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  readonly #redirects: RedirectCheck | null;
  #stage: Stage = 'load';
  #world: { readonly loaderId: string; readonly id: Promise<number> } | null = null;

  /** @param host its limits, and what any name that the payload gives the browser ends with; `checkRedirect` as a task is given it */
  constructor(
    page: PageSession,
    payload: WebsiteHtmlPayload,
    host: Pick<TaskHostSettings, 'pageLimits' | 'userAgentSuffix'>,
    checkRedirect?: TaskContext['checkRedirect'],
  ) {
    const limits = effectivePageLimits(payload.limits, host.pageLimits);
    this.#page = page;
    this.#limits = limits;
    this.#userAgentSuffix = host.userAgentSuffix ?? '';
    this.#payload = payload;
    this.#failure = new Promise((_resolve, reject) => {
      this.#rejectFailure = reject;
    });
    this.#failure.catch(() => {});
    this.document = new DocumentTracker(page, this.fail, limits, payload.url);
    this.network = new NetworkRecorder(page, this.document, this.fail, { keepsRawEvents: payload.har, limits });
    this.watcher = new PageWatcher(page, this.fail);
    this.#redirects =
      checkRedirect === undefined
        ? null
        : new RedirectCheck({ visited: payload.url, check: checkRedirect, onRefused: this.fail });
    this.har = payload.har ? new HarRecorder(page) : null;
    page.onEnd(this.fail);
  }

  /** Ends the render with an error; the first one counts. */
  readonly fail = (error: Error): void => this.#rejectFailure(error);

  /** @throws LegworkError for every foreseen failure; whatever `fail` was given */
  async run(): Promise<Capture> {
    const work = this.#work();
    // After a failure it rejects too, when the page closes under it.
    work.catch(() => {});
    try {
      return await Promise.race([this.#failure, work]);
    } finally {
      clearTimeout(this.#timer);
    }
  }

  async #work(): Promise<Capture> {
    const { timeoutMs } = this.#payload;
    this.#timer = setTimeout(() => this.fail(this.#timeoutError()), timeoutMs);
    const emulation = await Emulation.of(this.#payload, {
      own: this.#page.defaultUserAgent,
      suffix: this.#userAgentSuffix,
    });
    const requests = new RequestControl(this.#payload, this.#redirects);
    watchChildSessions(this.#page, {
      emulation,
      requests,
      network: this.network,
      watcher: this.watcher,
      listen: (sessionId) => this.har?.listen(sessionId),
    });
    requests.start(this.#page, this.#page.identity.sessionId);
    await emulation.apply(this.#page);
    const navigation = await this.#page.send('Page.navigate', { url: this.#payload.url });
    if (navigation.errorText !== undefined) return this.#withoutDocument(navigation.errorText, navigation.isDownload);
    for (;;) {
      const capture = await this.#captureOnce();
      if (capture !== null) return capture;
    }
  }

  /** Waits and takes everything; null when the page moved on meanwhile and the next document is to be taken. */
  async #captureOnce(): Promise<Capture | null> {
    const { document } = this;
    let { loaderId } = document;
    try {
      this.#stage = 'load';
      await document.reached('domcontentloaded');
      ({ loaderId } = document);
      // Asked for ahead of time, so that it is there when the page is.
      void this.#currentWorld().catch(() => {});
      await waitForPage(
        { page: this.#page, document, network: this.network, world: () => this.#currentWorld() },
        this.#payload,
        () => {
          this.#stage = 'wait';
        },
      );
      if (document.isMovingOn || document.loaderId !== loaderId) return null;
      const capture = await this.#capture();
      return document.isMovingOn || document.loaderId !== loaderId ? null : capture;
    } catch (error) {
      // The document went away under a question; the next one is asked again.
      if (error instanceof CdpError && document.isMovingOn) return null;
      if (error instanceof CdpError && this.#world?.loaderId !== document.loaderId) return null;
      if (error instanceof CdpError && DOCUMENT_GONE.test(error.protocolMessage) && (await this.#leaves(loaderId)))
        return null;
      throw error;
    }
  }

  /** Whether the document is left; the browser may say that it is gone before it says what comes after it. */
  async #leaves(loaderId: string): Promise<boolean> {
    const { document } = this;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), LEAVE_TIMEOUT_MS);
    });
    const isLeft = (): boolean => document.isMovingOn || document.loaderId !== loaderId;
    while (!isLeft()) {
      if ((await Promise.race([late, document.changed()])) === 'late') break;
    }
    clearTimeout(timer);
    return isLeft();
  }

  async #capture(): Promise<Capture> {
    const { answer } = this.document;
    if (answer === null) throw new LegworkError('navigation_aborted', 'The page went to an address without an answer.');
    const payload = this.#payload;
    const wantsHtml = isHtml(answer.mimeType);
    this.#startCaptureTimer();
    const world = await this.#currentWorld();
    const snapshotting = takeSnapshot(this.#page, world, {
      html: wantsHtml,
      text: payload.text,
      paintTimeoutMs: payload.javaScriptEnabled ? PAINT_TIMEOUT_MS : 0,
      maxHtmlCharacters: this.#limits.documentBytes,
      maxTitleCharacters: LIMITS.titleCharacters,
      maxUrlCharacters: LIMITS.finalUrlCharacters,
    });
    // A picture of the whole page resizes it, which the document must not show.
    if (payload.screenshot?.fullPage === true) await snapshotting;
    const [snapshot, screenshot, body] = await Promise.all([
      snapshotting,
      payload.screenshot === undefined ? null : takeScreenshot(this.#page, payload.screenshot),
      wantsHtml ? null : this.#body(answer),
    ]);
    if (wantsHtml && snapshot.html === null) throw tooLarge('Its HTML', this.#limits.documentBytes);
    const pdf = payload.pdf ? await printPdf(this.#page) : null;
    return { answer, snapshot, screenshot, pdf, body };
  }

  async #body({ requestId }: DocumentAnswer): Promise<Buffer | null> {
    await this.document.bodyEnded();
    try {
      const { body, base64Encoded } = await this.#page.send('Network.getResponseBody', { requestId });
      return Buffer.from(body, base64Encoded ? 'base64' : 'utf8');
    } catch (error) {
      // Films and sounds are streamed, not kept.
      if (error instanceof CdpError) return null;
      throw error;
    }
  }

  /** An answer that the browser shows no document for: a result when there is a status, else a failure. */
  async #withoutDocument(errorText: string, isDownload: boolean | undefined): Promise<Capture> {
    if (isDownload === true) throw new LegworkError('download_refused');
    if (errorText !== 'net::ERR_ABORTED') throw this.document.failure(errorText);
    // The network's own account of the answer may come later than the end of the navigation.
    const waiting = setTimeout(() => this.fail(this.document.failure(errorText)), 500);
    while (this.document.answer === null) await this.document.changed();
    clearTimeout(waiting);
    const { answer } = this.document;
    const hasNoBody = answer.status === 204 || answer.status === 205 || answer.status === 304;
    if (!hasNoBody) throw this.document.failure(errorText);
    return { answer, snapshot: null, screenshot: null, pdf: null, body: null };
  }

  /** Legwork's world in the document that is there now; one a document. */
  #currentWorld(): Promise<number> {
    const { loaderId } = this.document;
    if (this.#world?.loaderId !== loaderId) this.#world = { loaderId, id: createWorld(this.#page) };
    return this.#world.id;
  }

  #startCaptureTimer(): void {
    if (this.#stage === 'capture') return;
    this.#stage = 'capture';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.fail(this.#timeoutError()), CAPTURE_TIMEOUT_MS);
  }

  #timeoutError(): LegworkError {
    const { timeoutMs, waitUntil, waitForSelector } = this.#payload;
    if (this.#stage === 'capture') {
      return new LegworkError('page_timeout', `It could not be captured within ${CAPTURE_TIMEOUT_MS} ms.`);
    }
    if (this.#stage === 'wait') {
      return new LegworkError('selector_timeout', `${JSON.stringify(waitForSelector)} within ${timeoutMs} ms.`);
    }
    return new LegworkError('page_timeout', `It did not come to ${waitUntil} within ${timeoutMs} ms.`);
  }
}
