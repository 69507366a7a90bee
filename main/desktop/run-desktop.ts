import { app, dialog } from 'electron';
import { describeError } from '../protocol/describe-error.ts';
import { composeDesktop, type DesktopStart } from './compose-desktop.ts';
import { parseSecondStart, isLegworkLink } from './start-arguments.ts';

/** Links that were followed on macOS before anybody could take them. */
const earlyLinks: string[] = [];
let takeLink = (link: string): void => void earlyLinks.push(link);

/** macOS hands links over this way, the first one before the app is ready. */
export function listenForLinks(): void {
  app.on('open-url', (event, url) => {
    event.preventDefault();
    if (isLegworkLink(url)) takeLink(url);
  });
}

/** Runs the desktop app, from the moment when Electron is ready. */
export async function runDesktop(start: DesktopStart): Promise<void> {
  try {
    const desktop = await composeDesktop(start);
    app.on('second-instance', (_event, _arguments, _folder, data) => {
      const second = parseSecondStart(data);
      if (second.link !== null) desktop.followLink(second.link);
      else if (!second.hidden) desktop.showWindow();
    });
    // A click on the icon in the dock of macOS.
    app.on('activate', () => desktop.showWindow());
    // The tray stays; without this listener the program would end with its window.
    app.on('window-all-closed', () => undefined);
    takeLink = (link) => desktop.followLink(link);
    await desktop.open(start.startArguments);
    for (const link of earlyLinks) desktop.followLink(link);
  } catch (error) {
    dialog.showErrorBox('Legwork cannot start', describeError(error));
    app.exit(1);
  }
}
