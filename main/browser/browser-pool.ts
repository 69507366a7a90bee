import { LegworkError } from '../protocol/error-table.ts';
import type { Clock, Log } from '../protocol/ports.ts';
import type { BrowserInformation, TaskHostSettings } from '../protocol/task-host-messages.ts';
import { abortable } from './abortable.ts';
import { NamedBrowserLauncher } from './own-user-agent.ts';
import type { PageSession } from './page-session.ts';
import type { BrowserGuard, TaskTraffic } from './network-guard/page-network.ts';
import { memoryOfProcessGroups } from './process-memory.ts';
import { WarmBrowser } from './warm-browser.ts';

/** `any`: the headless shell where there is one, since it renders several times as many pages; else full Chromium. */
export type Engine = BrowserInformation['kind'] | 'any';

/** Reading the memory of all processes costs some milliseconds; while no page opens it hardly changes. */
const BUSY_MEMORY_INTERVAL_MS = 10_000;
const IDLE_MEMORY_INTERVAL_MS = 60_000;

/** With more pages at work than this none is made ready. */
const MAX_BUSY_BESIDE_READY = 1;

/** A browser that dies before the page is handed out costs no attempt: it is tried this often. */
const OPEN_TRIES = 3;

/**
 * The warm browsers of the page lane. A browser starts when its first page is asked for, keeps a blank page ready, and
 * is replaced by count, age and memory while the pages that are open in it go on undisturbed.
 */
export class BrowserPool {
  readonly settings: TaskHostSettings;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #guard: BrowserGuard;
  readonly #extraArguments: readonly string[];
  readonly #launcher: NamedBrowserLauncher;
  /** The browser that new pages go to. */
  readonly #current = new Map<BrowserInformation['kind'], Promise<WarmBrowser>>();
  /** Every browser whose process lives, retired ones included. */
  readonly #living = new Set<WarmBrowser>();
  /** Every browser that is being started, replacements included. */
  readonly #starting = new Set<Promise<WarmBrowser>>();
  readonly #replacing = new Set<BrowserInformation['kind']>();
  /** What was read last, when, and how many pages had been opened by then. */
  #memory = { sizes: new Map<number, number>(), readAtMs: -Infinity, pages: 0 };
  #isClosed = false;

  constructor(options: {
    settings: TaskHostSettings;
    log: Log;
    clock: Clock;
    guard: BrowserGuard;
    /** Go to every browser, after Legwork's own. */
    extraArguments?: readonly string[];
  }) {
    this.settings = options.settings;
    this.#log = options.log;
    this.#clock = options.clock;
    this.#guard = options.guard;
    this.#launcher = new NamedBrowserLauncher(options.settings.userAgentSuffix ?? '');
    this.#extraArguments = options.extraArguments ?? [];
  }

  /** Browsers whose process lives. */
  get browsers(): number {
    return this.#living.size;
  }

  /** Pages that tasks have open. */
  get openPages(): number {
    return [...this.#living].reduce((sum, browser) => sum + browser.busyPages, 0);
  }

  /** Browser contexts that are not closed yet, blank ready ones included. */
  get contexts(): number {
    return [...this.#living].reduce((sum, browser) => sum + browser.contexts, 0);
  }

  /** Memory of all browsers in bytes, some seconds old; 0 where the system does not tell. */
  async memoryBytes(): Promise<number> {
    const sizes = await this.#memorySizes();
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  /** Starts the browser that most pages need and makes a page ready. @throws LegworkError `browser_missing`, `browser_failed` */
  async warmUp(): Promise<void> {
    const browser = await this.#browser(this.#kindFor('any'));
    browser.prepare();
  }

  /**
   * A blank page in a context of its own. The caller closes it.
   * @throws LegworkError `browser_missing`, `browser_failed`, `browser_crashed`; the signal's reason when it aborts
   */
  async openPage(options: { engine: Engine; signal: AbortSignal; traffic: TaskTraffic }): Promise<PageSession> {
    const kind = this.#kindFor(options.engine);
    for (let tries = 1; ; tries += 1) {
      const browser = await abortable(this.#browser(kind), options.signal);
      try {
        const page = await abortable(browser.takePage(), options.signal, (late) => late.close());
        options.traffic.add(page.network);
        prepareNext(browser);
        void this.#maintain(kind, browser);
        return page;
      } catch (error) {
        if (tries >= OPEN_TRIES || options.signal.aborted) throw error;
        this.#log.warn('A browser failed before its page was used; a new one is started.', { kind });
        this.#forget(kind, browser);
        // Other tasks may have pages in it that are well.
        browser.retire();
      }
    }
  }

  /** Closes the browsers that no task uses and retires the others, so that an exclusive task has the machine for itself. */
  async closeWarm(): Promise<void> {
    this.#current.clear();
    await Promise.allSettled(this.#starting);
    this.#current.clear();
    const idle = [...this.#living].filter((browser) => browser.busyPages === 0);
    for (const browser of this.#living) browser.retire();
    await Promise.all(idle.map((browser) => browser.close()));
  }

  /** Closes every browser; pages that are open end with `shutdown`. Nothing can be opened any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#current.clear();
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#living].map((browser) => browser.close()));
  }

  #kindFor(engine: Engine): BrowserInformation['kind'] {
    if (engine !== 'any') return engine;
    return this.settings.headlessShellPath === null ? 'chromium' : 'headless_shell';
  }

  async #browser(kind: BrowserInformation['kind']): Promise<WarmBrowser> {
    const current = this.#current.get(kind);
    if (current !== undefined) {
      const browser = await current;
      if (browser.isUsable) return browser;
      this.#forget(kind, browser);
      return this.#browser(kind);
    }
    const starting = this.#start(kind);
    this.#current.set(kind, starting);
    starting.catch(() => {
      if (this.#current.get(kind) === starting) this.#current.delete(kind);
    });
    return starting;
  }

  #start(kind: BrowserInformation['kind']): Promise<WarmBrowser> {
    const starting = this.#launch(kind);
    this.#starting.add(starting);
    const end = (): void => void this.#starting.delete(starting);
    starting.then(end, end);
    return starting;
  }

  async #launch(kind: BrowserInformation['kind']): Promise<WarmBrowser> {
    if (this.#isClosed) throw new LegworkError('shutdown', 'The browsers are closed.');
    const executablePath = kind === 'chromium' ? this.settings.chromiumPath : this.settings.headlessShellPath;
    if (executablePath === null) {
      throw new LegworkError('browser_missing', kind === 'chromium' ? 'Full Chromium.' : 'The headless shell.');
    }
    // Every task has a way out of its own: what the browser sends by itself goes nowhere.
    const ownNetwork = await this.#guard.open('nothing');
    const launched = await this.#launcher
      .launch({
        kind,
        executablePath,
        runFolder: this.settings.runFolder,
        sandbox: this.settings.sandbox,
        extraArguments: [...this.#guard.chromiumArguments(ownNetwork), ...this.#extraArguments],
      })
      .catch(async (error: unknown) => {
        await ownNetwork.close();
        throw error;
      });
    const browser = new WarmBrowser({
      launched,
      clock: this.#clock,
      log: this.#log,
      guard: this.#guard,
      onPageClosed: () => {
        prepareNext(browser);
        void this.#maintain(kind, browser);
      },
    });
    this.#living.add(browser);
    void launched.exited.then(() => {
      void ownNetwork.close();
      this.#living.delete(browser);
      this.#forget(kind, browser);
      return undefined;
    });
    return browser;
  }

  #forget(kind: BrowserInformation['kind'], browser: WarmBrowser): void {
    const current = this.#current.get(kind);
    void current?.then(
      (known) => {
        if (known === browser && this.#current.get(kind) === current) this.#current.delete(kind);
        return undefined;
      },
      () => {},
    );
  }

  /** Replaces the browser when it has lived enough: the new one is up before the old one takes no more pages. */
  async #maintain(kind: BrowserInformation['kind'], browser: WarmBrowser): Promise<void> {
    if (this.#replacing.has(kind) || !browser.isUsable || this.#isClosed) return;
    const reason = await this.#recycleReason(browser);
    if (reason === null || this.#replacing.has(kind) || !browser.isUsable) return;
    this.#replacing.add(kind);
    try {
      const replacement = this.#start(kind);
      const next = await replacement;
      next.prepare();
      this.#current.set(kind, replacement);
      this.#log.debug('A browser was replaced.', { kind, reason, pages: browser.opened });
      browser.retire();
    } catch {
      // The old browser goes on; the next page tries again.
    } finally {
      this.#replacing.delete(kind);
    }
  }

  async #recycleReason(browser: WarmBrowser): Promise<string | null> {
    const { afterPages, afterMs, memoryBytes } = this.settings.recycle;
    if (browser.opened > afterPages) return 'pages';
    if (this.#clock.monotonicMs() - browser.startedAtMs >= afterMs) return 'age';
    const size = (await this.#memorySizes()).get(browser.launched.processId) ?? 0;
    return size >= memoryBytes ? 'memory' : null;
  }

  /** Memory by browser process. */
  async #memorySizes(): Promise<ReadonlyMap<number, number>> {
    const living = [...this.#living];
    const pages = living.reduce((sum, browser) => sum + browser.opened, 0);
    const intervalMs = pages === this.#memory.pages ? IDLE_MEMORY_INTERVAL_MS : BUSY_MEMORY_INTERVAL_MS;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#memory.readAtMs >= intervalMs) {
      this.#memory = { sizes: this.#memory.sizes, readAtMs: nowMs, pages };
      this.#memory.sizes = await memoryOfProcessGroups(living.map((browser) => browser.launched.processId));
    }
    return this.#memory.sizes;
  }
}

/**
 * Makes the next page ready, so that its task starts at once; but not beside several pages at work, to which it would
 * only be one more.
 */
function prepareNext(browser: WarmBrowser): void {
  if (browser.busyPages <= MAX_BUSY_BESIDE_READY) browser.prepare();
}
