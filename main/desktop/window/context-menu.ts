import { type BrowserWindow, Menu } from 'electron';
import { contextMenuEntries } from './context-menu-entries.ts';

/** Gives the window's page the context menu that people expect of text. */
export function attachContextMenu(window: BrowserWindow): void {
  window.webContents.on('context-menu', (_event, clickedOn) => {
    const entries = contextMenuEntries(clickedOn);
    if (entries.length > 0) Menu.buildFromTemplate(entries).popup({ window });
  });
}
