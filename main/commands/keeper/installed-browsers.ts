import { findChromium } from '../../browser/find-chromium.ts';
import type { BrowserInformation } from '../../protocol/task-host-messages.ts';
import { UserInterfaceError } from '../../user-interface/user-interface-error.ts';

/** A browser that a person may choose. */
export interface InstalledBrowser {
  name: string;
  version: string;
  path: string;
}

/** The browsers that are found on this machine, and those that are in use, each once. */
export async function installedBrowsers(inUse: readonly BrowserInformation[]): Promise<InstalledBrowser[]> {
  const { chromium, headlessShell } = await findChromium();
  const known = [chromium, headlessShell, ...inUse].filter((browser) => browser !== null);
  return [...new Map(known.map((browser) => [browser.path, browser])).values()].map(({ kind, version, path }) => ({
    name: kind === 'chromium' ? nameOf(path) : 'Chromium headless shell',
    version,
    path,
  }));
}

/** @throws UserInterfaceError `browser_missing` when tasks cannot be done with what is at the path */
export async function requireBrowser(path: string): Promise<void> {
  try {
    await findChromium({ chromiumPath: path, headlessShellPath: null });
  } catch (error) {
    const message = 'There is no browser that Legwork can use at this place.';
    throw new UserInterfaceError('browser_missing', message, { cause: error });
  }
}

function nameOf(path: string): string {
  if (/edge/i.test(path)) return 'Microsoft Edge';
  return /chromium/i.test(path) ? 'Chromium' : 'Google Chrome';
}
