import type { WebContents } from 'electron';
import { APP_ORIGIN } from '../assets/app-address.ts';

/** Whether a page may show an address: our own, or, in a frame, a part of a result. */
export function mayNavigate(address: string): boolean {
  return address === APP_ORIGIN || address.startsWith(`${APP_ORIGIN}/`);
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
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openExternal(url);
    return { action: 'deny' };
  });
}
