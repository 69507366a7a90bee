import { request as requestHttp, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A small answer, read up to a limit. */
export interface SmallAnswer {
  status: number;
  location: string | undefined;
  cacheControl: string;
  retryAfter: string | undefined;
  contentEncoding: string;
  body: Buffer;
}

export interface GuardedRequest {
  url: URL;
  /** The loopback port of a way out of the network guard, which speaks SOCKS 5 (RFC 1928). */
  guardPort: number;
  userAgent: string;
  /** The rest of the body is not read. */
  maxBytes: number;
  signal: AbortSignal;
}

/**
 * Asks for a page over the network guard, so that the rules for pages hold for Legwork's own requests, too.
 * @throws Error when the guard refuses it, or the site does not answer
 */
export async function getThroughGuard(options: GuardedRequest): Promise<SmallAnswer> {
  const { url, signal } = options;
  const isTls = url.protocol === 'https:';
  const host = url.hostname.replaceAll(/^\[|\]$/g, '');
  const port = Number(url.port === '' ? (isTls ? 443 : 80) : url.port);
  const socket = await connectSocks(options.guardPort, host, port, signal);
  try {
    return await ask(options, isTls ? connectTls({ socket, ...serverName(host) }) : socket);
  } finally {
    socket.destroy();
  }
}

/** An address is no server name (RFC 6066, 3). */
function serverName(host: string): { servername?: string; host?: string } {
  return /^[\d.]+$|:/.test(host) ? { host } : { servername: host, host };
}

function ask({ url, userAgent, maxBytes, signal }: GuardedRequest, connection: Socket): Promise<SmallAnswer> {
  return new Promise((resolve, reject) => {
    connection.on('error', reject);
    const request = requestHttp(
      {
        createConnection: () => connection,
        host: url.hostname,
        path: `${url.pathname}${url.search}`,
        headers: {
          host: url.host,
          'user-agent': userAgent,
          accept: 'text/plain, */*;q=0.1',
          'accept-encoding': 'identity',
        },
        signal,
      },
      (response) => void readBody(response, maxBytes).then((body) => resolve(describe(response, body)), reject),
    );
    request.on('error', reject);
    request.end();
  });
}

function describe(response: IncomingMessage, body: Buffer): SmallAnswer {
  return {
    status: response.statusCode ?? 0,
    location: response.headers.location,
    cacheControl: response.headers['cache-control'] ?? '',
    retryAfter: response.headers['retry-after'],
    contentEncoding: response.headers['content-encoding'] ?? 'identity',
    body,
  };
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

/** Opens a connection to a host by its name through a SOCKS 5 proxy on loopback (RFC 1928). */
function connectSocks(proxyPort: number, host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: proxyPort, signal });
    let received = Buffer.alloc(0);
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      // Two bytes choose the method, ten answer the request for a connection (address type IPv4).
      if (received.length >= 2 && received.length - chunk.length < 2) socket.write(connectMessage(host, port));
      if (received.length < 12) return;
      // It stays open for reading: whoever answers speaks only when spoken to.
      socket.off('data', onData);
      if (received[3] === 0) resolve(socket);
      else fail(new Error(`The connection to ${host} was refused or failed.`));
    };
    socket.once('connect', () => socket.write(Buffer.from([5, 1, 0])));
    socket.on('data', onData);
    socket.on('error', fail);
    socket.once('close', () => fail(new Error(`There is no connection to ${host}.`)));
  });
}

function connectMessage(host: string, port: number): Buffer {
  const name = Buffer.from(host, 'latin1');
  return Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from([port >> 8, port & 0xff])]);
}
