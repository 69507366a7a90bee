import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The least that an Electron app with a tray can be: what every app pays, so that the rest is Legwork's own. */
const MAIN = `
const { app, BrowserWindow, Tray, Menu, nativeImage } = require('electron');
const data = process.argv.find((argument) => argument.startsWith('--data='));
app.setPath('userData', data.slice('--data='.length));
app.on('window-all-closed', () => {});
app.whenReady().then(() => {
  globalThis.tray = new Tray(nativeImage.createFromBitmap(Buffer.alloc(24 * 24 * 4, 128), { width: 24, height: 24 }));
  globalThis.tray.setContextMenu(Menu.buildFromTemplate([{ label: 'Quit', click: () => app.quit() }]));
  if (process.argv.includes('--hidden')) return;
  new BrowserWindow({ width: 1100, height: 760 }).loadURL('data:text/html,<title>empty</title><p>empty</p>');
});
`;

/** Writes the app into a folder. @returns the folder that Electron is started with */
export function writeEmptyElectronApp(folder: string): string {
  const appFolder = join(folder, 'empty-app');
  mkdirSync(appFolder);
  writeFileSync(join(appFolder, 'package.json'), JSON.stringify({ name: 'empty', version: '1.0.0', main: 'main.cjs' }));
  writeFileSync(join(appFolder, 'main.cjs'), MAIN);
  return appFolder;
}
