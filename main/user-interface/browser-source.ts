import type { BrowserState } from '../../preload/contract.ts';

/** What downloads the browser for tasks. */
export interface BrowserSource {
  /** null while there is nothing to show. */
  state(): Extract<BrowserState, { state: 'downloading' | 'failed' }> | null;
  /** A newer version than the one that was downloaded and is in use; null when there is none. */
  newerVersion(): string | null;
  /** @throws UserInterfaceError that says what to do */
  download(): Promise<void>;
  /** What has come so far is kept for the next time. */
  cancel(): void;
  /** @returns the function that ends the subscription */
  subscribe(onChange: () => void): () => void;
}
