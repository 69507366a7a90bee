import { describeError } from '../../protocol/describe-error.ts';
import type { Clock, Log } from '../../protocol/ports.ts';
import { browserPlatform, loadBrowserLibrary, newestVersion, TESTED_VERSION } from './browser-builds.ts';
import { BrowserDownloadError } from './browser-download-error.ts';
import { downloadedVersions } from './browser-folder.ts';
import { compareVersions } from './compare-versions.ts';
import { downloadBrowser } from './download-browser.ts';
import type { Fetch } from './download-file.ts';

/** What a person is shown of a download; null while there is nothing to show. */
export type DownloadState =
  | { state: 'downloading'; version: string; receivedBytes: number; totalBytes: number | null }
  | { state: 'failed'; sentence: string };

export interface BrowserDownloadsOptions {
  /** Folder of all downloaded browsers. */
  folder: string;
  /** The address that browsers are downloaded from in place of Google's; null: Google's. Asked anew each time. */
  mirror: () => string | null;
  fetch: Fetch;
  runs: (executablePath: string) => Promise<boolean>;
  clock: Clock;
  log: Log;
}

const SHORTEST_NOTICE_MS = 200;

/** Downloads the browser for tasks, one at a time, and tells how far it is. */
export class BrowserDownloads {
  readonly #options: BrowserDownloadsOptions;
  readonly #listeners = new Set<() => void>();
  #state: DownloadState | null = null;
  #running: { promise: Promise<void>; cancel: AbortController } | null = null;
  #newest: string | null = null;
  #newer: string | null = null;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: BrowserDownloadsOptions) {
    this.#options = options;
  }

  state(): DownloadState | null {
    return this.#state;
  }

  /** @returns the function that ends the subscription */
  subscribe(onChange: () => void): () => void {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  }

  /** A version that is newer than the downloaded one; null when there is none, or none was downloaded. */
  newerVersion(): string | null {
    return this.#newer;
  }

  /** Finds out whether there is a newer version than the downloaded one. Never rejects. */
  async lookForNewer(signal: AbortSignal): Promise<void> {
    const { folder, fetch, mirror } = this.#options;
    const [present] = await downloadedVersions(folder);
    if (present === undefined) return;
    this.#newest = (await newestVersion(fetch, mirror(), signal)) ?? this.#newest;
    const newest = this.#newestKnown();
    this.#newer = compareVersions(newest, present) > 0 ? newest : null;
    this.#tell();
  }

  /**
   * Downloads the newest stable version, or, where it is not known, the one that Legwork was made for. A second call
   * while one is under way waits for the same download.
   * @throws BrowserDownloadError
   */
  download(): Promise<void> {
    if (this.#running === null) {
      const cancel = new AbortController();
      const promise = this.#download(cancel.signal).finally(() => {
        this.#running = null;
      });
      this.#running = { promise, cancel };
    }
    return this.#running.promise;
  }

  /** What has come so far is kept for the next time. */
  cancel(): void {
    this.#running?.cancel.abort();
  }

  async #download(signal: AbortSignal): Promise<void> {
    const { folder, mirror, fetch, runs, clock, log } = this.#options;
    this.#enter({ state: 'downloading', version: TESTED_VERSION, receivedBytes: 0, totalBytes: null });
    try {
      browserPlatform(await loadBrowserLibrary());
      this.#newest = (await newestVersion(fetch, mirror(), signal)) ?? this.#newest;
      const version = this.#newestKnown();
      log.info('downloading a browser', { version, mirror: mirror() });
      await downloadBrowser({
        folder,
        version,
        mirror: mirror(),
        fetch,
        clock,
        signal,
        runs,
        onProgress: (receivedBytes, totalBytes) =>
          this.#enter({ state: 'downloading', version, receivedBytes, totalBytes }),
      });
      log.info('the browser is there', { version });
      this.#newer = null;
      this.#enter(null);
    } catch (error) {
      const isWanted = error instanceof BrowserDownloadError && error.kind === 'cancelled';
      if (!isWanted) log.warn('the browser could not be downloaded', { problem: describeError(error) });
      const sentence = error instanceof BrowserDownloadError ? error.message : `It failed: ${describeError(error)}`;
      this.#enter(isWanted ? null : { state: 'failed', sentence });
      throw error;
    }
  }

  #newestKnown(): string {
    return this.#newest !== null && compareVersions(this.#newest, TESTED_VERSION) > 0 ? this.#newest : TESTED_VERSION;
  }

  #enter(state: DownloadState | null): void {
    const isSameKind = this.#state?.state === state?.state;
    this.#state = state;
    const nowMs = this.#options.clock.monotonicMs();
    if (isSameKind && nowMs - this.#toldAtMs < SHORTEST_NOTICE_MS) return;
    this.#toldAtMs = nowMs;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
