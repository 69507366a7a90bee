import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agreedBrowser } from '../../support/desktop/agreed-browser.ts';
import { buildDesktopApp } from '../../support/desktop/build-desktop-app.ts';
import { DesktopApp, startOnceMore } from '../../support/desktop/desktop-app.ts';
import { DesktopSession } from '../../support/desktop/desktop-session.ts';
import type { DesktopRuntime } from '../../support/desktop/electron-runtime.ts';
import { Stack, WORKER_ID, WORKER_SECRET } from '../stack.ts';

type AvailableRuntime = Extract<DesktopRuntime, { available: true }>;

/** Bounds of a test and of what is around it: a build, a display, a bus, several programs and browsers. */
export const DESKTOP_LIMITS = { testTimeout: 300_000, hookTimeout: 300_000 } as const;

export interface LaunchOptions {
  programArguments?: string[];
  environment?: Record<string, string>;
}

/** Hub, site and desktop app as their users run them, each a process of its own, on a desktop of their own. */
export class DesktopStack {
  readonly stack: Stack;
  readonly session: DesktopSession;
  readonly #runtime: AvailableRuntime;
  readonly #appFolder: string;
  readonly #browser: Record<string, string>;
  #apps: DesktopApp[] = [];

  private constructor(parts: {
    session: DesktopSession;
    runtime: AvailableRuntime;
    appFolder: string;
    browser: Record<string, string>;
  }) {
    this.stack = new Stack();
    this.session = parts.session;
    this.#runtime = parts.runtime;
    this.#appFolder = parts.appFolder;
    this.#browser = parts.browser;
  }

  static async start(runtime: AvailableRuntime): Promise<DesktopStack> {
    const browser = await agreedBrowser();
    const appFolder = await buildDesktopApp();
    const session = await DesktopSession.start(runtime.dbusDaemonPath);
    return new DesktopStack({ session, runtime, appFolder, browser });
  }

  /** The folder that Electron is started with. */
  get appFolder(): string {
    return this.#appFolder;
  }

  get dataFolder(): string {
    return join(this.session.folder, 'data');
  }

  /** As if somebody had gone through the first run before. */
  skipFirstRun(): void {
    mkdirSync(this.dataFolder, { recursive: true, mode: 0o700 });
    writeFileSync(join(this.dataFolder, 'first-run-done'), '');
  }

  /** A browser that may be used. */
  get browser(): Record<string, string> {
    return this.#browser;
  }

  /** An identity that the hub knows and a browser that may be used, so that nobody has to enrol and to choose. */
  get identity(): Record<string, string> {
    return { ...this.#browser, LARAVEL_INTERNAL_URL: this.stack.hubUrl, WORKER_ID, LOCALBROWSER_SECRET: WORKER_SECRET };
  }

  async launch(options: LaunchOptions = {}): Promise<DesktopApp> {
    const app = await DesktopApp.launch(this.#options(options));
    this.#apps.push(app);
    return app;
  }

  /** Starts it with an identity and without a first run; resolves when it waits for work. */
  async launchConnected(options: LaunchOptions = {}): Promise<DesktopApp> {
    this.skipFirstRun();
    const app = await this.launch({ ...options, environment: { ...this.identity, ...options.environment } });
    await (await app.tray()).untilSays(/waiting for work/);
    return app;
  }

  /** Starts the program once more, as a click on its icon or on a link does. @returns its exit code */
  async startOnceMore(...programArguments: string[]): Promise<number | null> {
    return startOnceMore(this.#options({ programArguments }));
  }

  async close(): Promise<void> {
    for (const app of this.#apps) app.kill('SIGKILL');
    await Promise.all(this.#apps.map(({ exited }) => exited));
    try {
      await this.session.close();
    } finally {
      await this.stack.close();
    }
  }

  #options(options: LaunchOptions) {
    const { electronPath } = this.#runtime;
    return { session: this.session, electronPath, appFolder: this.#appFolder, ...options };
  }
}
