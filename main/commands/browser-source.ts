import { BrowserDownloadError } from '../browser/chromium-download/browser-download-error.ts';
import { BrowserDownloads } from '../browser/chromium-download/browser-downloads.ts';
import { browsersFolder } from '../browser/chromium-download/browser-folder.ts';
import type { Fetch } from '../browser/chromium-download/download-file.ts';
import { isBrowser } from '../browser/find-chromium.ts';
import { type Log, systemClock } from '../protocol/ports.ts';
import type { BrowserSource } from '../user-interface/browser-source.ts';
import type { AgentKeeper } from '../user-interface/keeper-port.ts';
import { UserInterfaceError } from '../user-interface/user-interface-error.ts';

const CHECK_MS = 24 * 3_600_000;

export interface RunningBrowserSource extends BrowserSource {
  /** Looks once a day whether there is a newer version, until the signal aborts. */
  watch(signal: AbortSignal): Promise<void>;
}

/** Downloads browsers into the data folder of an agent. */
export function createBrowserSource(options: {
  dataFolder: string;
  keeper: Pick<AgentKeeper, 'settings'>;
  fetch: Fetch;
  log: Log;
}): RunningBrowserSource {
  const { dataFolder, keeper, fetch, log } = options;
  const folder = browsersFolder(dataFolder);
  const downloads = new BrowserDownloads({
    folder,
    mirror: () => keeper.settings.config.browserMirror,
    fetch,
    runs: (path) => isBrowser(path),
    clock: systemClock,
    log,
  });
  return {
    state: () => downloads.state(),
    newerVersion: () =>
      keeper.settings.browsers.some(({ path }) => path.startsWith(folder)) ? downloads.newerVersion() : null,
    download: () => downloads.download().catch(asUserInterfaceError),
    cancel: () => downloads.cancel(),
    subscribe: (onChange) => downloads.subscribe(onChange),
    watch: async (signal) => {
      while (!signal.aborted) {
        await downloads.lookForNewer(signal);
        await systemClock.sleep(CHECK_MS, signal);
      }
    },
  };
}

function asUserInterfaceError(error: unknown): never {
  if (!(error instanceof BrowserDownloadError)) throw error;
  throw new UserInterfaceError(`browser_download_${error.kind}`, error.message, { cause: error });
}
