import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { desktopRuntimeOrSkip } from '../../support/desktop/electron-runtime.ts';
import type { DesktopApp } from '../../support/desktop/desktop-app.ts';
import { StatusNotifierWatcher } from '../../support/desktop/status-notifier-watcher.ts';
import { TrayIcon } from '../../support/desktop/tray-icon.ts';
import { DESKTOP_LIMITS, DesktopStack } from './desktop-stack.ts';

vi.setConfig(DESKTOP_LIMITS);
const runtime = desktopRuntimeOrSkip();
const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

/** Closes the window as its title bar does. */
function closeWindow(app: DesktopApp): Promise<void> {
  return app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
}

function windows(app: DesktopApp): Promise<number> {
  return app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
}

describe.skipIf(runtime === null)('the desktop app and the panel', () => {
  let desktop: DesktopStack;
  beforeEach(async () => {
    if (runtime !== null) desktop = await DesktopStack.start(runtime);
    desktop.skipFirstRun();
  });
  afterEach(() => desktop.close());

  it('has no window while it is closed, so that it takes no memory, and a click on the icon brings it back', async () => {
    const app = await desktop.launch();
    await (await app.window()).waitForLoadState();
    await closeWindow(app);
    while ((await windows(app)) > 0) await pause(50);
    await (await app.tray()).activate();
    while ((await windows(app)) === 0) await pause(50);
    expect(await windows(app)).toBe(1);
  });

  it('keeps its window where there is no panel, and gets its icon into one that comes later', async () => {
    desktop.session.watcher.close();
    const app = await desktop.launch({ programArguments: ['--hidden'] });
    await (await app.window()).waitForLoadState();
    await closeWindow(app);
    await pause(500);
    expect(await windows(app)).toBe(1);

    const bus = desktop.session.environment['DBUS_SESSION_BUS_ADDRESS'] ?? '';
    const watcher = await StatusNotifierWatcher.start(bus);
    try {
      const icon = new TrayIcon(watcher.bus, await watcher.item());
      expect(await icon.labels()).toEqual(expect.arrayContaining(['Open Legwork', 'Quit Legwork']));
      // The app may hear of the panel a little later than its icon is there; until then it keeps its window.
      while ((await windows(app)) > 0) {
        await closeWindow(app);
        await pause(50);
      }
    } finally {
      watcher.close();
    }
  });
});
