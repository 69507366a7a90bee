import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below what systems give to connections, and to servers that do not care (Linux: 32768, others: 49152). */
const LOWEST = 28_100;
const BEYOND = 32_000;

/**
 * A port of loopback that nobody has and that the system gives to nobody by itself, so that it is still free when a
 * program is started on it, or started again, while other tests open ports of their own.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, BEYOND);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  await new Promise((resolve) => server.close(resolve));
  return isListening;
}
