import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, open, readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';

/** What the search for a browser sees of the machine; a test gives it a made-up one. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  readonly homeFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether the path is a file that this user may execute. */
  isExecutable(path: string): Promise<boolean>;
  /** Whether the file begins with `#!`, that is, only starts another program. */
  isScript(path: string): Promise<boolean>;
  /** Names of the entries of a folder; none when it cannot be read. */
  listFolder(path: string): Promise<string[]>;
  /** `/etc/os-release`, or an empty text where there is none. */
  readOsRelease(): Promise<string>;
  /** Standard output of a program, or null when it failed, or was still running after `timeoutMs` and was killed. */
  run(path: string, commandArguments: readonly string[], timeoutMs: number): Promise<string | null>;
  /** Where Playwright would keep its Chromium, installed or not; null where Playwright has none for this system. */
  playwrightChromiumPath(): Promise<string | null>;
}

/** The machine that this process runs on. */
export const thisMachine: Machine = {
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  homeFolder: homedir(),
  environment: process.env,

  async isExecutable(path) {
    try {
      await access(path, constants.X_OK);
      return (await stat(path)).isFile();
    } catch {
      return false;
    }
  },

  async isScript(path) {
    try {
      const file = await open(path, 'r');
      try {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
        return bytesRead === 2 && buffer.toString('latin1') === '#!';
      } finally {
        await file.close();
      }
    } catch {
      return false;
    }
  },

  async listFolder(path) {
    try {
      return await readdir(path);
    } catch {
      return [];
    }
  },

  async readOsRelease() {
    try {
      return await readFile('/etc/os-release', 'utf8');
    } catch {
      return '';
    }
  },

  run(path, commandArguments, timeoutMs) {
    return new Promise((resolve) => {
      execFile(
        path,
        [...commandArguments],
        { timeout: timeoutMs, killSignal: 'SIGKILL', windowsHide: true },
        (error, standardOutput) => resolve(error === null ? standardOutput : null),
      );
    });
  },

  async playwrightChromiumPath() {
    try {
      // Loading Playwright takes a third of a second; who has a configured path need not pay it.
      const { chromium } = await import('playwright-core');
      return chromium.executablePath();
    } catch {
      return null;
    }
  },
};
