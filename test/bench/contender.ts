import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { z } from 'zod';
import { descendantsCpuSeconds, ownCpuSeconds } from './process-figures.ts';

/** What a contender's process tells the benchmark; `peers/` speak it too. */
const contenderMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({
    kind: z.literal('done'),
    /** Monotonic ms when the last page's outputs were there. */
    finishedAtMs: z.number(),
    pages: z.number(),
    htmlBytes: z.number(),
    screenshotBytes: z.number(),
  }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
]);

/** CPU seconds of one round, by the part of the contender that used them. */
export type CpuSeconds = Record<string, number>;

/** What one round of one contender came to. */
export interface Round {
  pages: number;
  /** From the first request that the site saw until the last page's outputs were there. */
  durationMs: number;
  htmlBytes: number;
  screenshotBytes: number;
  cpuSeconds: CpuSeconds;
}

/** A way of rendering pages whose speed is measured. */
export interface Contender {
  readonly name: string;
  /**
   * Renders the pages and returns what that took; the first request of `label` is looked up at the site.
   * @throws Error when a page failed
   */
  round(urls: readonly string[], firstRequestMs: () => number): Promise<Round>;
  stop(): Promise<void>;
}

/** How a contender's process is started: as JSON in its only argument. */
export interface ContenderSettings {
  chromiumPath: string;
  browserKind: 'chromium' | 'headless_shell';
  concurrency: number;
  outputFolder: string;
  sandbox: boolean;
  viewport: { width: number; height: number };
  screenshotQuality: number;
  timeoutMs: number;
}

/** A contender that runs as a Node program of its own and drives its own warm browser. */
export class ProcessContender implements Contender {
  readonly name: string;
  readonly #child: ChildProcess;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
  }

  /** Starts the program and waits until its browser is warm. @throws Error when it ends instead */
  static async start(name: string, program: string, settings: ContenderSettings): Promise<ProcessContender> {
    mkdirSync(settings.outputFolder, { recursive: true });
    const child = fork(program, [JSON.stringify(settings)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      cwd: settings.outputFolder,
    });
    const contender = new ProcessContender(name, child);
    const message = await contender.#nextMessage();
    if (message.kind !== 'ready') throw new Error(`${name} did not start: ${JSON.stringify(message)}`);
    return contender;
  }

  async round(urls: readonly string[], firstRequestMs: () => number): Promise<Round> {
    const processId = this.#child.pid ?? 0;
    const before = { program: ownCpuSeconds(processId), chromium: descendantsCpuSeconds(processId) };
    this.#send({ kind: 'round', urls });
    const message = await this.#nextMessage();
    if (message.kind !== 'done') throw new Error(`${this.name}: ${JSON.stringify(message)}`);
    if (message.pages !== urls.length) throw new Error(`${this.name}: ${message.pages} of ${urls.length} pages`);
    return {
      pages: message.pages,
      durationMs: message.finishedAtMs - firstRequestMs(),
      htmlBytes: message.htmlBytes,
      screenshotBytes: message.screenshotBytes,
      cpuSeconds: {
        program: ownCpuSeconds(processId) - before.program,
        chromium: descendantsCpuSeconds(processId) - before.chromium,
      },
    };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#send({ kind: 'stop' });
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), 15_000);
    await exited;
    clearTimeout(patience);
  }

  /** To a program that has ended nothing is sent; its end shows where an answer is awaited. */
  #send(message: { kind: 'round'; urls: readonly string[] } | { kind: 'stop' }): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #nextMessage(): Promise<z.infer<typeof contenderMessage>> {
    return new Promise((resolve, reject) => {
      if (!this.#child.connected) reject(new Error(`${this.name} has ended.`));
      const ended = (code: number | null): void => reject(new Error(`${this.name} ended with code ${code}.`));
      this.#child.once('exit', ended);
      this.#child.once('message', (raw) => {
        this.#child.off('exit', ended);
        resolve(contenderMessage.parse(raw));
      });
    });
  }
}
