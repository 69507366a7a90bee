import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

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
export interface PageFile {
  content: Buffer;
  contentType: string;
}

/**
 * The file of the built page that a path stands for; null when it stands for none: it leads out of the folder however it
 * is written, or to a kind of file that the page does not have.
 */
export async function readPageFile(folder: string, path: string): Promise<PageFile | null> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return null;
  }
  if (!decoded.startsWith('/') || /[\0\\:]/.test(decoded)) return null;
  const wanted = join(folder, decoded === '/' ? 'index.html' : decoded);
  const contentType = CONTENT_TYPES[extname(wanted).toLowerCase()];
  if (contentType === undefined) return null;
  try {
    const [file, root] = await Promise.all([realpath(wanted), realpath(folder)]);
    if (!file.startsWith(root + sep)) return null;
    return { content: await readFile(file), contentType };
  } catch {
    return null;
  }
}
