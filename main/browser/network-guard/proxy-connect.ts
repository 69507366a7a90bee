import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { HttpProxy } from '../../protocol/network/upstream-proxy.ts';

/** The proxy could not be reached, or did not make the connection. `status` is its answer, if there was one. */
export class ProxyError extends Error {
  readonly code = 'EPROXY';
  readonly status: number | null;

  constructor(message: string, status: number | null = null) {
    super(message);
    this.name = 'ProxyError';
    this.status = status;
  }
}

/** A proxy that says more than this before its connection stands is none. */
const MAX_ANSWER_BYTES = 16 * 1024;

/**
 * Has a proxy connect to an address (CONNECT, RFC 9110, 9.3.6) and resolves with the socket, whose next bytes are the
 * server's. The caller owns it.
 * @throws ProxyError; the signal's reason
 */
export async function connectThroughProxy(
  proxy: HttpProxy,
  address: string,
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  const socket = proxy.isTls
    ? connectTls({
        host: proxy.host,
        port: proxy.port,
        ...(isIP(proxy.host) === 0 ? { servername: proxy.host } : {}),
        ALPNProtocols: ['http/1.1'],
      })
    : connect({ host: proxy.host, port: proxy.port, allowHalfOpen: true, noDelay: true });
  try {
    await settled(socket, proxy.isTls ? 'secureConnect' : 'connect', signal);
    const authority = `${address.includes(':') ? `[${address}]` : address}:${port}`;
    const authorization = proxy.authorization === null ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`;
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`);
    const { status, rest } = await readAnswer(socket, signal);
    if (status < 200 || status > 299) throw new ProxyError(`It answered with status ${status}.`, status);
    if (rest.length > 0) socket.unshift(rest);
    return socket;
  } catch (error) {
    socket.on('error', () => {}).destroy();
    throw error;
  }
}

/** @throws ProxyError when it ends first; the signal's reason */
function settled(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      socket.off('error', onError);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onError = (error: Error): void => finish(() => reject(new ProxyError(error.message)));
    const onAbort = (): void => finish(() => reject(reasonOf(signal)));
    socket.once(event, () => finish(resolve));
    socket.once('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function readAnswer(socket: Socket, signal: AbortSignal): Promise<{ status: number; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const finish = (settle: () => void): void => {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onEnd);
      // The server's bytes are for whoever listens next.
      socket.pause();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onData = (chunk: Buffer): void => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end === -1 && bytes.length <= MAX_ANSWER_BYTES) return;
      const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(bytes.toString('latin1', 0, Math.max(end, 0) + 4))?.[1];
      finish(() => {
        if (end === -1 || status === undefined) reject(new ProxyError('It does not answer like a proxy.'));
        else resolve({ status: Number(status), rest: bytes.subarray(end + 4) });
      });
    };
    const onEnd = (): void => finish(() => reject(new ProxyError('It closed the connection without an answer.')));
    const onAbort = (): void => finish(() => reject(reasonOf(signal)));
    socket.on('data', onData).once('end', onEnd).once('close', onEnd).once('error', onEnd);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
