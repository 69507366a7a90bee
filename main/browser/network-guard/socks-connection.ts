import type { Socket } from 'node:net';
import { assertNever } from '../../protocol/assert-never.ts';
import type { Access } from '../../protocol/network/access-rules.ts';
import type { Dialer } from './dialer.ts';
import type { FailureReason, Unreachable } from '../../protocol/network/refusal.ts';
import { relay, type Meter } from './relay.ts';
import {
  greetingAnswer,
  METHOD_NONE,
  readGreeting,
  readRequest,
  REPLY,
  requestAnswer,
  type Reply,
  type SocksRequest,
} from './socks-messages.ts';

/** What a connection needs to be served. */
export interface SocksService {
  readonly dialer: Dialer;
  readonly meter: Meter;
  /** A client that has not said by then what it wants is cut off. */
  readonly handshakeTimeoutMs: number;
  judge(host: string, port: number): Promise<Access>;
  /** Told of every connection that did not come about. */
  onUnreachable(unreachable: Unreachable): void;
  /** Told of every socket to a server, which outlives its client for a moment. */
  onDialled(server: Socket): void;
}

/** What a client may send before it is connected; a greeting and a request have 519 bytes at most. */
const MAX_EARLY_BYTES = 16 * 1024;

/**
 * Serves one client of a SOCKS 5 proxy (RFC 1928): no authentication, the command CONNECT. What is not SOCKS is cut off
 * without an answer.
 */
export async function serveSocks(client: Socket, service: SocksService): Promise<void> {
  client.on('error', () => client.destroy());
  client.setNoDelay(true);
  const handshakeTimer = setTimeout(() => client.destroy(), service.handshakeTimeoutMs);
  client.once('close', () => clearTimeout(handshakeTimer));
  const reader = new EarlyReader(client);
  const greeting = await reader.read(readGreeting);
  if (greeting === null) return void client.destroy();
  if (!greeting.methods.includes(METHOD_NONE)) return endWith(client, greetingAnswer(false));
  client.write(greetingAnswer(true));
  const request = await reader.read(readRequest);
  clearTimeout(handshakeTimer);
  if (request === null) return void client.destroy();
  await serveRequest(client, reader, request, service);
}

async function serveRequest(
  client: Socket,
  reader: EarlyReader,
  request: SocksRequest,
  service: SocksService,
): Promise<void> {
  if (request.kind === 'unsupported') return endWith(client, requestAnswer(request.reply));
  const access = await service.judge(request.host, request.port);
  switch (access.kind) {
    case 'refused':
      service.onUnreachable({ kind: 'refused', refusal: access.refusal });
      return endWith(client, requestAnswer(REPLY.notAllowed));
    case 'not_resolved':
      service.onUnreachable(failure(access, 'name_not_resolved'));
      return endWith(client, requestAnswer(REPLY.hostUnreachable));
    case 'allowed':
      return dialAndRelay(client, reader, access, service);
    default:
      return assertNever(access);
  }
}

async function dialAndRelay(
  client: Socket,
  reader: EarlyReader,
  target: Extract<Access, { kind: 'allowed' }>,
  service: SocksService,
): Promise<void> {
  if (client.destroyed) return;
  const gone = new AbortController();
  const giveUp = (): void => gone.abort(new Error('The client is gone.'));
  client.once('close', giveUp);
  let server: Socket;
  try {
    server = await service.dialer.dial(target, gone.signal);
  } catch (error) {
    if (client.destroyed) return;
    const reason = failureReason(error);
    service.onUnreachable(failure(target, reason));
    return endWith(client, requestAnswer(replyOf(reason)));
  }
  client.off('close', giveUp);
  server.on('error', () => server.destroy());
  if (client.destroyed) return void server.destroy();
  service.onDialled(server);
  client.write(requestAnswer(REPLY.succeeded));
  relay(client, server, service.meter);
  reader.release();
}

/** Sends a last answer and closes, whatever the client goes on to do. */
function endWith(client: Socket, answer: Buffer): void {
  client.write(answer);
  client.destroySoon();
}

/** Reads the messages before the connection stands, however they are cut into packets. */
class EarlyReader {
  readonly #client: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #isAtEnd = false;
  #wake: () => void = () => {};
  readonly #onData = (chunk: Buffer): void => {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length > MAX_EARLY_BYTES) this.#client.destroy();
    this.#wake();
  };
  readonly #onEnd = (): void => {
    this.#isAtEnd = true;
    this.#wake();
  };

  constructor(client: Socket) {
    this.#client = client;
    client.on('data', this.#onData);
    client.on('end', this.#onEnd);
    client.on('close', this.#onEnd);
  }

  /** The next message; null when it is none, or when the client has gone before it was whole. */
  async read<Message>(
    parse: (bytes: Buffer) => { kind: string; message?: Message; length?: number },
  ): Promise<Message | null> {
    for (;;) {
      const read = parse(this.#bytes);
      if (read.kind === 'garbage') return null;
      if (read.message !== undefined) {
        this.#bytes = this.#bytes.subarray(read.length);
        return read.message;
      }
      if (this.#isAtEnd || this.#client.destroyed) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Hands the socket on: what came too early is read by the listeners that it has now. */
  release(): void {
    const rest = this.#bytes;
    this.#client.off('data', this.#onData);
    this.#client.off('end', this.#onEnd);
    this.#client.off('close', this.#onEnd);
    if (rest.length > 0) this.#client.emit('data', rest);
    if (this.#isAtEnd) this.#client.emit('end');
  }
}

function failure(target: { host: string; port: number }, reason: FailureReason): Unreachable {
  return { kind: 'failed', host: target.host, port: target.port, reason };
}

const REASONS: Readonly<Record<string, FailureReason>> = {
  ECONNREFUSED: 'connection_refused',
  ETIMEDOUT: 'connection_timeout',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ENETDOWN: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EPROXY: 'upstream_proxy',
};

function failureReason(error: unknown): FailureReason {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? 'other';
}

function replyOf(reason: FailureReason): Reply {
  switch (reason) {
    case 'connection_refused':
      return REPLY.connectionRefused;
    case 'unreachable':
    case 'name_not_resolved':
      return REPLY.hostUnreachable;
    case 'connection_timeout':
      return REPLY.timeToLiveExpired;
    case 'upstream_proxy':
    case 'other':
      return REPLY.generalFailure;
    default:
      return assertNever(reason);
  }
}
