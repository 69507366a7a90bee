import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LegworkError } from '../protocol/error-table.ts';
import type { BrowserInformation } from '../protocol/task-host-messages.ts';
import { launchChromium } from './launch-chromium.ts';

/** What decides whether Chromium's own sandbox can be had, before a browser is tried. */
export interface SandboxMachine {
  readonly platform: NodeJS.Platform;
  /** undefined where the system has no such numbers. */
  readonly userId: number | undefined;
}

/** What a host can do to get the sandbox, and how to go without it. */
export const SANDBOX_ADVICE =
  'Run Legwork as an ordinary user, in a container with user namespaces (Docker: a seccomp profile that allows them). ' +
  'As a last resort, and only for sites that you trust, set LEGWORK_ALLOW_NO_SANDBOX=1 or pass --allow-no-sandbox.';

/**
 * Why Chromium's own sandbox cannot be had on this machine, in a sentence; null when it works. Linux alone can lack it:
 * Chromium refuses it to root, and needs user namespaces, which some containers and distributions forbid. Rules of the
 * kernel and of AppArmor are too many to read, so each browser is started with its sandbox and, if that fails, without.
 */
export async function sandboxObstacle(
  browsers: readonly Pick<BrowserInformation, 'kind' | 'path'>[],
  machine: SandboxMachine = { platform: process.platform, userId: process.getuid?.() },
): Promise<string | null> {
  if (machine.platform !== 'linux') return null;
  if (machine.userId === 0) return 'This is root, to whom Chromium refuses its sandbox.';
  const folder = await mkdtemp(join(tmpdir(), 'legwork-sandbox-'));
  try {
    const obstacles = await Promise.all(browsers.map((browser) => obstacleOf(browser, folder)));
    return obstacles.find((obstacle) => obstacle !== null) ?? null;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

async function obstacleOf(
  browser: Pick<BrowserInformation, 'kind' | 'path'>,
  runFolder: string,
): Promise<string | null> {
  const start = async (sandbox: boolean): Promise<string | null> => {
    try {
      const started = await launchChromium({ kind: browser.kind, executablePath: browser.path, runFolder, sandbox });
      await started.close(0);
      return null;
    } catch (error) {
      return error instanceof LegworkError ? error.detail : String(error);
    }
  };
  const refusal = await start(true);
  if (refusal === null) return null;
  // A browser that does not start either way has another trouble, which its first task reports.
  return (await start(false)) === null ? `Chromium starts only without its sandbox. ${refusal}` : null;
}
