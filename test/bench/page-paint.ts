import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const targets = z.array(z.object({ type: z.string(), webSocketDebuggerUrl: z.string().optional() }));
const answer = z.object({ id: z.literal(1), result: z.object({ result: z.object({ value: z.number().nullable() }) }) });

const QUESTION = `(() => {
  const [paint] = performance.getEntriesByName('first-contentful-paint');
  return paint === undefined ? null : performance.timeOrigin + paint.startTime;
})()`;

const PATIENCE_MS = 60_000;

/**
 * When the first page of a program has first painted something, by its own record: Unix milliseconds. Asks over the
 * DevTools protocol, only after the fact, so that asking costs the program little.
 * @param devToolsUrl the `ws:` address that the program prints for `--remote-debugging-port=0`
 * @throws Error when that takes too long
 */
export async function firstPaintAt(devToolsUrl: string): Promise<number> {
  const { host } = new URL(devToolsUrl);
  const untilMs = performance.now() + PATIENCE_MS;
  while (performance.now() < untilMs) {
    const found = targets.parse(await (await fetch(`http://${host}/json/list`)).json());
    const pageUrl = found.find(({ type }) => type === 'page')?.webSocketDebuggerUrl;
    const paintedAt = pageUrl === undefined ? null : await ask(pageUrl);
    if (paintedAt !== null) return paintedAt;
    await sleep(50);
  }
  throw new Error(`No page of ${host} has painted anything within ${PATIENCE_MS / 1_000} s.`);
}

async function ask(pageUrl: string): Promise<number | null> {
  const socket = new WebSocket(pageUrl);
  try {
    return await new Promise<number | null>((resolve, reject) => {
      socket.addEventListener('open', () => {
        const params = { expression: QUESTION, returnByValue: true };
        socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }));
      });
      socket.addEventListener('message', ({ data }) => {
        const parsed = answer.safeParse(JSON.parse(String(data)));
        resolve(parsed.success ? parsed.data.result.result.value : null);
      });
      socket.addEventListener('error', () => reject(new Error(`${pageUrl} cannot be connected to`)));
    });
  } finally {
    socket.close();
  }
}
