import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { buildSite } from './bench-site-content.ts';
import { monotonicMs } from './monotonic.ts';

/** What the site's process tells the one that started it. */
const siteMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('listening'), port: z.number() }),
  z.object({ kind: z.literal('document'), url: z.string(), atMs: z.number() }),
]);

/** A small, realistic site on loopback in its own process: pages of 30 kB, a style sheet, a script, six images. */
export interface BenchSite {
  readonly origin: string;
  readonly processId: number;
  /** Addresses of so many pages, told apart from those of any other call by their query. */
  pages(count: number, label: string): string[];
  /** When (monotonic ms) the site first saw a request for the page; waits for it. */
  firstRequest(url: string): Promise<number>;
  /** When (monotonic ms) the site saw the first of the pages of a label; NaN when none was asked for. */
  firstOf(label: string): number;
  stop(): Promise<void>;
}

/** Starts the site. @throws Error when it does not listen */
export async function startBenchSite(): Promise<BenchSite> {
  const child = fork(fileURLToPath(import.meta.url), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const seen = new Map<string, number>();
  const waiting = new Map<string, (atMs: number) => void>();
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The benchmark's site ended with code ${code}.`)));
    child.on('message', (raw) => {
      const message = siteMessage.parse(raw);
      if (message.kind === 'listening') return resolve(message.port);
      if (!seen.has(message.url)) seen.set(message.url, message.atMs);
      waiting.get(message.url)?.(message.atMs);
      return waiting.delete(message.url);
    });
  });
  const origin = `http://127.0.0.1:${port}`;
  const pathOf = (url: string): string => url.slice(origin.length);
  return {
    origin,
    processId: child.pid ?? 0,
    pages: (count, label) => Array.from({ length: count }, (_, index) => `${origin}/page/${index}?${label}`),
    firstRequest: async (url) => {
      const path = pathOf(url);
      return seen.get(path) ?? new Promise((resolve) => waiting.set(path, resolve));
    },
    firstOf: (label) => {
      const times = [...seen].filter(([path]) => path.endsWith(`?${label}`)).map(([, atMs]) => atMs);
      return times.length === 0 ? Number.NaN : Math.min(...times);
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function answer(response: ServerResponse, contentType: string, body: Buffer): void {
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': body.byteLength,
    'cache-control': 'public, max-age=600',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

/** The site's own process: serves until it is told to end or its parent has gone. */
function serve(): void {
  const site = buildSite();
  const tell = (message: z.input<typeof siteMessage>): void => {
    process.send?.(message);
  };
  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    const path = url.split('?', 1)[0] ?? '/';
    if (path.startsWith('/page/')) {
      tell({ kind: 'document', url, atMs: monotonicMs() });
      const index = Number(path.slice('/page/'.length)) % site.pages.length;
      const page = site.pages[index];
      if (page !== undefined) return answer(response, 'text/html; charset=utf-8', page(url));
    }
    const asset = site.assets.get(path);
    if (asset !== undefined) return answer(response, asset.contentType, asset.body);
    response.writeHead(404, { 'content-type': 'text/plain' });
    response.end('There is no such page.');
    return undefined;
  });
  server.keepAliveTimeout = 30_000;
  server.listen(0, '127.0.0.1', () => tell({ kind: 'listening', port: (server.address() as AddressInfo).port }));
  process.once('disconnect', () => process.exit(0));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve();
