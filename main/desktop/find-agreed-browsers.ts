import type { AgentConfig } from '../agent/config/config-schema.ts';
import { browsersFolder } from '../browser/chromium-download/browser-folder.ts';
import { findChromium } from '../browser/find-chromium.ts';
import type { BrowserInformation } from '../protocol/task-host-messages.ts';

/**
 * The browsers that the app may use: one that the person has chosen, or the one that was downloaded for it. Browsers that
 * others have installed are used only with the person's agreement, which is the choice of one of them.
 * @throws LegworkError `browser_missing` when a chosen one is not there
 */
export async function findAgreedBrowsers(config: AgentConfig): Promise<BrowserInformation[]> {
  const hasChosen = config.chromiumPath !== null || config.headlessShellPath !== null;
  const places = { downloadFolder: browsersFolder(config.dataFolder), installed: hasChosen };
  const { chromium, headlessShell } = await findChromium(config, undefined, places);
  return [chromium, headlessShell]
    .filter((browser) => browser !== null)
    .map(({ kind, version, path }) => ({ kind, version, path }));
}
