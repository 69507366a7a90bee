import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { monotonicMs } from './monotonic.ts';
import type { ContenderSettings } from './contender.ts';

const settingsSchema = z.object({
  chromiumPath: z.string(),
  browserKind: z.enum(['chromium', 'headless_shell']),
  concurrency: z.number().int().positive(),
  outputFolder: z.string(),
  sandbox: z.boolean(),
  viewport: z.object({ width: z.number(), height: z.number() }),
  screenshotQuality: z.number(),
  timeoutMs: z.number(),
}) satisfies z.ZodType<ContenderSettings>;

const fromBenchmark = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('round'), urls: z.array(z.string()) }),
  z.object({ kind: z.literal('stop') }),
]);

/** What a page comes to: the outputs that every contender has to have in hand. */
export interface RenderedPage {
  html: string;
  screenshot: Uint8Array;
  /** Status, headers and timings. */
  details: unknown;
}

/** Something that renders pages, with a warm browser, until it is closed. */
export interface Renderer {
  render(url: string): Promise<RenderedPage>;
  close(): Promise<void>;
}

/** Says something to the benchmark, unless that has gone. */
function tell(message: Record<string, unknown>): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** A browser that loses an event would else keep the benchmark waiting for ever. @throws Error after that time */
async function within<T>(timeoutMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The main program of a contender: starts the renderer, renders each round's pages with a fixed number in flight,
 * writes what they came to to disk, and tells the benchmark.
 */
export async function runContender(start: (settings: ContenderSettings) => Promise<Renderer>): Promise<void> {
  const settings = settingsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
  const renderer = await start(settings);

  const round = async (urls: string[]): Promise<void> => {
    let next = 0;
    let htmlBytes = 0;
    let screenshotBytes = 0;
    const lane = async (number: number): Promise<void> => {
      for (let url = urls[next++]; url !== undefined; url = urls[next++]) {
        const page = await within(settings.timeoutMs, url, renderer.render(url));
        htmlBytes += Buffer.byteLength(page.html);
        screenshotBytes += page.screenshot.byteLength;
        const base = join(settings.outputFolder, `${number}`);
        await Promise.all([
          writeFile(`${base}.html`, page.html),
          writeFile(`${base}.jpg`, page.screenshot),
          writeFile(`${base}.json`, JSON.stringify(page.details)),
        ]);
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: settings.concurrency }, (_, number) => lane(number)));
    const broken = lanes.find((each) => each.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    tell({ kind: 'done', finishedAtMs: monotonicMs(), pages: urls.length, htmlBytes, screenshotBytes });
  };

  process.on('message', (raw) => {
    const message = fromBenchmark.parse(raw);
    if (message.kind === 'stop') {
      void renderer.close().finally(() => process.exit(0));
      return;
    }
    round(message.urls).catch((error: unknown) => tell({ kind: 'failed', message: String(error) }));
  });
  process.once('disconnect', () => {
    void renderer.close().finally(() => process.exit(1));
  });
  tell({ kind: 'ready' });
}
