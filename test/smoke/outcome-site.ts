import { createServer, type ServerResponse } from 'node:http';

/** A site of our own with a page for each thing that may go wrong with a page. */
export interface OutcomeSite {
  /** Without a slash at the end. */
  url: string;
  /** Called when the page `/crash` has been loaded and wants its renderer dead. */
  onCrashWish: (listener: () => void) => void;
  /** The headers of the latest request of a path, names in lower case. */
  headersOf: (path: string) => Readonly<Record<string, string | string[] | undefined>>;
  close: () => Promise<void>;
}

const LARGE_PAGE_BYTES = 50 * 1024 * 1024;

function page(response: ServerResponse, title: string, body: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(
    `<!doctype html><html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1>${body}</body></html>`,
  );
}

/** Sends paragraphs for as long as somebody listens. */
function sendWithoutEnd(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.write('<!doctype html><title>Endless</title><h1>Endless</h1>');
  const timer = setInterval(() => response.write('<p>and so on</p>'), 100);
  response.on('close', () => clearInterval(timer));
}

function sendLargePage(response: ServerResponse): void {
  const paragraph = Buffer.from(`<p>${'fifty megabytes '.repeat(4_096)}</p>\n`);
  let left = LARGE_PAGE_BYTES;
  response.writeHead(200, { 'content-type': 'text/html' });
  response.write('<!doctype html><title>Large</title>');
  const send = (): void => {
    while (left > 0) {
      left -= paragraph.length;
      if (!response.write(paragraph)) {
        response.once('drain', send);
        return;
      }
    }
    response.end();
  };
  send();
}

/** Serves the site on a free port of loopback. */
export async function serveOutcomeSite(): Promise<OutcomeSite> {
  let onCrashWish: () => void = () => {};
  const headers = new Map<string, Record<string, string | string[] | undefined>>();

  const answers: Record<string, (response: ServerResponse) => void> = {
    '/plain': (response) => page(response, 'Plain', '<p>Nothing happens here.</p>'),
    '/missing': (response) => page(response, 'Missing', '<p>No such page.</p>', 404),
    '/broken': (response) => page(response, 'Broken', '<p>Our fault.</p>', 500),
    '/busy': (response) => {
      response.setHeader('retry-after', '120');
      page(response, 'Busy', '<p>Come back later.</p>', 503);
    },
    '/download': (response) =>
      response
        .writeHead(200, { 'content-type': 'application/zip', 'content-disposition': 'attachment; filename="a.zip"' })
        .end('PK'),
    '/dialog': (response) => page(response, 'Dialog', '<script>alert("Do you hear me?")</script>'),
    '/popup': (response) => page(response, 'Popup', '<script>window.open("/plain")</script>'),
    '/redirects': (response) => response.writeHead(302, { location: '/redirects' }).end(),
    '/endless': sendWithoutEnd,
    '/large': sendLargePage,
    '/busy-loop': (response) => page(response, 'Busy loop', '<script>setTimeout(() => { for (;;); }, 100)</script>'),
    '/crash': (response) => page(response, 'Crash', '<script>fetch("/crash-wish").then(() => {})</script>'),
    '/crash-wish': (response) => {
      onCrashWish();
      // The renderer must not finish loading before it is killed.
      response.on('error', () => {});
    },
    '/json': (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}'),
    '/no-content': (response) => response.writeHead(204).end(),
    '/cut-off': (response) => response.destroy(),
    '/blank': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Blank</title>'),
    '/silent': () => {},
  };

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://outcome.site');
    headers.set(pathname, request.headers);
    const answer = answers[pathname];
    if (answer === undefined) response.writeHead(404).end();
    else answer(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');

  return {
    url: `http://127.0.0.1:${address.port}`,
    onCrashWish: (listener) => {
      onCrashWish = listener;
    },
    headersOf: (path) => headers.get(path) ?? {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
