import { LegworkError } from '../protocol/error-table.ts';
import type { Clock, Log } from '../protocol/ports.ts';
import type { LaunchedChromium } from './launch-chromium.ts';
import type { BrowserGuard, PageNetwork } from './network-guard/page-network.ts';
import { PageSession, type PageIdentity } from './page-session.ts';

/** A context that has not closed after this long has a stuck renderer, which is then crashed. */
const CLOSE_TIMEOUT_MS = 2_000;

/** A new page that has not answered after this long never will. */
const OPEN_TIMEOUT_MS = 10_000;

/** Bodies that Chromium keeps for us to read: one main document of the largest size that is accepted. */
const KEPT_BODY_BYTES = 27 * 1024 * 1024;

const CLOSED = new LegworkError('shutdown', 'The browser is closed.');
/** Why the wait for an answer ends. Without it each would make an exception with a stack trace. */
const ANSWERED = new Error('answered');

const DEFAULT_VIEWPORT = { width: 1280, height: 720 };

/** A running browser with its pages, one of them blank and ready before it is asked for. */
export class WarmBrowser {
  readonly launched: LaunchedChromium;
  readonly startedAtMs: number;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #guard: BrowserGuard;
  /** Called when a page has been closed. */
  readonly #onPageClosed: () => void;
  readonly #pages = new Map<string, PageSession>();
  #ready: Promise<PageSession> | null = null;
  #opened = 0;
  #retired = false;
  #closed: Promise<void> | null = null;

  constructor(options: {
    launched: LaunchedChromium;
    clock: Clock;
    log: Log;
    guard: BrowserGuard;
    onPageClosed: () => void;
  }) {
    this.launched = options.launched;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#guard = options.guard;
    this.#onPageClosed = options.onPageClosed;
    this.startedAtMs = options.clock.monotonicMs();
    this.#watchTargets();
  }

  /** Contexts that are open, those that are being closed and the ready one included. */
  get contexts(): number {
    return this.#pages.size;
  }

  /** Pages opened in all its life, the ready one included. */
  get opened(): number {
    return this.#opened;
  }

  /** Pages that a task has. */
  get busyPages(): number {
    return this.#busy;
  }
  #busy = 0;

  get isUsable(): boolean {
    return !this.#retired && !this.launched.connection.isClosed;
  }

  /** Makes a blank page ready, unless there is one. */
  prepare(): void {
    if (this.#ready !== null || !this.isUsable) return;
    const ready = this.#openPage();
    this.#ready = ready;
    ready.then(
      (page) =>
        page.onEnd(() => {
          if (this.#ready === ready) this.#ready = null;
          void this.#closeContext(page.identity, page.network);
        }),
      () => {
        if (this.#ready === ready) this.#ready = null;
      },
    );
  }

  /**
   * Takes the ready page, or opens one where there is none or it has died.
   * @throws LegworkError `browser_crashed`, `shutdown` when it takes no more pages; CdpError
   */
  async takePage(): Promise<PageSession> {
    if (this.#retired) throw CLOSED;
    this.#busy += 1;
    try {
      const ready = this.#ready;
      this.#ready = null;
      const kept = await ready?.catch(() => null);
      if (kept?.endedBy === null) return kept;
      const page = await this.#openPage();
      if (page.endedBy !== null) throw page.endedBy;
      return page;
    } catch (error) {
      this.#busy -= 1;
      this.#closeWhenIdle();
      throw error;
    }
  }

  /** Gives back what `takePage` gave; its context closes in the background. */
  #giveBack(identity: PageIdentity, network: PageNetwork): void {
    this.#busy -= 1;
    void this.#closeContext(identity, network).then(() => {
      this.#closeWhenIdle();
      this.#onPageClosed();
      return undefined;
    });
    this.#closeWhenIdle();
  }

  /** Takes no more pages and closes once those that are open have been given back. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#closeWhenIdle();
  }

  /** Closes at once, whatever is open; pages that a task still has end with `shutdown`. */
  close(graceMs?: number): Promise<void> {
    this.#retired = true;
    for (const page of this.#pages.values()) page.end(CLOSED);
    this.#closed ??= this.launched.close(graceMs);
    return this.#closed;
  }

  #closeWhenIdle(): void {
    if (this.#retired && this.#busy === 0) void this.close();
  }

  /** @throws LegworkError `browser_failed` when the page does not answer, `page_crashed`, `browser_crashed`; CdpError */
  async #openPage(): Promise<PageSession> {
    const { connection } = this.launched;
    this.#opened += 1;
    const network = await this.#guard.open();
    const { browserContextId } = await connection
      .send('Target.createBrowserContext', { disposeOnDetach: true, ...network.contextProxy })
      .catch(async (error: unknown) => {
        await network.close();
        throw error;
      });
    const opening = this.#openPageIn(browserContextId, network);
    try {
      // A renderer that dies at this very moment never answers, and says nothing of it.
      if (await this.#within(isFulfilled(opening), OPEN_TIMEOUT_MS)) return await opening;
      throw new LegworkError('browser_failed', 'A new page did not answer.');
    } catch (error) {
      const page = this.#pageOfContext(browserContextId);
      if (page !== undefined) void this.#closeContext(page.identity, network);
      else {
        const disposing = connection.send('Target.disposeBrowserContext', { browserContextId });
        void disposing.catch(() => undefined).then(() => network.close());
      }
      throw error;
    }
  }

  async #openPageIn(browserContextId: string, network: PageNetwork): Promise<PageSession> {
    const { connection } = this.launched;
    connection.post('Browser.setDownloadBehavior', { behavior: 'deny', browserContextId, eventsEnabled: true });
    const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank', browserContextId });
    const { sessionId } = await connection.send('Target.attachToTarget', { targetId, flatten: true });
    const identity: PageIdentity = { browserContextId, targetId, sessionId };
    const dispose = this.#giveBackOnce(identity, network);
    const page = new PageSession({ browser: this.launched, connection, identity, network, dispose });
    this.#pages.set(targetId, page);
    page.post('Network.enable', { maxTotalBufferSize: KEPT_BODY_BYTES, maxResourceBufferSize: KEPT_BODY_BYTES });
    page.post('Runtime.enable');
    page.post('Log.enable');
    page.post('Page.setLifecycleEventsEnabled', { enabled: true });
    page.post('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true });
    // A window of full Chromium loses some of its height to a user interface that nobody sees.
    if (this.launched.information.kind === 'chromium') {
      page.post('Emulation.setDeviceMetricsOverride', { ...DEFAULT_VIEWPORT, deviceScaleFactor: 1, mobile: false });
    }
    await page.send('Page.enable');
    return page;
  }

  #giveBackOnce(identity: PageIdentity, network: PageNetwork): () => void {
    let isGivenBack = false;
    return () => {
      if (isGivenBack) return;
      isGivenBack = true;
      this.#giveBack(identity, network);
    };
  }

  /** Never rejects. A renderer that is too busy to close is crashed, and a browser in which that fails is not used again. */
  async #closeContext({ browserContextId, sessionId, targetId }: PageIdentity, network: PageNetwork): Promise<void> {
    const { connection } = this.launched;
    const closing = connection
      .send('Target.disposeBrowserContext', { browserContextId })
      .then(() => true)
      // The context or the whole browser is gone already.
      .catch(() => true);
    if (!(await this.#within(closing))) {
      connection.post('Page.crash', undefined, sessionId);
      if (!(await this.#within(closing))) {
        this.#log.warn('A page could not be closed; its browser is replaced.', { targetId });
        this.retire();
      }
    }
    this.#pages.delete(targetId);
    // Not before the context is gone: the port may be another task's next.
    void closing.then(() => network.close());
  }

  async #within(done: Promise<boolean>, timeoutMs = CLOSE_TIMEOUT_MS): Promise<boolean> {
    const waiting = new AbortController();
    const timeout = this.#clock.sleep(timeoutMs, waiting.signal).then(() => false);
    try {
      return await Promise.race([done, timeout]);
    } finally {
      waiting.abort(ANSWERED);
    }
  }

  #watchTargets(): void {
    const { connection } = this.launched;
    connection.on('Target.targetCreated', ({ targetInfo }) => {
      const owner = this.#pageOfContext(targetInfo.browserContextId);
      if (owner === undefined || targetInfo.openerId === undefined) return;
      connection.post('Target.closeTarget', { targetId: targetInfo.targetId });
      owner.tellIncident({ kind: 'popup', url: targetInfo.url });
    });
    connection.on('Target.detachedFromTarget', ({ targetId }) => {
      const page = targetId === undefined ? undefined : this.#pages.get(targetId);
      page?.end(new LegworkError('navigation_aborted', 'The page closed itself.'));
    });
    connection.on('Browser.downloadWillBegin', ({ frameId, url }) => {
      this.#pages.get(frameId)?.tellIncident({ kind: 'download', url });
    });
    connection.post('Target.setDiscoverTargets', { discover: true, filter: [{ type: 'page' }] });
    void connection.closed.then(() => {
      const reason = new LegworkError('browser_crashed');
      for (const page of this.#pages.values()) {
        page.end(reason);
        void page.network.close();
      }
      this.#pages.clear();
      return undefined;
    });
  }

  #pageOfContext(browserContextId: string | undefined): PageSession | undefined {
    for (const page of this.#pages.values()) {
      if (page.identity.browserContextId === browserContextId) return page;
    }
    return undefined;
  }
}

/** Resolves to true, or rejects as the promise does. */
async function isFulfilled(promise: Promise<unknown>): Promise<true> {
  await promise;
  return true;
}
