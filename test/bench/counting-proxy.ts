import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A transparent HTTP proxy in front of a hub that notes each request that passes. */
export interface CountingProxy {
  readonly url: string;
  /** `METHOD path` of each request so far, in order. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

/** Starts the proxy on loopback; signatures cover path and body, which it leaves as they are. */
export async function startCountingProxy(targetUrl: string): Promise<CountingProxy> {
  const target = new URL(targetUrl);
  const requests: string[] = [];
  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${(incoming.url ?? '/').split('?', 1)[0]}`);
    const onward = httpRequest(
      {
        hostname: target.hostname,
        port: target.port,
        path: incoming.url,
        method: incoming.method,
        headers: incoming.headers,
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
