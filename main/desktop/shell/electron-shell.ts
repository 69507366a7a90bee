import { join } from 'node:path';
import { type BrowserWindow, shell } from 'electron';
import type { CallAnswer, UiSnapshot } from '../../../preload/contract.ts';
import type { BrowserSource } from '../../user-interface/browser-source.ts';
import type { ShellPort } from '../../user-interface/shell-port.ts';
import type { LoginSwitch } from '../login/login-switch.ts';
import type { UpdateFlow } from '../updates/update-flow.ts';
import { askWhereToSave, openExternally } from './ask-person.ts';
import { writeWhole } from './write-whole.ts';

export interface ElectronShellOptions {
  secretStore: UiSnapshot['secretStore'];
  login: LoginSwitch;
  browsers: BrowserSource;
  updates: UpdateFlow;
  /** The window that questions are asked in front of. */
  window: () => BrowserWindow | null;
  /** Where files are suggested to be saved. */
  saveFolder: string;
  quit: (how: 'drain' | 'now') => void;
}

/** What the user interface has done by Electron. */
export class ElectronShell implements ShellPort {
  readonly kind = 'desktop';
  readonly secretStore: UiSnapshot['secretStore'];
  readonly #options: ElectronShellOptions;

  constructor(options: ElectronShellOptions) {
    this.secretStore = options.secretStore;
    this.#options = options;
  }

  startAtLogin(): boolean {
    return this.#options.login.isEnabled;
  }

  async setStartAtLogin(enabled: boolean): Promise<boolean> {
    return this.#options.login.set(enabled);
  }

  browserDownload(): ReturnType<ShellPort['browserDownload']> {
    return this.#options.browsers.state();
  }

  newerBrowserVersion(): string | null {
    return this.#options.browsers.newerVersion();
  }

  downloadBrowser(): Promise<void> {
    return this.#options.browsers.download();
  }

  cancelBrowserDownload(): void {
    this.#options.browsers.cancel();
  }

  update(): ReturnType<ShellPort['update']> {
    return this.#options.updates.state();
  }

  checkForUpdate(): Promise<void> {
    return this.#options.updates.check();
  }

  downloadUpdate(): Promise<void> {
    return this.#options.updates.download();
  }

  async installUpdate(): Promise<void> {
    this.#options.updates.install();
  }

  async saveFile(
    suggestedName: string,
    write: (path: string) => Promise<void>,
  ): Promise<CallAnswer<'saveDiagnostics'>> {
    const path = await askWhereToSave(join(this.#options.saveFolder, suggestedName), this.#options.window());
    if (path === null) return { kind: 'cancelled' };
    await writeWhole(path, write);
    return { kind: 'saved', path };
  }

  async openFolder(path: string): Promise<boolean> {
    return (await shell.openPath(path)) === '';
  }

  openExternal(url: string): Promise<boolean> {
    return openExternally(url, this.#options.window());
  }

  quit(how: 'drain' | 'now'): void {
    this.#options.quit(how);
  }

  subscribe(onChange: () => void): () => void {
    const { login, browsers, updates } = this.#options;
    const ends = [login.subscribe(onChange), browsers.subscribe(onChange), updates.subscribe(onChange)];
    return () => {
      for (const end of ends) end();
    };
  }
}
