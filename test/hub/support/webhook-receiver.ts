import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A call that a receiver got. */
export interface ReceivedWebhook {
  headers: IncomingHttpHeaders;
  body: string;
}

/** An operator's server that takes webhooks; `statuses` are answered one after the other, then 204. */
export async function startWebhookReceiver(
  statuses: number[] = [],
): Promise<{ url: string; next(): Promise<ReceivedWebhook>; received: ReceivedWebhook[] }> {
  const received: ReceivedWebhook[] = [];
  const waiting: (() => void)[] = [];
  let read = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(statuses.shift() ?? 204, { Location: '/elsewhere' }).end();
      waiting.shift()?.();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    next: async () => {
      for (;;) {
        const webhook = received[read];
        if (webhook !== undefined) {
          read += 1;
          return webhook;
        }
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
