import { describeError } from '../../protocol/describe-error.ts';
import type { Clock, Log } from '../../protocol/ports.ts';
import type { AgentConfig } from '../config/config-schema.ts';
import type { MonthUsage } from '../usage/usage-amounts.ts';
import { evaluateLimits, type LimitMemory } from './evaluate-limits.ts';
import type { ConcurrencyState, LimitRule, LimitVerdict } from './limit-verdict.ts';
import {
  completeReadings,
  NO_READINGS,
  type MachineReader,
  type MachineReadings,
  type ReadingScope,
} from './machine-readings.ts';
import { concurrencyState, nextConcurrency, type ConcurrencyMemory } from './next-concurrency.ts';

/** How often the machine is read: while tasks run, and while none does. */
const READ_INTERVAL_MS = { working: 2_000, resting: 10_000 };
/** How often all is read although nothing runs, and up to which own share of the processors that is enough. */
const FULL_READING_INTERVAL_MS = 60_000;
const RESTING_CPU_SHARE = 0.02;
/** Legwork's own use of the processors is averaged with this time constant, so that it covers about half a minute. */
const OWN_CPU_SMOOTHING_MS = 15_000;
/** Rules that only keep new tasks from starting; when another one says no, running tasks get the grace time. */
const LETS_RUNNING_GO_ON: ReadonlySet<LimitRule> = new Set(['cpu', 'quota_tasks', 'quota_browser_time', 'quota_bytes']);

/**
 * Watches the machine, and says whether work may start and how much of it side by side. All that it decides comes from
 * the pure rules; here is when they are asked, and what is told when their answer changes.
 */
export class LimitKeeper {
  readonly #config: Readonly<AgentConfig>;
  readonly #reader: MachineReader;
  readonly #usage: () => MonthUsage;
  readonly #running: () => number;
  readonly #finishing: () => number;
  readonly #onChange: (verdict: LimitVerdict | null) => void;
  readonly #onGraceOver: () => void;
  readonly #cpuCount: number;
  readonly #timeZone: () => string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #loop: Promise<void> | null = null;
  #readings: MachineReadings = NO_READINGS;
  /** The last reading of scope `all`, and what the own share of the processors was then. */
  #readAllAtMs: number | null = null;
  #ownCpuShare: number | null = null;
  #memory: LimitMemory = {};
  #verdict: LimitVerdict = { mayWork: true, reasons: [], unknown: [] };
  #concurrency: ConcurrencyMemory;
  #graceEndsAtMs: number | null = null;

  constructor(options: {
    /** Read anew at each decision, so that a change of settings applies at once. */
    config: Readonly<AgentConfig>;
    reader: MachineReader;
    usage: () => MonthUsage;
    /** Tasks that run now. */
    running: () => number;
    /** How many of them hold no slot any more and are not counted as used yet. */
    finishing: () => number;
    /** Something has changed; with the verdict when it is another one. */
    onChange: (verdict: LimitVerdict | null) => void;
    /** Work has been forbidden for the grace time: what still runs is to be given back, the browsers are to be closed. */
    onGraceOver: () => void;
    cpuCount: number;
    timeZone: () => string;
    clock: Clock;
    log: Log;
  }) {
    this.#config = options.config;
    this.#reader = options.reader;
    this.#usage = options.usage;
    this.#running = options.running;
    this.#finishing = options.finishing;
    this.#onChange = options.onChange;
    this.#onGraceOver = options.onGraceOver;
    this.#cpuCount = options.cpuCount;
    this.#timeZone = options.timeZone;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#concurrency = { now: options.config.maxConcurrentTasks, reason: null, roomSinceMs: null };
  }

  get verdict(): LimitVerdict {
    return this.#verdict;
  }

  get readings(): MachineReadings {
    return this.#readings;
  }

  get concurrency(): ConcurrencyState {
    return concurrencyState(this.#concurrency, this.#config.maxConcurrentTasks);
  }

  /** Work is held up only until the processors have had their rest: tasks that wait here may as well stay. */
  get isShortRest(): boolean {
    return !this.#verdict.mayWork && this.#verdict.reasons.every(({ rule }) => rule === 'cpu');
  }

  /** How many page tasks may run side by side now; of a month's last tasks no more than are left. */
  maxConcurrent(): number {
    const { quota, totals } = this.#usage();
    const left = quota.tasks === null ? Infinity : Math.max(0, quota.tasks - totals.tasks);
    return Math.min(this.concurrency.now, Math.max(0, left - this.#finishing()));
  }

  /** Reads the machine for the first time, and goes on doing so until it is stopped. */
  async start(): Promise<void> {
    await this.#read();
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    this.#reader.close();
  }

  /** Decides again, after a setting or the usage has changed. */
  decide(): void {
    const max = this.#config.maxConcurrentTasks;
    const before = this.#concurrency;
    // A greater maximum is taken up at once, unless the machine is what holds the number down.
    if (before.reason === null || !this.#config.adaptiveConcurrency) {
      this.#concurrency = { now: max, reason: null, roomSinceMs: null };
    }
    this.#judge();
    if (before.now !== this.#concurrency.now) this.#onChange(null);
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const intervalMs = this.#running() > 0 ? READ_INTERVAL_MS.working : READ_INTERVAL_MS.resting;
      await this.#clock.sleep(intervalMs, this.#stop.signal);
      if (!this.#stop.signal.aborted) await this.#read();
    }
  }

  async #read(): Promise<void> {
    try {
      const scope = this.#scope();
      const { cpuOwnShare, memoryOwnBytes } = this.#readings;
      const readings = completeReadings(await this.#reader.read(scope));
      this.#readings = scope === 'all' ? readings : { ...readings, cpuOwnShare, memoryOwnBytes };
      if (scope === 'all') this.#averageOwnCpu();
      this.#govern();
      this.#judge();
    } catch (error) {
      this.#log.error('the machine could not be read', { problem: describeError(error) });
    }
  }

  #scope(): ReadingScope {
    const isAtRest =
      this.#running() === 0 &&
      (this.#ownCpuShare ?? 0) <= RESTING_CPU_SHARE &&
      !this.#verdict.reasons.some(({ rule }) => rule === 'cpu' || rule === 'memory');
    const isDue =
      this.#readAllAtMs === null || this.#clock.monotonicMs() - this.#readAllAtMs >= FULL_READING_INTERVAL_MS;
    return isAtRest && !isDue ? 'resting' : 'all';
  }

  #averageOwnCpu(): void {
    const nowMs = this.#clock.monotonicMs();
    const passedMs = this.#readAllAtMs === null ? 0 : nowMs - this.#readAllAtMs;
    this.#readAllAtMs = nowMs;
    const share = this.#readings.cpuOwnShare;
    if (share === null || this.#ownCpuShare === null) this.#ownCpuShare = share;
    else this.#ownCpuShare += (share - this.#ownCpuShare) * (1 - Math.exp(-passedMs / OWN_CPU_SMOOTHING_MS));
  }

  #govern(): void {
    const { maxConcurrentTasks: max, adaptiveConcurrency, maxCpuPercent, maxMemoryPercent } = this.#config;
    const before = this.#concurrency;
    this.#concurrency = adaptiveConcurrency
      ? nextConcurrency(
          {
            readings: this.#readings,
            running: this.#running(),
            max,
            cpuCount: this.#cpuCount,
            cpuShare: maxCpuPercent / 100,
            memoryShare: maxMemoryPercent / 100,
            monotonicMs: this.#clock.monotonicMs(),
          },
          before,
        )
      : { now: max, reason: null, roomSinceMs: null };
    const { now, reason } = this.#concurrency;
    if (now === before.now && reason === before.reason) return;
    this.#log.info('tasks side by side', { now, max, reason });
    this.#onChange(null);
  }

  #judge(): void {
    const before = this.#verdict;
    const { verdict, memory } = evaluateLimits(
      {
        settings: this.#config,
        readings: { ...this.#readings, cpuOwnShare: this.#ownCpuShare },
        usage: this.#usage(),
        nowMs: this.#clock.nowMs(),
        monotonicMs: this.#clock.monotonicMs(),
        timeZone: this.#timeZone(),
        atLowestConcurrency: !this.#config.adaptiveConcurrency || this.#concurrency.now === 1,
      },
      this.#memory,
    );
    this.#verdict = verdict;
    this.#memory = memory;
    this.#watchGrace();
    if (rulesOf(before) === rulesOf(verdict)) return;
    this.#log.info(verdict.mayWork ? 'the limits let work start' : 'the limits keep work from starting', {
      rules: rulesOf(verdict),
    });
    this.#onChange(verdict);
  }

  #watchGrace(): void {
    const nowMs = this.#clock.monotonicMs();
    if (!this.#verdict.reasons.some(({ rule }) => !LETS_RUNNING_GO_ON.has(rule))) {
      this.#graceEndsAtMs = null;
      return;
    }
    this.#graceEndsAtMs ??= nowMs + this.#config.limitGraceSeconds * 1_000;
    if (nowMs < this.#graceEndsAtMs) return;
    this.#graceEndsAtMs = Infinity;
    this.#onGraceOver();
  }
}

function rulesOf({ reasons }: LimitVerdict): string {
  return reasons.map(({ rule }) => rule).join(', ');
}
