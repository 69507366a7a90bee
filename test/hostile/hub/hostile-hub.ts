import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createNonce, HEADER, signResponse } from '../../../main/protocol/signature.ts';

/** What a hostile hub answers. */
export interface HostileAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly headers?: Record<string, string>;
  /**
   * `right`: as the hub signs. `other secret`, `replayed` (for another request), `other status`, `other body`, `none`,
   * `malformed`: each a way to be wrong.
   */
  readonly signature: 'right' | 'other secret' | 'replayed' | 'other status' | 'other body' | 'none' | 'malformed';
  /** `whole`; `cut` ends the connection inside the body; `silent` never answers; `trickle` sends a byte now and then. */
  readonly delivery: 'whole' | 'cut' | 'silent' | 'trickle';
}

export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  /** The parsed body; null when it is not JSON. */
  readonly message: Record<string, unknown> | null;
}

/** A hub on loopback that answers whatever it is told to, with every kind of signature. */
export async function startHostileHub(
  secret: string,
  answer: (request: HostileRequest) => HostileAnswer,
): Promise<{ origin: URL; requests: () => number; close(): Promise<void> }> {
  let requests = 0;
  const timers = new Set<NodeJS.Timeout>();
  const server = http.createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', () => undefined);
    response.on('error', () => undefined);
    incoming.on('end', () => {
      requests += 1;
      const path = (incoming.url ?? '').split('?', 1)[0] ?? '';
      const message = parsed(Buffer.concat(chunks));
      const given = answer({ method: incoming.method ?? '', path, message });
      deliver(response, given, signatureHeaders(given, secret, String(incoming.headers['x-nonce'] ?? '')), timers);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        for (const timer of timers) clearInterval(timer);
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function signatureHeaders(answer: HostileAnswer, secret: string, requestNonce: string): Record<string, string> {
  if (answer.signature === 'none') return {};
  const timestamp = Math.floor(Date.now() / 1_000);
  const nonce = createNonce();
  const parts = { timestamp, nonce, status: answer.status, requestNonce, body: answer.body };
  const signatures: Record<Exclude<HostileAnswer['signature'], 'none'>, () => string> = {
    right: () => signResponse(secret, parts),
    'other secret': () => signResponse(`${secret}x`, parts),
    replayed: () => signResponse(secret, { ...parts, requestNonce: '0'.repeat(32) }),
    'other status': () => signResponse(secret, { ...parts, status: answer.status === 200 ? 204 : 200 }),
    'other body': () => signResponse(secret, { ...parts, body: Buffer.concat([answer.body, Buffer.from(' ')]) }),
    malformed: () => 'v1=zz',
  };
  return {
    [HEADER.timestamp]: String(timestamp),
    [HEADER.nonce]: nonce,
    [HEADER.signature]: signatures[answer.signature](),
  };
}

function deliver(
  response: http.ServerResponse,
  { status, body, headers, delivery }: HostileAnswer,
  signature: Record<string, string>,
  timers: Set<NodeJS.Timeout>,
): void {
  if (delivery === 'silent') return;
  response.writeHead(status, { 'Content-Length': String(body.byteLength), ...signature, ...headers });
  if (delivery === 'whole' || body.byteLength < 2) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, Math.ceil(body.byteLength / 2)));
  if (delivery === 'cut') {
    setTimeout(() => response.destroy(), 2);
    return;
  }
  const trickle = setInterval(() => response.write(' '), 10);
  timers.add(trickle);
  response.on('close', () => clearInterval(trickle));
}

function parsed(bytes: Buffer): Record<string, unknown> | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
  } catch {
    return null;
  }
}
