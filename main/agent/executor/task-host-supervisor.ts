import { LegworkError, type ErrorCode } from '../../protocol/error-table.ts';
import type { Lane, Progress, TaskError } from '../../protocol/fields.ts';
import type { Clock, Log } from '../../protocol/ports.ts';
import {
  fromTaskHost,
  type AttemptOutcome,
  type FromTaskHost,
  type NetworkUsage,
  type TaskHostSettings,
  type ToTaskHost,
} from '../../protocol/task-host-messages.ts';
import { assertNever } from '../../protocol/assert-never.ts';
import { backoffMs } from '../backoff.ts';
import { describeError } from '../../protocol/describe-error.ts';
import { taskErrorOf } from '../../protocol/task-error.ts';
import type { TaskHostExit, TaskHostLauncher, TaskHostProcess } from './task-host-port.ts';

/** Limits on a task host; all in milliseconds or bytes. */
export interface TaskHostLimits {
  startTimeoutMs: number;
  /** Without any sign of life for this long it is killed. */
  silenceTimeoutMs: number;
  /** After the deadline, or after a cancel, how long the task host has to end the attempt by itself. */
  deadlineGraceMs: number;
  cancelGraceMs: number;
  memoryBytes: number;
}

export const DEFAULT_TASK_HOST_LIMITS: Omit<TaskHostLimits, 'memoryBytes'> = {
  startTimeoutMs: 30_000,
  silenceTimeoutMs: 20_000,
  deadlineGraceMs: 5_000,
  cancelGraceMs: 1_500,
};

export interface AttemptRequest {
  attemptId: string;
  type: string;
  payload: Extract<ToTaskHost, { kind: 'run' }>['payload'];
  deadlineMs: number;
}

export interface AttemptListener {
  onProgress(progress: Progress): void;
  /** A document has come, before the slot is free; `retryAfterMs` is from now. */
  onSiteAnswered(answer: { origin: string; status: number; retryAfterMs: number | null }): void;
  /** The browser is free for the next task; the result is still being written. Comes at most once. */
  onSlotFree(): void;
}

/** `interrupted`: the task host was killed for another attempt's sake, so this one does not count. */
export type SupervisedOutcome = (AttemptOutcome | { outcome: 'interrupted' }) & {
  /** What it took of the network, as far as the task host could tell. */
  network?: NetworkUsage | undefined;
};

interface RunningAttempt {
  request: AttemptRequest;
  listener: AttemptListener;
  resolve(outcome: SupervisedOutcome): void;
  overdue: NodeJS.Timeout;
  cancelled: TaskError | null;
}

const REPLACING_DELAY_MS = 200;
/** After so long a silence, how long messages that may only have waited for this process are waited for. */
const LAST_CHANCE_MS = 1_000;
/** How long a task host that was told to stop may take over closing its browsers: each has 2 s to end by itself. */
const STOP_GRACE_MS = 8_000;

function failed(error: TaskError): AttemptOutcome {
  return { outcome: 'failed', error };
}

/**
 * Keeps one task host alive: starts it, hands it attempts, watches it (start time-out, signs of life, memory), kills
 * it when it does not obey, and starts the next one. An attempt always comes to an outcome, whatever happens to the
 * process that ran it.
 */
export class TaskHostSupervisor {
  readonly #launcher: TaskHostLauncher;
  #settings: TaskHostSettings;
  readonly #limits: TaskHostLimits;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #attempts = new Map<string, RunningAttempt>();
  #host: TaskHostProcess | null = null;
  #ready = false;
  #waitingForReady: ToTaskHost[] = [];
  #watchdog: NodeJS.Timeout | null = null;
  #startedMs = 0;
  #lastSignMs = 0;
  /** The last sign of life when the silence after it was found too long. */
  #doubtedSignMs: number | null = null;
  /** Why we are killing it, and which attempts are to blame; the others are only interrupted. */
  #killing: { code: ErrorCode; detail: string; blamed: ReadonlySet<string> } | null = null;
  #startFailures = 0;
  #notBeforeMs = 0;
  #stopped = false;
  /** Running attempts are waited for; then the task host is ended, and the next attempt starts a new one. */
  #replacing = false;
  #exitWaiters: (() => void)[] = [];

  constructor(options: {
    launcher: TaskHostLauncher;
    settings: TaskHostSettings;
    limits: TaskHostLimits;
    clock: Clock;
    log: Log;
  }) {
    this.#launcher = options.launcher;
    this.#settings = options.settings;
    this.#limits = options.limits;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Process id of the running task host, or null. */
  get processId(): number | null {
    return this.#host?.processId ?? null;
  }

  /** How long no attempt should be started: the task host failed to start, or is being replaced; 0 when it may. */
  get delayMs(): number {
    if (this.#replacing) return REPLACING_DELAY_MS;
    return Math.max(0, this.#notBeforeMs - this.#clock.monotonicMs());
  }

  /** Starts the task host and its browser ahead of the first task. */
  prepare(lane: Lane): void {
    if (!this.#stopped && this.delayMs === 0) this.#send({ kind: 'prepare', lane });
  }

  /** What the task host is told from now on; one that runs is replaced as soon as its attempts have ended. */
  changeSettings(settings: TaskHostSettings): void {
    this.#settings = settings;
    this.endWhenIdle();
  }

  /** Ends the task host, with its browsers, as soon as no attempt runs; the next attempt starts a new one. */
  endWhenIdle(): void {
    if (this.#host === null || this.#stopped) return;
    this.#replacing = true;
    this.#endIdleHost();
  }

  /** Executes one attempt. Never rejects. */
  run(request: AttemptRequest, listener: AttemptListener): Promise<SupervisedOutcome> {
    if (this.#stopped) return Promise.resolve({ outcome: 'interrupted' });
    return new Promise((resolve) => {
      const overdue = setTimeout(
        () => this.#kill('task_deadline', `No end within ${request.deadlineMs} ms.`, [request.attemptId]),
        request.deadlineMs + this.#limits.deadlineGraceMs + (this.#ready ? 0 : this.#limits.startTimeoutMs),
      );
      this.#attempts.set(request.attemptId, { request, listener, resolve, overdue, cancelled: null });
      this.#send({ kind: 'run', ...request });
    });
  }

  /** Stops an attempt; it ends as failed with this error, within the grace even if its page resists. */
  cancel(attemptId: string, error: TaskError): void {
    const attempt = this.#attempts.get(attemptId);
    if (attempt === undefined || attempt.cancelled !== null) return;
    attempt.cancelled = error;
    clearTimeout(attempt.overdue);
    attempt.overdue = setTimeout(
      () => this.#kill('cancelled_by_host', 'The attempt did not obey its cancel.', [attemptId]),
      this.#limits.cancelGraceMs,
    );
    this.#send({ kind: 'cancel', attemptId });
  }

  /** Ends the task host: in order when it is idle, at once otherwise. Attempts that still run are interrupted. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const host = this.#host;
    if (host === null) return;
    const exited = new Promise<void>((resolve) => this.#exitWaiters.push(resolve));
    if (this.#attempts.size > 0 || !this.#ready) this.#kill('shutdown', '', []);
    else host.send({ kind: 'stop' });
    const kill = setTimeout(() => this.#kill('shutdown', '', []), STOP_GRACE_MS);
    await exited;
    clearTimeout(kill);
  }

  #endIdleHost(): void {
    const host = this.#host;
    if (host === null || this.#attempts.size > 0) return;
    if (!this.#ready) this.#kill('shutdown', '', []);
    else host.send({ kind: 'stop' });
    setTimeout(() => {
      if (this.#host === host) this.#kill('shutdown', '', []);
    }, STOP_GRACE_MS).unref();
  }

  #send(message: ToTaskHost): void {
    if (this.#host === null) this.#launch();
    if (this.#ready) this.#host?.send(message);
    else this.#waitingForReady.push(message);
  }

  #launch(): void {
    this.#ready = false;
    this.#killing = null;
    this.#startedMs = this.#clock.monotonicMs();
    this.#lastSignMs = this.#startedMs;
    this.#doubtedSignMs = null;
    const host = this.#launcher.launch(this.#settings);
    this.#host = host;
    host.onMessage((message) => {
      if (this.#host === host) this.#receive(message);
    });
    host.onExit((exit) => {
      if (this.#host === host) this.#exited(exit);
    });
    this.#watchIn(this.#limits.startTimeoutMs);
  }

  #watchIn(delayMs: number): void {
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#watch(), delayMs);
    this.#watchdog.unref();
  }

  /** Looks whether the task host is still there, and comes back when it could next be overdue. */
  #watch(): void {
    const { startTimeoutMs, silenceTimeoutMs } = this.#limits;
    const nowMs = this.#clock.monotonicMs();
    const sinceMs = this.#ready ? this.#lastSignMs : this.#startedMs;
    const leftMs = sinceMs + (this.#ready ? silenceTimeoutMs : startTimeoutMs) - nowMs;
    if (leftMs > 0) {
      this.#watchIn(leftMs);
    } else if (this.#doubtedSignMs !== sinceMs) {
      this.#doubtedSignMs = sinceMs;
      this.#watchIn(LAST_CHANCE_MS);
    } else {
      const blamed = this.#ready ? [...this.#attempts.keys()] : [];
      const detail = this.#ready
        ? `No sign of life for ${silenceTimeoutMs} ms.`
        : `It was not ready within ${startTimeoutMs} ms.`;
      this.#kill('task_host_crashed', detail, blamed);
      this.#watchIn(LAST_CHANCE_MS);
    }
  }

  #receive(raw: unknown): void {
    const parsed = fromTaskHost.safeParse(raw);
    if (!parsed.success) {
      this.#log.error('the task host sent a message that is not understood', { problem: describeError(parsed.error) });
      return;
    }
    this.#lastSignMs = this.#clock.monotonicMs();
    this.#handle(parsed.data);
  }

  #handle(message: FromTaskHost): void {
    switch (message.kind) {
      case 'ready':
        this.#ready = true;
        this.#startFailures = 0;
        this.#watchIn(this.#limits.silenceTimeoutMs);
        for (const waiting of this.#waitingForReady.splice(0)) this.#host?.send(waiting);
        return;
      case 'alive':
        if (message.memoryBytes > this.#limits.memoryBytes) {
          const detail = `${message.memoryBytes} bytes of ${this.#limits.memoryBytes} allowed.`;
          this.#kill('out_of_memory', detail, [...this.#attempts.keys()]);
        }
        return;
      case 'progress':
        this.#attempts.get(message.attemptId)?.listener.onProgress(message.progress);
        return;
      case 'site_answered':
        this.#attempts.get(message.attemptId)?.listener.onSiteAnswered(message);
        return;
      case 'slot_free':
        this.#attempts.get(message.attemptId)?.listener.onSlotFree();
        return;
      case 'finished':
        this.#finish(message.attemptId, { ...message.result, network: message.usage });
        return;
      case 'log':
        this.#log[message.level](message.message, { from: 'task host' });
        return;
      default:
        assertNever(message, 'message of the task host');
    }
  }

  #finish(attemptId: string, outcome: SupervisedOutcome): void {
    const attempt = this.#attempts.get(attemptId);
    if (attempt === undefined) return;
    clearTimeout(attempt.overdue);
    this.#attempts.delete(attemptId);
    attempt.resolve(attempt.cancelled === null ? outcome : { ...failed(attempt.cancelled), network: outcome.network });
    if (this.#replacing) this.#endIdleHost();
  }

  #kill(code: ErrorCode, detail: string, blamed: readonly string[]): void {
    if (this.#host === null) return;
    if (this.#killing === null) {
      this.#killing = { code, detail, blamed: new Set(blamed) };
      this.#log.warn('killing the task host', { reason: code, detail });
    }
    this.#host.kill();
  }

  #exited(exit: TaskHostExit): void {
    const killing = this.#killing;
    const neverReady = !this.#ready;
    this.#host = null;
    this.#ready = false;
    this.#waitingForReady = [];
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    const isWanted = this.#stopped || this.#replacing;
    this.#replacing = false;
    if (neverReady && !isWanted) {
      this.#startFailures += 1;
      const delayMs = backoffMs({ failures: this.#startFailures, random: () => 1, baseMs: 500, capMs: 60_000 });
      this.#notBeforeMs = this.#clock.monotonicMs() + delayMs;
    }
    if (killing === null && !isWanted) {
      const { code, signal } = exit;
      this.#log.error('the task host ended by itself', { code, signal, output: exit.lastOutput.slice(-1_000) });
    }
    for (const attemptId of this.#attempts.keys()) {
      if (killing !== null && !killing.blamed.has(attemptId)) this.#finish(attemptId, { outcome: 'interrupted' });
      else {
        const code = killing?.code ?? 'task_host_crashed';
        const detail = killing?.detail ?? `It ended with ${exit.signal ?? `code ${exit.code}`}.`;
        this.#finish(attemptId, failed(taskErrorOf(new LegworkError(code, detail))));
      }
    }
    for (const waiter of this.#exitWaiters.splice(0)) waiter();
  }
}
