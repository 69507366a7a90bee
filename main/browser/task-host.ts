import { assertNever } from '../protocol/assert-never.ts';
import { describeError } from '../protocol/describe-error.ts';
import { LegworkError } from '../protocol/error-table.ts';
import type { Log, LogFields, LogLevel } from '../protocol/ports.ts';
import { taskErrorOf } from '../protocol/task-error.ts';
import { toTaskHost, type AttemptOutcome, type ToTaskHost } from '../protocol/task-host-messages.ts';
import { TaskTraffic, type BrowserGuard } from './network-guard/page-network.ts';
import type { BrowserPool } from './browser-pool.ts';
import type { RobotsGate } from './robots/robots-gate.ts';
import type { AnyTaskDefinition, BlobWriter, SiteAnswer, TaskContext } from './task-definition.ts';
import type { TaskHostChannel } from './task-host-channel.ts';

type RunMessage = Extract<ToTaskHost, { kind: 'run' }>;

/** How often it says that it is alive: while attempts run, and while none does. */
const ALIVE_INTERVAL_MS = { working: 2_000, resting: 10_000 };

/**
 * Runs handlers for the agent: parses what they are given and what they give, stops them on cancel and deadline, and
 * tells how each attempt ended. Holds the browsers; the agent may kill it at any time.
 */
export class TaskHost {
  readonly #channel: TaskHostChannel;
  readonly #definitions: ReadonlyMap<string, AnyTaskDefinition>;
  readonly #browsers: BrowserPool;
  readonly #guard: BrowserGuard;
  readonly #robots: RobotsGate;
  readonly #robotsForPages: 'ignore' | 'honour';
  readonly #blobs: BlobWriter;
  readonly #log: Log;
  readonly #attempts = new Map<string, AbortController>();
  #aliveTimer: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(options: {
    channel: TaskHostChannel;
    definitions: readonly AnyTaskDefinition[];
    browsers: BrowserPool;
    guard: BrowserGuard;
    robots: RobotsGate;
    /** Whether robots.txt is asked before any page is visited, or by those task types only that follow links. */
    robotsForPages: 'ignore' | 'honour';
    blobs: BlobWriter;
    log: Log;
  }) {
    this.#channel = options.channel;
    this.#definitions = new Map(options.definitions.map((definition) => [definition.name, definition]));
    this.#browsers = options.browsers;
    this.#guard = options.guard;
    this.#robots = options.robots;
    this.#robotsForPages = options.robotsForPages;
    this.#blobs = options.blobs;
    this.#log = options.log;
  }

  /** Takes messages until it is told to stop or the agent is gone; then closes the browsers. */
  async run(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#channel.onClosed(resolve);
      this.#channel.onMessage((raw) => {
        const message = toTaskHost.safeParse(raw);
        if (!message.success)
          this.#log.error('a message was not understood', { problem: describeError(message.error) });
        else if (message.data.kind === 'stop') resolve();
        else this.#receive(message.data);
      });
    });
    this.#reportAliveLater();
    this.#channel.send({ kind: 'ready', processId: process.pid });
    await ended;
    this.#hasEnded = true;
    clearTimeout(this.#aliveTimer);
    for (const controller of this.#attempts.values()) controller.abort(new LegworkError('shutdown'));
    await this.#browsers.close();
  }

  #receive(message: Exclude<ToTaskHost, { kind: 'stop' }>): void {
    switch (message.kind) {
      case 'run':
        void this.#execute(message);
        return;
      case 'cancel':
        this.#attempts.get(message.attemptId)?.abort(new LegworkError('cancelled_by_host'));
        return;
      case 'prepare':
        if (message.lane === 'page') void this.#warmUp();
        return;
      default:
        assertNever(message, 'message of the agent');
    }
  }

  async #warmUp(): Promise<void> {
    try {
      await this.#browsers.warmUp();
    } catch (error) {
      // The first task meets the same failure and reports it as its own.
      this.#log.warn('the browser could not be started ahead of the first task', { problem: describeError(error) });
    }
  }

  async #execute(message: RunMessage): Promise<void> {
    const { attemptId } = message;
    const controller = new AbortController();
    this.#attempts.set(attemptId, controller);
    if (this.#attempts.size === 1) this.#reportAliveLater();
    const deadline = setTimeout(
      () => controller.abort(new LegworkError('task_deadline', `It had ${message.deadlineMs} ms.`)),
      message.deadlineMs,
    );
    const traffic = new TaskTraffic();
    const outcome = await this.#outcome(message, controller.signal, traffic);
    clearTimeout(deadline);
    this.#attempts.delete(attemptId);
    const { bytesDown, bytesUp } = traffic;
    this.#channel.send({ kind: 'finished', attemptId, result: outcome, usage: { bytesDown, bytesUp } });
  }

  async #outcome(message: RunMessage, signal: AbortSignal, traffic: TaskTraffic): Promise<AttemptOutcome> {
    try {
      const definition = this.#definitions.get(message.type);
      if (definition === undefined) throw new LegworkError('unknown_type', `Type ${message.type}.`);
      const payload = definition.payloadSchema.safeParse(message.payload);
      if (!payload.success) throw new LegworkError('invalid_payload', describeError(payload.error));
      const blobs = new RecordingBlobWriter(this.#blobs);
      const context = this.#context(message.attemptId, signal, blobs, traffic);
      await context.checkRedirect?.(payload.data.url);
      const raw = await definition.run(payload.data, context);
      signal.throwIfAborted();
      const result = definition.resultSchema.safeParse(raw);
      if (!result.success) {
        const issue = result.error.issues[0];
        throw new LegworkError('invalid_result', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
      }
      return { outcome: 'completed', result: result.data, blobs: blobs.written };
    } catch (thrown) {
      // Whatever broke because of the abort, the reason of the abort is what happened.
      const cause: unknown = signal.aborted ? signal.reason : thrown;
      const error = taskErrorOf(cause);
      const notBeforeMs = cause instanceof LegworkError ? cause.notBeforeMs : undefined;
      return { outcome: 'failed', error, ...(notBeforeMs === undefined ? {} : { notBeforeMs }) };
    }
  }

  #context(attemptId: string, signal: AbortSignal, blobs: BlobWriter, traffic: TaskTraffic): TaskContext {
    let slotIsFree = false;
    const siteAnswered = ({ url, ...answer }: SiteAnswer): void => {
      if (URL.canParse(url)) {
        this.#channel.send({ kind: 'site_answered', attemptId, origin: new URL(url).origin, ...answer });
      }
    };
    const checkRobots = (url: string): Promise<void> => this.#robots.check(url, { signal, traffic, siteAnswered });
    return {
      signal,
      browsers: this.#browsers,
      guard: this.#guard,
      traffic,
      blobs,
      log: this.#log,
      checkRobots,
      ...(this.#robotsForPages === 'honour' ? { checkRedirect: checkRobots } : {}),
      progress: (percent, stage) => {
        const rounded = Math.round(Math.min(100, Math.max(0, percent)));
        this.#channel.send({ kind: 'progress', attemptId, progress: { percent: rounded, stage: stage.slice(0, 100) } });
      },
      siteAnswered,
      slotFree: () => {
        if (slotIsFree) return;
        slotIsFree = true;
        this.#channel.send({ kind: 'slot_free', attemptId });
      },
    };
  }

  #reportAliveLater(): void {
    if (this.#hasEnded) return;
    clearTimeout(this.#aliveTimer);
    const { working, resting } = ALIVE_INTERVAL_MS;
    this.#aliveTimer = setTimeout(
      () => void this.#reportAlive().finally(() => this.#reportAliveLater()),
      this.#attempts.size > 0 ? working : resting,
    );
  }

  async #reportAlive(): Promise<void> {
    const browserBytes = await this.#browsers.memoryBytes().catch(() => 0);
    this.#channel.send({
      kind: 'alive',
      memoryBytes: process.memoryUsage().rss + browserBytes,
      browsers: this.#browsers.browsers,
      attempts: this.#attempts.size,
    });
  }
}

/** Notes what a handler writes, so that the outcome names every blob even if the result does not. */
class RecordingBlobWriter implements BlobWriter {
  readonly written: Awaited<ReturnType<BlobWriter['write']>>[] = [];
  readonly #writer: BlobWriter;

  constructor(writer: BlobWriter) {
    this.#writer = writer;
  }

  async write(name: string, content: string | Uint8Array, contentType: string): ReturnType<BlobWriter['write']> {
    if (this.written.some((blob) => blob.name === name)) throw new LegworkError('internal', `Blob ${name} twice.`);
    const blob = await this.#writer.write(name, content, contentType);
    this.written.push(blob);
    return blob;
  }
}

/** A log that goes to the agent, which redacts and writes it. */
export function channelLog(channel: TaskHostChannel): Log {
  const write =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      const details = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
      channel.send({ kind: 'log', level, message: [message, ...details].join(' ').slice(0, 4_000) });
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
