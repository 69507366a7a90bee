import type { BrowserSource } from '../browser-source.ts';
import type { ShellPort } from '../shell-port.ts';
import { UserInterfaceError } from '../user-interface-error.ts';
import type { Downloads } from './downloads.ts';

/** What a headless agent that is looked at in a browser can do of a shell's work. */
export function createWebShell(options: {
  downloads: Downloads;
  browsers: BrowserSource;
  /** Ends the program. */
  quit: (how: 'drain' | 'now') => void;
}): ShellPort {
  const { browsers } = options;
  const noUpdates = (): Promise<never> =>
    Promise.reject(new UserInterfaceError('unsupported', 'Legwork is updated here the way it was installed.'));
  return {
    kind: 'web',
    secretStore: 'file',
    startAtLogin: () => null,
    setStartAtLogin: () =>
      Promise.reject(new UserInterfaceError('unsupported', 'Only the desktop app can be started at login.')),
    browserDownload: () => browsers.state(),
    newerBrowserVersion: () => browsers.newerVersion(),
    downloadBrowser: () => browsers.download(),
    cancelBrowserDownload: () => browsers.cancel(),
    update: () => ({ state: 'unsupported', sentence: 'Legwork is updated here the way it was installed.' }),
    checkForUpdate: noUpdates,
    downloadUpdate: noUpdates,
    installUpdate: noUpdates,
    saveFile: (suggestedName, write) => options.downloads.offer(suggestedName, write),
    openFolder: () => Promise.resolve(false),
    // The page itself opens links; there is nobody to ask here.
    openExternal: (url) => Promise.resolve(url.startsWith('https://')),
    quit: options.quit,
    subscribe: (onChange) => browsers.subscribe(onChange),
  };
}
