import { type Browser, chromium } from 'playwright-core';
import { findChromium } from '../../../main/browser/find-chromium.ts';

/** Bounds how long a browser may take to come, on a machine that does much else. */
const START_LIMIT_MS = 120_000;

/**
 * The browser that scenes are shown in: the headless shell where there is one, which starts in half the time.
 * @throws Error when there is no browser
 */
export async function launchBrowser(): Promise<Browser> {
  const found = await findChromium({
    chromiumPath: process.env['LEGWORK_CHROMIUM_PATH'] ?? null,
    headlessShellPath: process.env['LEGWORK_HEADLESS_SHELL_PATH'] ?? null,
  });
  const program = found.headlessShell ?? found.chromium;
  if (program === null) throw new Error(`No Chromium was found. ${JSON.stringify(found.advice)}`);
  return await chromium.launch({
    executablePath: program.path,
    timeout: START_LIMIT_MS,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}
