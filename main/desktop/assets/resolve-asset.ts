import { extname, join, sep } from 'node:path';

/** The origin of the window's page. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'legwork';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ico': 'image/x-icon',
};

/** A file of the window's page. */
export interface Asset {
  path: string;
  contentType: string;
}

/**
 * The file that an `app:` address stands for, or null when it stands for none: another host, a path that leads out of
 * the folder however it is written, or a kind of file that the page does not have.
 */
export function resolveAsset(address: string, folder: string): Asset | null {
  const requested = pathOf(address);
  if (requested === null) return null;
  let path: string;
  try {
    path = decodeURIComponent(requested);
  } catch {
    return null;
  }
  if (path.includes('\0') || path.includes('\\') || path.includes(':')) return null;
  if (path === '/') path = '/index.html';
  const file = join(folder, path);
  if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return null;
  const contentType = CONTENT_TYPES[extname(file).toLowerCase()];
  return contentType === undefined ? null : { path: file, contentType };
}

/** The path of an address of the app, as it is written there; null for any other address. */
export function pathOf(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { protocol, host, pathname } = new URL(address);
  return protocol === `${APP_SCHEME}:` && host === APP_HOST ? pathname : null;
}
