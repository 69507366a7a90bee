import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Registry } from 'prom-client';
import { describeError } from '../../protocol/describe-error.ts';
import { LegworkError } from '../../protocol/error-table.ts';
import type { Clock, Log } from '../../protocol/ports.ts';
import { createNonce, HEADER, signResponse } from '../../protocol/signature.ts';
import { ControlAuthenticator, refuseWebPages, requireBearerToken } from './authenticate.ts';
import type { ControlCall } from './calls.ts';
import { CONTROL_ERRORS, ControlRefusal } from './control-errors.ts';

/** The largest body of a request. */
export const MAX_BODY_BYTES = 1024 * 1024;
const MAX_HEADER_BYTES = 8 * 1024;
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;
const IDLE_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 64;
/** How long the rest of a refused request is still taken in. */
const LINGER_MS = 1_000;
const METRICS_PATH = '/metrics';

interface Answer {
  status: number;
  contentType: string;
  body: string;
  headers?: Record<string, string>;
}

/** Serves the control API on loopback, and nowhere else. */
export class ControlServer {
  readonly #calls: ReadonlyMap<string, ControlCall[]>;
  readonly #authenticator: ControlAuthenticator;
  readonly #key: string;
  readonly #metrics: { registry: Registry; token: string };
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #server: Server;

  constructor(options: {
    calls: readonly ControlCall[];
    key: string;
    metrics: { registry: Registry; token: string };
    clock: Clock;
    log: Log;
    /** How long a request may take to arrive; 15 s by default. */
    requestTimeoutMs?: number;
  }) {
    const { calls, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
    this.#calls = new Map(calls.map(({ path }) => [path, calls.filter((call) => call.path === path)]));
    this.#authenticator = new ControlAuthenticator(options.key, options.clock);
    this.#key = options.key;
    this.#metrics = options.metrics;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs),
        requestTimeout: requestTimeoutMs,
        keepAliveTimeout: IDLE_TIMEOUT_MS,
        connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs),
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => answerBroken(error, socket as Socket));
    // Neither is any use here: a tunnel to somewhere else, another protocol.
    this.#server.on('connect', (_request, socket) => socket.destroy());
    this.#server.on('upgrade', (_request, socket) => socket.destroy());
  }

  /** @throws Error with the system's code, `EADDRINUSE` when the port is taken */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#server.on('error', (error) => this.#log.warn('the control API failed', { problem: describeError(error) }));
    return this.port;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** Answers what was asked for a moment ago, then closes every connection. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    const hurry = setTimeout(() => this.#server.closeAllConnections(), 500);
    await closed;
    clearTimeout(hurry);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => undefined);
    let requestNonce: string | null = null;
    let answer: Answer;
    try {
      refuseWebPages(request, this.port);
      if (request.url === METRICS_PATH && !isSigned(request)) {
        requireBearerToken(request, this.#metrics.token);
        answer = await this.#answerMetrics(request);
      } else {
        const body = await readBody(request);
        const verified = this.#authenticator.verify(request, body);
        requestNonce = verified.nonce;
        this.#authenticator.admit(verified);
        answer =
          request.url === METRICS_PATH ? await this.#answerMetrics(request) : await this.#answerCall(request, body);
      }
    } catch (error) {
      answer = this.#refusal(error, request);
    }
    this.#send(request, response, answer, requestNonce);
  }

  async #answerMetrics(request: IncomingMessage): Promise<Answer> {
    if (request.method !== 'GET')
      throw new ControlRefusal('method_not_allowed', 'The metrics are read with GET.', { allow: 'GET' });
    const { registry } = this.#metrics;
    return { status: 200, contentType: registry.contentType, body: await registry.metrics() };
  }

  async #answerCall(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const ofPath = this.#calls.get(request.url ?? '');
    if (ofPath === undefined) throw new ControlRefusal('not_found', 'There is no such call.');
    const call = ofPath.find(({ method }) => method === request.method);
    if (call === undefined) {
      const allow = ofPath.map(({ method }) => method).join(', ');
      throw new ControlRefusal('method_not_allowed', `This call is made with ${allow}.`, { allow });
    }
    const parsed = call.body.safeParse(parseJson(body));
    if (!parsed.success) {
      const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      throw new ControlRefusal('bad_request', 'The body does not fit.', { issues });
    }
    const answer = call.answer.parse(await call.carryOut(parsed.data));
    return { status: 200, contentType: 'application/json; charset=utf-8', body: JSON.stringify(answer) };
  }

  #refusal(error: unknown, request: IncomingMessage): Answer {
    const refusal = refusalOf(error);
    const { code, message, details } = refusal;
    if (code === 'internal') {
      this.#log.error('a call of the control API failed', { path: request.url, problem: describeError(error) });
    }
    const { allow, ...shown } = details ?? {};
    const body = JSON.stringify({
      error: { code, message, ...(Object.keys(shown).length > 0 ? { details: shown } : {}) },
    });
    return {
      status: CONTROL_ERRORS[code].status,
      contentType: 'application/json; charset=utf-8',
      body,
      headers: {
        ...(typeof allow === 'string' ? { Allow: allow } : {}),
        ...(code === 'unauthorized' ? { 'WWW-Authenticate': 'Bearer' } : {}),
      },
    };
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: Answer, requestNonce: string | null): void {
    const body = Buffer.from(answer.body);
    const isWhole = request.complete;
    response.writeHead(answer.status, {
      'Content-Type': answer.contentType,
      'Content-Length': body.byteLength,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...answer.headers,
      ...(requestNonce === null ? {} : this.#signature(answer.status, requestNonce, body)),
      // What is left of a request that nobody read would be taken for the next one.
      ...(isWhole ? {} : { Connection: 'close' }),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    if (isWhole) return;
    // Closed at once, the caller might not get to read the answer.
    request.resume();
    setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
  }

  #signature(status: number, requestNonce: string, body: Buffer): Record<string, string> {
    const timestamp = Math.floor(this.#clock.nowMs() / 1_000);
    const nonce = createNonce();
    return {
      [HEADER.timestamp]: String(timestamp),
      [HEADER.nonce]: nonce,
      [HEADER.signature]: signResponse(this.#key, { timestamp, nonce, status, requestNonce, body }),
    };
  }
}

/** Whether a call is to be let in by its signature; scrapers of metrics cannot sign, and bring a token instead. */
function isSigned({ headers }: IncomingMessage): boolean {
  return headers.authorization === undefined && headers[HEADER.signature.toLowerCase()] !== undefined;
}

/** @throws ControlRefusal `too_large`, `timeout` */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = new ControlRefusal('too_large', undefined, { limitBytes: MAX_BODY_BYTES });
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) {
        request.pause();
        reject(tooLarge);
      } else chunks.push(chunk);
    });
    request.on('end', resolve);
    request.on('close', () => reject(new ControlRefusal('timeout')));
  });
  return Buffer.concat(chunks);
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    const issues = [{ path: '', message: 'is not JSON' }];
    throw new ControlRefusal('bad_request', 'The body is not JSON.', { issues });
  }
}

/** Anything thrown as a refusal; what nobody foresaw says nothing of itself. */
function refusalOf(error: unknown): ControlRefusal {
  if (error instanceof ControlRefusal) return error;
  if (error instanceof LegworkError) {
    if (error.class === 'permanent' || error.class === 'policy') {
      return new ControlRefusal('bad_request', error.message, { code: error.code });
    }
    if (error.code === 'disk_full') return new ControlRefusal('unavailable', error.message, { code: error.code });
  }
  return new ControlRefusal('internal', 'The agent could not do this; its log has more.');
}

/** Answers what cannot even be read as HTTP, and closes. */
function answerBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const code = isLate ? 'timeout' : error.code === 'HPE_HEADER_OVERFLOW' ? 'too_large' : 'bad_request';
  const { status, meaning } = CONTROL_ERRORS[code];
  const body = JSON.stringify({ error: { code, message: meaning } });
  socket.end(
    `HTTP/1.1 ${status} ${code}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
