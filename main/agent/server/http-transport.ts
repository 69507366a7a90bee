import http from 'node:http';
import https from 'node:https';

/** One HTTP exchange as the hub client needs it: everything in memory, all limits stated. */
export interface HttpRequest {
  method: string;
  /** Path and query, exactly as it goes into the request line. */
  pathAndQuery: string;
  headers: Record<string, string>;
  body: Buffer;
  /** From the start of the call until the last byte of the answer. */
  timeoutMs: number;
  maxResponseBytes: number;
  signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  status: number;
  /** Names in lower case; of a repeated header, the first value. */
  headers: Record<string, string>;
  body: Buffer;
}

/** The port to the network. */
export interface HttpTransport {
  /** @throws TransportError when no whole answer arrived */
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Closes the connections that are kept open. */
  close(): void;
}

/** Why no whole answer arrived. `aborted`: the caller's signal. */
export class TransportError extends Error {
  readonly kind: 'network' | 'timeout' | 'aborted' | 'too_large';

  constructor(kind: TransportError['kind'], message: string) {
    super(message);
    this.name = 'TransportError';
    this.kind = kind;
  }
}

function firstValues(headers: http.IncomingHttpHeaders): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) values[name] = first;
  }
  return values;
}

/**
 * `HttpTransport` over node:http and node:https with kept-alive connections. An answer that ends before its declared
 * length is an error, never a short body; redirects are not followed, since a signature is for one address.
 */
export class NodeHttpTransport implements HttpTransport {
  readonly #baseUrl: URL;
  readonly #module: typeof http | typeof https;
  readonly #connections: http.Agent | https.Agent;

  constructor(baseUrl: URL) {
    this.#baseUrl = baseUrl;
    this.#module = baseUrl.protocol === 'https:' ? https : http;
    this.#connections = new this.#module.Agent({ keepAlive: true, maxSockets: 16, keepAliveMsecs: 15_000 });
  }

  send(request: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      if (request.signal?.aborted === true) {
        reject(new TransportError('aborted', 'aborted before the call'));
        return;
      }
      let settled = false;
      const settle = (finish: () => void): void => {
        if (settled) return;
        settled = true;
        clearTimeout(timer);
        request.signal?.removeEventListener('abort', onAbort);
        finish();
      };
      const fail = (error: TransportError): void => {
        settle(() => reject(error));
        outgoing.destroy();
      };
      const onAbort = (): void => fail(new TransportError('aborted', 'aborted by the caller'));

      const outgoing = this.#module.request({
        agent: this.#connections,
        protocol: this.#baseUrl.protocol,
        hostname: this.#baseUrl.hostname.replace(/^\[|\]$/g, ''),
        port: this.#baseUrl.port,
        method: request.method,
        path: request.pathAndQuery,
        headers: { ...request.headers, 'Content-Length': String(request.body.byteLength) },
      });
      const timer = setTimeout(
        () => fail(new TransportError('timeout', `no whole answer within ${request.timeoutMs} ms`)),
        request.timeoutMs,
      );
      request.signal?.addEventListener('abort', onAbort, { once: true });

      outgoing.on('error', (error) => fail(new TransportError('network', error.message)));
      outgoing.on('response', (incoming) => {
        const chunks: Buffer[] = [];
        let receivedBytes = 0;
        incoming.on('data', (chunk: Buffer) => {
          receivedBytes += chunk.byteLength;
          if (receivedBytes > request.maxResponseBytes) {
            fail(new TransportError('too_large', `the answer is larger than ${request.maxResponseBytes} bytes`));
            return;
          }
          chunks.push(chunk);
        });
        incoming.on('error', (error) => fail(new TransportError('network', error.message)));
        incoming.on('close', () => {
          if (!incoming.complete) fail(new TransportError('network', 'the connection ended inside the answer'));
        });
        incoming.on('end', () => {
          if (!incoming.complete) return;
          const response = {
            status: incoming.statusCode ?? 0,
            headers: firstValues(incoming.headers),
            body: Buffer.concat(chunks),
          };
          settle(() => resolve(response));
        });
      });
      outgoing.end(request.body);
    });
  }

  close(): void {
    this.#connections.destroy();
  }
}
