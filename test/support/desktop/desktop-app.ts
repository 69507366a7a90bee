import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { listProcesses, processTree } from '../../../main/agent/process-tree.ts';
import type { DesktopSession } from './desktop-session.ts';
import type { TrayIcon } from './tray-icon.ts';

export interface DesktopAppOptions {
  session: DesktopSession;
  electronPath: string;
  /** The folder that Electron is started with. */
  appFolder: string;
  programArguments?: string[];
  environment?: Record<string, string>;
}

/** Bounds how long the app and its window may take to come, on a machine that does much else. */
const START_LIMIT_MS = 120_000;

/** Root has no sandbox and must say so. */
const SANDBOX_ARGUMENTS = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

function commandLine({ session, appFolder, programArguments = [] }: DesktopAppOptions): string[] {
  return [...SANDBOX_ARGUMENTS, appFolder, `--data=${join(session.folder, 'data')}`, ...programArguments];
}

/** The desktop app as a process of its own in a session, with its window and its tray. */
export class DesktopApp {
  readonly electron: ElectronApplication;
  readonly #session: DesktopSession;
  readonly #child: ChildProcess;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** What it has written to its error output; shown when a test fails. */
  output = '';

  private constructor(electron: ElectronApplication, session: DesktopSession) {
    this.electron = electron;
    this.#session = session;
    const child = electron.process();
    this.#child = child;
    this.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-20_000);
      });
    }
  }

  static async launch(options: DesktopAppOptions): Promise<DesktopApp> {
    const electron = await _electron.launch({
      executablePath: options.electronPath,
      args: commandLine(options),
      env: { ...options.session.environment, ...options.environment },
      timeout: START_LIMIT_MS,
    });
    return new DesktopApp(electron, options.session);
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  /** The window, as soon as there is one. */
  async window(): Promise<Page> {
    const [open] = this.electron.windows().filter((page) => !page.isClosed());
    return open ?? (await this.electron.waitForEvent('window', { timeout: START_LIMIT_MS }));
  }

  /** How many windows the system shows of it. */
  async visibleWindows(): Promise<number> {
    return this.electron.evaluate(
      ({ BrowserWindow }) => BrowserWindow.getAllWindows().filter((window) => window.isVisible()).length,
    );
  }

  async tray(): Promise<TrayIcon> {
    return this.#session.trayIcon();
  }

  /** Everything that it has started, itself included. */
  processTree(): number[] {
    return processTree(this.processId, listProcesses());
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** Starts the app once more beside a running one, and resolves with its exit code. */
export async function startOnceMore(options: DesktopAppOptions): Promise<number | null> {
  const child = spawn(options.electronPath, commandLine(options), {
    env: { ...options.session.environment, ...options.environment },
    stdio: 'ignore',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code));
  });
}
