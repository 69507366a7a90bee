import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small site whose every page is different and takes a moment. */
export async function startChaosSite(random: () => number): Promise<{ url: string; close(): Promise<void> }> {
  const server = http.createServer((request, response) => {
    const path = request.url ?? '/';
    setTimeout(
      () => {
        const filler = 'All work and no play. '.repeat(Math.floor(random() * 2_000));
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
        response.end(`<!doctype html><title>${path}</title><h1>Page ${path}</h1><p>${filler}</p>`);
      },
      Math.floor(random() * 400),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
