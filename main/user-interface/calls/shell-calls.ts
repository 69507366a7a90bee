import type { CallHandlers } from '../../../preload/contract.ts';
import { saveDiagnostics } from '../diagnostics/save-diagnostics.ts';
import type { CallContext } from './call-context.ts';

type ShellCalls = Pick<
  CallHandlers,
  | 'setStartAtLogin'
  | 'findBrowsers'
  | 'useBrowser'
  | 'downloadBrowser'
  | 'cancelBrowserDownload'
  | 'checkForUpdate'
  | 'downloadUpdate'
  | 'installUpdate'
  | 'logLines'
  | 'saveDiagnostics'
  | 'openExternal'
>;

/** Calls that the program around the agent answers. */
export function shellCalls(context: CallContext): ShellCalls {
  const { keeper, shell, lines } = context;
  return {
    setStartAtLogin: async ({ enabled }) => ({ enabled: await shell.setStartAtLogin(enabled) }),

    findBrowsers: async () => {
      const inUse = keeper.settings.browsers.map(({ path }) => path);
      return (await keeper.installedBrowsers()).map((browser) => ({ ...browser, inUse: inUse.includes(browser.path) }));
    },

    useBrowser: async ({ path }) => {
      await keeper.useBrowser(path);
      return null;
    },

    downloadBrowser: async () => {
      await shell.downloadBrowser();
      // One that was chosen before would go on being used.
      const chosen = keeper.describeSettings().filter(({ key, source }) => isBrowserPath(key) && source === 'file');
      if (chosen.length === 0) await keeper.browsersChanged();
      else await keeper.changeSettings(Object.fromEntries(chosen.map(({ key }) => [key, null])));
      return null;
    },

    cancelBrowserDownload: () => {
      shell.cancelBrowserDownload();
      return null;
    },

    checkForUpdate: async () => {
      await shell.checkForUpdate();
      return null;
    },

    downloadUpdate: async () => {
      await shell.downloadUpdate();
      return null;
    },

    installUpdate: async () => {
      await shell.installUpdate();
      return null;
    },

    logLines: ({ limit }) => lines.newest(limit),

    saveDiagnostics: () => saveDiagnostics(context),

    openExternal: async ({ url }) => ({ done: await shell.openExternal(url) }),
  };
}

function isBrowserPath(key: string): boolean {
  return key === 'chromiumPath' || key === 'headlessShellPath';
}
