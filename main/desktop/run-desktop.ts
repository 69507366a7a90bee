import { app, dialog } from 'electron';
import { describeError } from '../protocol/describe-error.ts';
import { composeDesktop, type Desktop, type DesktopStart } from './compose-desktop.ts';
import { parseSecondStart, isLegworkLink } from './start-arguments.ts';

type Wish = (desktop: Desktop) => void;

/** What was wished for before there was anybody to carry it out. */
const earlyWishes: Wish[] = [];
let carryOut = (wish: Wish): void => void earlyWishes.push(wish);

/**
 * Listens to other starts of the program, and to links, from the very beginning: unlocking a key ring may keep the app
 * waiting for minutes, and a click that shows nothing meanwhile must not be lost.
 */
export function listenForWishes(): void {
  app.on('second-instance', (_event, _arguments, _folder, data) => {
    const { hidden, link } = parseSecondStart(data);
    if (link !== null) carryOut((desktop) => desktop.followLink(link));
    else if (!hidden) carryOut((desktop) => desktop.showWindow());
  });
  // macOS hands links over this way, the first one before the app is ready.
  app.on('open-url', (event, url) => {
    event.preventDefault();
    if (isLegworkLink(url)) carryOut((desktop) => desktop.followLink(url));
  });
}

/** Runs the desktop app, from the moment when Electron is ready. */
export async function runDesktop(start: DesktopStart): Promise<void> {
  try {
    const desktop = await composeDesktop(start);
    // A click on the icon in the dock of macOS; the system tells of the first start in this way, too.
    app.on('activate', () => desktop.showWindow());
    // The tray stays; without this listener the program would end with its window.
    app.on('window-all-closed', () => undefined);
    const opened = desktop.open(start.startArguments);
    carryOut = (wish) => wish(desktop);
    for (const wish of earlyWishes) wish(desktop);
    await opened;
  } catch (error) {
    giveUp(describeError(error));
  }
}

/** Tells the person why there is no app, and ends. Electron must be ready: before that a terminal alone would be told. */
export function giveUp(sentence: string): void {
  dialog.showErrorBox('Legwork cannot start', sentence);
  app.exit(1);
}
