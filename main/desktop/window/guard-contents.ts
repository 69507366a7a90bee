import type { WebContents } from 'electron';
import { APP_ORIGIN } from '../assets/app-address.ts';

/** Whether a page may show an address: our own, or, in a frame, a part of a result. */
export function mayNavigate(address: string): boolean {
  return address === APP_ORIGIN || address.startsWith(`${APP_ORIGIN}/`);
}

function isEmptyPage(address: string): boolean {
  return address.startsWith('about:');
}

/**
 * Keeps a page where it is: it can neither leave our own origin, open windows nor embed web views. A click on a link to
 * the web is offered to `openExternal`, which asks the person.
 */
export function guardContents(contents: WebContents, openExternal: (url: string) => void): void {
  contents.on('will-navigate', (event) => {
    if (!mayNavigate(event.url)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!mayNavigate(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!mayNavigate(event.url)) event.preventDefault();
  });
  // An empty page needs no request, so that nobody is asked before it is shown.
  contents.on('did-navigate', (_event, address) => {
    if (isEmptyPage(address)) void contents.loadURL(`${APP_ORIGIN}/`).catch(() => undefined);
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openExternal(url);
    return { action: 'deny' };
  });
}
