import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createNonce, HEADER, signResponse, verifyRequest } from '../../../main/protocol/signature.ts';

/** What a request looked like when it arrived. */
export interface SeenRequest {
  method: string;
  pathAndQuery: string;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  /** Whether its signature was the worker's. */
  genuine: boolean;
}

/** What to answer; `raw` takes the socket over. */
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Signs with another secret, or not at all. */
  secret?: string | null;
  /** Signs this request nonce instead of the real one: a replayed answer. */
  signedNonce?: string;
  raw?: (response: http.ServerResponse) => void;
}

/** A real HTTP server on loopback that speaks the protocol's signatures and otherwise does as the test says. */
export async function startSignedServer(
  secret: string,
  answer: (request: SeenRequest, count: number) => Answer | Promise<Answer>,
): Promise<{ origin: URL; seen: SeenRequest[]; close(): Promise<void> }> {
  const seen: SeenRequest[] = [];
  const server = http.createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      void (async () => {
        const body = Buffer.concat(chunks);
        const header = (name: string): string => String(incoming.headers[name.toLowerCase()] ?? '');
        const request: SeenRequest = {
          method: incoming.method ?? '',
          pathAndQuery: incoming.url ?? '',
          headers: incoming.headers,
          body,
          genuine: verifyRequest(
            secret,
            {
              timestamp: Number(header(HEADER.timestamp)),
              nonce: header(HEADER.nonce),
              method: incoming.method ?? '',
              pathAndQuery: incoming.url ?? '',
              body,
            },
            header(HEADER.signature),
          ),
        };
        seen.push(request);
        const given = await answer(request, seen.length);
        if (given.raw !== undefined) {
          given.raw(response);
          return;
        }
        const bytes = given.body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(given.body));
        const timestamp = Math.floor(Date.now() / 1_000);
        const nonce = createNonce();
        const key = given.secret === undefined ? secret : given.secret;
        const signature =
          key === null
            ? {}
            : {
                [HEADER.timestamp]: String(timestamp),
                [HEADER.nonce]: nonce,
                [HEADER.signature]: signResponse(key, {
                  timestamp,
                  nonce,
                  status: given.status,
                  requestNonce: given.signedNonce ?? header(HEADER.nonce),
                  body: bytes,
                }),
              };
        response.writeHead(given.status, { ...signature, ...given.headers });
        response.end(bytes);
      })();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: new URL(`http://127.0.0.1:${port}`),
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
