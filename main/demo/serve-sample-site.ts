import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A page of the sample site that the demo visits. */
export interface SamplePage {
  /** Path and query, from the leading slash. */
  path: string;
  /** What it shows, in a few words. */
  title: string;
  /** Whether it is meant to be audited as well. */
  audit: boolean;
}

/** The sample site, being served. */
export interface SampleSite {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  url: string;
  pages: readonly SamplePage[];
  /** Ends open connections as well. */
  close(): Promise<void>;
}

const PAGES: readonly SamplePage[] = [
  { path: '/', title: 'home page', audit: false },
  { path: '/articles/chain-wear', title: 'article with a drawing', audit: false },
  { path: '/products', title: 'product list', audit: false },
  { path: '/booking', title: 'form', audit: false },
  { path: '/timetable', title: 'table', audit: false },
  { path: '/de/werkstatt', title: 'German text', audit: false },
  { path: '/ja/riyou-annai', title: 'Japanese text', audit: false },
  { path: '/gear-calculator', title: 'script error, missing image', audit: false },
  { path: '/slow', title: 'slow answer', audit: false },
  { path: '/old-catalogue', title: 'redirect', audit: false },
  { path: '/sold-out', title: 'not found (404)', audit: false },
  { path: '/audit/opening-hours', title: 'page in good order', audit: true },
  { path: '/audit/catalogue', title: 'page with faults', audit: true },
];

const REDIRECTS: Readonly<Record<string, string>> = { '/old-catalogue': '/products' };
const SLOW_PATH = '/slow';
const SLOW_MS = 1_200;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Serves the bundled sample site (the pages of a made-up bicycle shop) on a free port of loopback.
 * @throws Error when the files of the site are not where the program was built to
 */
export async function serveSampleSite(): Promise<SampleSite> {
  const folder = sampleSiteFolder();
  const server = createServer((request, response) => {
    answer(folder, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sample site has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    pages: PAGES,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The site's folder: beside this file in the sources and beside the program (or above its chunks) when built. */
function sampleSiteFolder(): URL {
  const places = [new URL('./sample-site/', import.meta.url), new URL('../sample-site/', import.meta.url)];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) {
    throw new Error(`The sample site is missing; looked in ${places.map((place) => fileURLToPath(place)).join(', ')}.`);
  }
  return found;
}

async function answer(folder: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://sample.site');
  const redirect = REDIRECTS[pathname];
  if (redirect !== undefined) {
    response.writeHead(301, { location: redirect, 'content-length': 0 }).end();
    return;
  }
  if (pathname === SLOW_PATH) await new Promise((resolve) => setTimeout(resolve, SLOW_MS));

  const found = await readSiteFile(folder, pathname);
  const { content, contentType } = found ?? (await notFoundPage(folder));
  response.writeHead(found === null ? 404 : 200, {
    'content-type': contentType,
    'content-length': content.length,
    'cache-control': 'max-age=600',
  });
  response.end(request.method === 'HEAD' ? undefined : content);
}

interface SiteFile {
  content: Buffer;
  contentType: string;
}

/** A file of the site, or null when there is none. `URL` has resolved every `..` of the path before. */
async function readSiteFile(folder: URL, pathname: string): Promise<SiteFile | null> {
  const name = pathname === '/' ? '/index' : pathname;
  const path = extname(name) === '' ? `${name}.html` : name;
  // A backslash or an encoded dot would be resolved again on the way to the file.
  if (!/^(?:\/[a-z0-9-]+)+\.[a-z]+$/.test(path)) return null;
  try {
    const content = await readFile(new URL(`.${path}`, folder));
    return { content, contentType: CONTENT_TYPES[extname(path)] ?? 'application/octet-stream' };
  } catch {
    return null;
  }
}

async function notFoundPage(folder: URL): Promise<SiteFile> {
  const page = await readSiteFile(folder, '/not-found');
  return page ?? { content: Buffer.from('Not found'), contentType: 'text/plain; charset=utf-8' };
}
