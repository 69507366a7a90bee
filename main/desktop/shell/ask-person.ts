import { type BrowserWindow, dialog, type MessageBoxOptions, shell } from 'electron';
import { mayOpenExternally } from './may-open-externally.ts';

/** Asks the person, and opens the address in their browser when they agree. */
export async function openExternally(url: string, parent: BrowserWindow | null): Promise<boolean> {
  if (!mayOpenExternally(url)) return false;
  const { href, host } = new URL(url);
  const question: MessageBoxOptions = {
    type: 'question',
    title: 'Legwork',
    message: `Open ${host} in your browser?`,
    detail: href.length > 300 ? `${href.slice(0, 300)}…` : href,
    buttons: ['Open', 'Cancel'],
    defaultId: 0,
    cancelId: 1,
  };
  const { response } = await (parent === null
    ? dialog.showMessageBox(question)
    : dialog.showMessageBox(parent, question));
  if (response !== 0) return false;
  await shell.openExternal(href);
  return true;
}

/** Lets the person choose where a file goes; null when they decline. */
export async function askWhereToSave(suggestedPath: string, parent: BrowserWindow | null): Promise<string | null> {
  const question = { defaultPath: suggestedPath };
  const { canceled, filePath } = await (parent === null
    ? dialog.showSaveDialog(question)
    : dialog.showSaveDialog(parent, question));
  return canceled || filePath === '' ? null : filePath;
}

/** Tells the person that something they did is of no use. */
export function tellPerson(message: string, detail: string, parent: BrowserWindow | null): void {
  const notice: MessageBoxOptions = { type: 'warning', title: 'Legwork', message, detail };
  void (parent === null ? dialog.showMessageBox(notice) : dialog.showMessageBox(parent, notice));
}
