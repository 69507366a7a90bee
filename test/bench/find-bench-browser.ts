import { findChromium, type FoundBrowser } from '../../main/browser/find-chromium.ts';

/**
 * The browser that all contenders use: the headless shell, as Legwork's page lane does, or full Chromium without one.
 * @throws Error when there is neither
 */
export async function findBenchBrowser(): Promise<FoundBrowser> {
  const { headlessShell, chromium, advice } = await findChromium({
    chromiumPath: process.env['LEGWORK_CHROMIUM_PATH'] ?? null,
    headlessShellPath: process.env['LEGWORK_HEADLESS_SHELL_PATH'] ?? null,
  });
  const browser = headlessShell ?? chromium;
  if (browser === null) throw new Error(`No Chromium was found. ${JSON.stringify(advice)}`);
  return browser;
}
