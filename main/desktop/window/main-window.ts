import { app, BrowserWindow, dialog, nativeTheme, screen, type WebContents } from 'electron';
import type { Log } from '../../protocol/ports.ts';
import { APP_ORIGIN } from '../assets/app-address.ts';
import { attachContextMenu } from './context-menu.ts';
import { CrashBudget } from './crash-budget.ts';
import { guardContents } from './guard-contents.ts';
import { placeWindow, readWindowState, SMALLEST_WINDOW, type WindowState, writeWindowState } from './window-state.ts';

export interface MainWindowOptions {
  preloadFile: string;
  stateFile: string;
  iconFile: string;
  /** Whether closing takes the window away; otherwise it is minimised, since nothing else shows that Legwork runs. */
  closesToTray: () => boolean;
  openExternal: (url: string) => void;
  onFocus: () => void;
  log: Log;
}

const MOST_CRASHES = 3;
const CRASHES_WITHIN_MS = 60_000;

/** The one window. While nobody looks it does not exist, so that it takes no memory. */
export class MainWindow {
  readonly #options: MainWindowOptions;
  readonly #crashes = new CrashBudget(MOST_CRASHES, CRASHES_WITHIN_MS);
  #window: BrowserWindow | null = null;
  #opening: Promise<void> | null = null;
  #isEnding = false;
  #isPageReady = false;
  #whenReady: (() => void)[] = [];

  constructor(options: MainWindowOptions) {
    this.#options = options;
  }

  /** The page, while there is a window. */
  get page(): WebContents | null {
    return this.#window === null || this.#window.isDestroyed() ? null : this.#window.webContents;
  }

  get window(): BrowserWindow | null {
    return this.#window;
  }

  /** Shows the window, making it when there is none. */
  async show(): Promise<void> {
    const window = await this.#existing({ minimised: false });
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  /** Puts the window into the task bar, for a desktop without a tray. */
  async showMinimised(): Promise<void> {
    await this.#existing({ minimised: true });
  }

  /** Shows the window and does something once its page listens to events. */
  async showAndThen(work: () => void): Promise<void> {
    if (this.#isPageReady) work();
    else this.#whenReady.push(work);
    await this.show();
  }

  /** The page listens to events now. */
  pageIsReady(): void {
    this.#isPageReady = true;
    for (const work of this.#whenReady.splice(0)) work();
  }

  /** From now on closing is never refused. */
  end(): void {
    this.#isEnding = true;
  }

  async #existing(how: { minimised: boolean }): Promise<BrowserWindow> {
    while (this.#window === null || this.#window.isDestroyed()) {
      this.#opening ??= this.#open(how).finally(() => {
        this.#opening = null;
      });
      await this.#opening;
    }
    return this.#window;
  }

  async #open({ minimised }: { minimised: boolean }): Promise<void> {
    const { preloadFile, stateFile, iconFile, log } = this.#options;
    const state = await readWindowState(stateFile);
    const primary = screen.getPrimaryDisplay();
    const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
    const window = new BrowserWindow({
      ...placeWindow(
        state,
        [primary, ...others].map(({ workArea }) => workArea),
      ),
      minWidth: SMALLEST_WINDOW.width,
      minHeight: SMALLEST_WINDOW.height,
      show: false,
      title: 'Legwork',
      icon: iconFile,
      autoHideMenuBar: true,
      backgroundColor: nativeTheme.shouldUseDarkColors ? '#101113' : '#ffffff',
      webPreferences: {
        preload: preloadFile,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        spellcheck: false,
        navigateOnDragDrop: false,
        zoomFactor: state?.zoomFactor ?? 1,
      },
    });
    this.#window = window;
    app.dock?.show().catch(() => undefined);
    guardContents(window.webContents, this.#options.openExternal);
    attachContextMenu(window);
    window.once('ready-to-show', () => {
      if (state?.isMaximized === true) window.maximize();
      if (minimised) window.minimize();
      else window.show();
    });
    window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) this.#isPageReady = false;
    });
    window.on('focus', this.#options.onFocus);
    window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
      if (reason !== 'clean-exit') this.#recover(window, `${reason} (${exitCode})`);
    });
    window.on('unresponsive', () => log.warn('the window does not answer'));
    window.on('close', (event) => this.#close(event, window));
    window.on('closed', () => {
      this.#window = null;
      this.#isPageReady = false;
      this.#whenReady = [];
      app.dock?.hide();
    });
    try {
      await window.loadURL(`${APP_ORIGIN}/`);
    } catch (error) {
      log.error('the page of the window cannot be loaded', { problem: String(error) });
    }
  }

  #close(event: Electron.Event, window: BrowserWindow): void {
    const state: WindowState = {
      bounds: window.getNormalBounds(),
      isMaximized: window.isMaximized(),
      zoomFactor: window.webContents.getZoomFactor(),
    };
    void writeWindowState(this.#options.stateFile, state);
    if (this.#isEnding || this.#options.closesToTray()) return;
    event.preventDefault();
    window.minimize();
  }

  #recover(window: BrowserWindow, reason: string): void {
    const { log } = this.#options;
    log.error('the page of the window crashed', { reason });
    if (window.isDestroyed()) return;
    if (this.#crashes.mayRestart(Date.now())) {
      window.webContents.reload();
      return;
    }
    log.error('the page of the window crashed too often; the window is closed');
    window.destroy();
    void dialog.showMessageBox({
      type: 'error',
      title: 'Legwork',
      message: 'The window of Legwork keeps crashing.',
      detail: 'Tasks go on as before. Open the window again from the tray; if it crashes again, see the log.',
    });
  }
}
