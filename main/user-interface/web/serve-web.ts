import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import { WEB_SOCKET_PATH } from '../../../preload/contract.ts';
import type { Log } from '../../protocol/ports.ts';
import type { UserInterface } from '../create-user-interface.ts';
import { pageHeaders } from '../page-headers.ts';
import type { Downloads } from './downloads.ts';
import { readPageFile } from '../page-file.ts';
import { guardRequest, isOwnSocketOrigin } from './request-guard.ts';
import { SocketClients } from './socket-clients.ts';

const ADDRESS = '127.0.0.1';
/** The longest call: a task with all its options. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;
const MAX_CLIENTS = 32;

/** A user interface that is served on this machine. */
export interface RunningWeb {
  /** With the token: who knows it can do everything, so that it is shown to its owner only, and never logged. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface WebOptions {
  userInterface: UserInterface;
  downloads: Downloads;
  /** The built page. */
  rendererFolder: string;
  /** 0 for any that is free. */
  port: number;
  log: Log;
}

/**
 * Serves the user interface to browsers of this machine.
 * @throws the error of the system when the port is taken
 */
export async function serveWeb(options: WebOptions): Promise<RunningWeb> {
  const token = randomBytes(16).toString('hex');
  const clients = new SocketClients(options.userInterface, options.log);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16 * 1024 });
  const port = await listen(server, options.port);
  const guard = { token, port };

  server.on('request', (request, response) => {
    void answer(request, response, options, guard).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const verdict = guardRequest(facts(request), guard);
    const isWelcome =
      verdict.allowed &&
      verdict.path === `/${WEB_SOCKET_PATH}` &&
      isOwnSocketOrigin(request.headers, port) &&
      sockets.clients.size < MAX_CLIENTS;
    if (!isWelcome) {
      const status = verdict.allowed ? '403 Forbidden' : `${verdict.status} Refused`;
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => clients.add(client));
  });

  return {
    url: `http://${ADDRESS}:${port}/${token}/`,
    port,
    async close() {
      clients.close();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await options.downloads.close();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, ADDRESS, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function facts({ method = '', url = '', headers }: IncomingMessage): Parameters<typeof guardRequest>[0] {
  return { method, url, headers };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { userInterface, downloads, rendererFolder }: WebOptions,
  guard: { token: string; port: number },
): Promise<void> {
  const headers = pageHeaders([`ws://${ADDRESS}:${guard.port}`, `ws://localhost:${guard.port}`]);
  const refuse = (status: number): void => {
    response.writeHead(status, { ...headers, 'content-length': '0' }).end();
  };
  const verdict = guardRequest(facts(request), guard);
  if (!verdict.allowed) return refuse(verdict.status);
  const { path } = verdict;
  // Relative addresses of the page need the slash after the token.
  if (path === '') {
    response.writeHead(308, { ...headers, location: `/${guard.token}/`, 'content-length': '0' }).end();
    return;
  }
  if (path.startsWith('/download/')) return sendDownload(response, request.method, downloads, path, headers);
  if (path.startsWith('/blob/')) {
    const blob = await userInterface.serveBlob(path);
    if (blob === null) return refuse(404);
    response.writeHead(blob.status, blob.headers);
    if (request.method === 'HEAD') {
      await blob.body.cancel();
      response.end();
    } else await pipeline(Readable.fromWeb(blob.body), response);
    return;
  }
  const file = await readPageFile(rendererFolder, path);
  if (file === null) return refuse(404);
  response.writeHead(200, {
    ...headers,
    'content-type': file.contentType,
    'content-length': String(file.content.byteLength),
  });
  response.end(request.method === 'HEAD' ? undefined : file.content);
}

async function sendDownload(
  response: ServerResponse,
  method: string | undefined,
  downloads: Downloads,
  path: string,
  headers: Record<string, string>,
): Promise<void> {
  const download = method === 'GET' ? downloads.take(path) : null;
  if (download === null) {
    response.writeHead(404, { ...headers, 'content-length': '0' }).end();
    return;
  }
  try {
    const { size } = await stat(download.file);
    response.writeHead(200, {
      ...headers,
      'content-type': 'application/octet-stream',
      'content-length': String(size),
      'content-disposition': `attachment; filename="${download.name.replaceAll(/[^A-Za-z0-9._-]/g, '_')}"`,
    });
    await pipeline(createReadStream(download.file), response);
  } finally {
    await rm(download.file, { force: true });
  }
}
