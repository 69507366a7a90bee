import type { BrowserState, CallAnswer, UiSnapshot, UpdateState } from '../../preload/contract.ts';

/**
 * What a user interface needs of the program that it runs in: the Electron app, or the headless agent that serves it as
 * a web page. Whatever changes here is told to `subscribe`, and shows in the next snapshot.
 */
export interface ShellPort {
  readonly kind: UiSnapshot['shell'];
  readonly secretStore: UiSnapshot['secretStore'];
  /** What the system says, not what was asked for last; null where there is no such thing. */
  startAtLogin(): boolean | null;
  /** @returns what the system says afterwards */
  setStartAtLogin(enabled: boolean): Promise<boolean>;
  browserDownload(): Extract<BrowserState, { state: 'downloading' | 'failed' }> | null;
  /** A newer version than the one that was downloaded; null when there is none, or none was downloaded. */
  newerBrowserVersion(): string | null;
  /** Downloads the browser that this version was tested with, and uses it. @throws LegworkError */
  downloadBrowser(): Promise<void>;
  cancelBrowserDownload(): void;
  update(): UpdateState;
  checkForUpdate(): Promise<void>;
  downloadUpdate(): Promise<void>;
  installUpdate(): Promise<void>;
  /** Lets the person choose where a file goes and has it written there; a web page offers it for download. */
  saveFile(suggestedName: string, write: (path: string) => Promise<void>): Promise<CallAnswer<'saveDiagnostics'>>;
  /** False when there is nothing to show it in. */
  openFolder(path: string): Promise<boolean>;
  /** Asks the person first. False when they decline, or the address is not https. */
  openExternal(url: string): Promise<boolean>;
  /** Ends the program. */
  quit(how: 'drain' | 'now'): void;
  /** @returns the function that ends the subscription */
  subscribe(onChange: () => void): () => void;
}
