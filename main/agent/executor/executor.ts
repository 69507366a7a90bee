import { LegworkError } from '../../protocol/error-table.ts';
import type { Lane, Progress, TaskError } from '../../protocol/fields.ts';
import type { PayloadVault } from '../../protocol/payload-vault.ts';
import type { Clock, Log } from '../../protocol/ports.ts';
import { taskErrorOf } from '../../protocol/task-error.ts';
import type { TaskCatalogue } from '../../protocol/task-type.ts';
import { siteOf } from '../politeness/site-of.ts';
import type { SitePoliteness } from '../politeness/site-politeness.ts';
import type { Queue } from '../queue/queue.ts';
import type { ClaimedTask, Task } from '../queue/task.ts';
import { chooseLane } from './choose-lane.ts';
import { ProgressWriter } from './progress-writer.ts';
import { recordOutcome, type RecordedOutcome } from './record-outcome.ts';
import type { AttemptListener, SupervisedOutcome, TaskHostSupervisor } from './task-host-supervisor.ts';

/** A task that is being executed, for those who show or renew it. */
export interface RunningTask {
  task: Task;
  attemptId: string;
  attemptNumber: number;
  startedAtMs: number;
  progress: Progress;
}

/** What the executor tells the rest of the agent. */
export interface ExecutorListener {
  onStarted(running: RunningTask): void;
  onProgress(running: RunningTask): void;
  /** The attempt is recorded; `final` when the task has ended with it. */
  onFinished(running: RunningTask, outcome: RecordedOutcome): void;
  /** There may be room for more work. */
  onRoom(): void;
  /** The store could not take a change (a full disk); claiming stops until it can. */
  onStoreFailure(error: unknown): void;
}

interface Running extends RunningTask {
  lane: Lane;
  /** Its handler has told of progress: the visit has begun. */
  hasArrived: boolean;
  slotFree: boolean;
  /** The task was ended from outside (lease lost, cancelled): the queue knows already, the outcome is dropped. */
  abandoned: boolean;
}

const STORE_RETRY_MS = 5_000;

/**
 * Starts due tasks as the lanes allow, and records how their attempts end. Driven by events: new tasks, free slots,
 * and one timer for the next retry.
 */
export class Executor {
  readonly #queue: Queue;
  readonly #supervisor: TaskHostSupervisor;
  readonly #catalogue: TaskCatalogue;
  readonly #vault: PayloadVault;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #listener: ExecutorListener;
  readonly #maxConcurrent: () => number;
  readonly #maxTaskMs: () => number;
  readonly #mayStart: () => boolean;
  readonly #sites: SitePoliteness;
  readonly #epoch: number;
  readonly #progress: ProgressWriter;
  readonly #running = new Map<string, Running>();
  #turn: Lane = 'page';
  #turnStartedMs: number;
  #otherWaitingSinceMs: number | null = null;
  #accepting = false;
  #pumpScheduled = false;
  #timer: NodeJS.Timeout | null = null;
  #idleWaiters: (() => void)[] = [];

  constructor(options: {
    queue: Queue;
    supervisor: TaskHostSupervisor;
    catalogue: TaskCatalogue;
    vault: PayloadVault;
    clock: Clock;
    log: Log;
    listener: ExecutorListener;
    /** Asked before each start, since limits change while running. */
    maxConcurrent: () => number;
    /** The longest that an attempt which starts now may take, whatever its type and payload say; in milliseconds. */
    maxTaskMs: () => number;
    /** False while the host has paused the agent or the disk is full. */
    mayStart: () => boolean;
    /** Says which sites may be visited now. */
    sites: SitePoliteness;
    epoch: number;
  }) {
    this.#queue = options.queue;
    this.#supervisor = options.supervisor;
    this.#catalogue = options.catalogue;
    this.#vault = options.vault;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#listener = options.listener;
    this.#maxConcurrent = options.maxConcurrent;
    this.#maxTaskMs = options.maxTaskMs;
    this.#mayStart = options.mayStart;
    this.#sites = options.sites;
    this.#epoch = options.epoch;
    this.#progress = new ProgressWriter(options.queue, (error) => options.listener.onStoreFailure(error));
    this.#turnStartedMs = options.clock.monotonicMs();
  }

  start(): void {
    this.#accepting = true;
    this.#supervisor.prepare('page');
    this.wake();
  }

  /** Starts nothing new; what runs goes on. */
  stopAccepting(): void {
    this.#accepting = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Tasks that hold a slot or whose result is still being written. */
  running(): RunningTask[] {
    return [...this.#running.values()];
  }

  /** How many of those only have their result written: their slots are free already. */
  get finishing(): number {
    return [...this.#running.values()].filter(({ slotFree }) => slotFree).length;
  }

  runningAttemptIds(): Set<string> {
    return new Set(this.#running.keys());
  }

  /** Looks for due tasks soon; cheap, and safe to call often. */
  wake(): void {
    if (this.#pumpScheduled) return;
    this.#pumpScheduled = true;
    setImmediate(() => {
      this.#pumpScheduled = false;
      this.#pump();
    });
  }

  /**
   * Ends a running task whose end the queue has recorded already (cancelled, lease lost): its page is closed within two
   * seconds and its outcome is dropped.
   */
  abandon(taskId: string, error: TaskError): void {
    for (const running of this.#running.values()) {
      if (running.task.id !== taskId || running.abandoned) continue;
      running.abandoned = true;
      this.#supervisor.cancel(running.attemptId, error);
    }
  }

  /** Ends everything that runs; the attempts do not count. Resolves when all of it is recorded. */
  async interruptAll(): Promise<void> {
    const error = taskErrorOf(new LegworkError('shutdown'));
    for (const running of this.#running.values()) this.#supervisor.cancel(running.attemptId, error);
    await this.whenIdle();
  }

  /** Resolves when nothing runs, or when the signal aborts. */
  whenIdle(signal?: AbortSignal): Promise<void> {
    if (this.#running.size === 0 || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  #pump(): void {
    if (!this.#accepting || !this.#mayStart()) return;
    const delayMs = this.#supervisor.delayMs;
    if (delayMs > 0) {
      this.#wakeIn(delayMs);
      return;
    }
    // One moment for the whole look: what comes due during it must not be taken for what waits for a slot.
    const nowMs = this.#clock.nowMs();
    try {
      this.#sites.release(this.#queue);
      const { turn: lane, start: limit } = this.#choose(this.#due(nowMs));
      // A result that is still being written would show in an audit's figures.
      const mustWait = lane === 'exclusive' && this.#running.size > 0;
      if (limit > 0 && !mustWait) {
        const claimed = this.#queue.claim({ lane, limit, epoch: this.#epoch, gate: this.#sites.gate(lane) });
        for (const task of claimed) this.#execute(task, lane);
        if (claimed.length < limit && lane === 'page') this.#lookFurther(lane, nowMs);
      }
      if (this.#sites.takeNews()) this.#listener.onRoom();
      this.#wakeForNextRun(nowMs);
    } catch (error) {
      this.#listener.onStoreFailure(error);
      this.#wakeIn(STORE_RETRY_MS);
    }
  }

  /** Tasks by lane that may start now; where some are due, those that wait for their retry are counted with them. */
  #due(nowMs: number): Record<Lane, number> {
    const pending = this.#queue.pendingCounts();
    const due = (lane: Lane): number => {
      const nextMs = pending[lane] === 0 ? null : this.#queue.nextRunAtMs(lane);
      if (nextMs === null || nextMs > nowMs) return 0;
      // A lane whose tasks all wait for their sites must not take the machine from the other.
      if (this.#queue.siftHead(lane, this.#sites.gate(lane))) return pending[lane];
      this.#lookFurther(lane, nowMs);
      return 0;
    };
    return { page: due('page'), exclusive: due('exclusive') };
  }

  /** After a look at the line that set tasks aside: it goes on soon, since one look sets aside so many at most. */
  #lookFurther(lane: Lane, nowMs: number): void {
    const nextMs = this.#queue.nextRunAtMs(lane);
    if (nextMs !== null && nextMs <= nowMs) this.wake();
  }

  #choose(due: Record<Lane, number>): { turn: Lane; start: number } {
    const nowMs = this.#clock.monotonicMs();
    const holding = [...this.#running.values()].filter((running) => !running.slotFree);
    const other = this.#turn === 'page' ? 'exclusive' : 'page';
    if (due[other] === 0) this.#otherWaitingSinceMs = null;
    else this.#otherWaitingSinceMs ??= nowMs;
    const choice = chooseLane({
      runningPage: holding.filter((running) => running.lane === 'page').length,
      runningExclusive: holding.filter((running) => running.lane === 'exclusive').length,
      duePage: due.page,
      dueExclusive: due.exclusive,
      maxConcurrent: this.#maxConcurrent(),
      turn: this.#turn,
      turnStartedMs: this.#turnStartedMs,
      otherWaitingSinceMs: this.#otherWaitingSinceMs,
      nowMs,
    });
    if (choice.turn !== this.#turn) {
      this.#turn = choice.turn;
      this.#turnStartedMs = nowMs;
      this.#otherWaitingSinceMs = null;
    }
    return choice;
  }

  #wakeForNextRun(nowMs: number): void {
    const delays = [this.#queue.nextRunAtMs('page'), this.#queue.nextRunAtMs('exclusive')]
      .filter((time) => time !== null)
      // What is due already waits for a slot, and a free slot wakes us.
      .map((time) => (time > nowMs ? time - nowMs : this.#otherWaitingSinceMs === null ? null : 1_000));
    const soonest = [...delays, this.#sites.nextOpeningMs()].filter((delayMs) => delayMs !== null);
    if (soonest.length > 0) this.#wakeIn(Math.min(...soonest));
  }

  #wakeIn(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.wake(), Math.max(1, Math.min(delayMs, 60_000)));
    this.#timer.unref();
  }

  #execute(claimed: ClaimedTask, lane: Lane): void {
    const { task, attemptId, number } = claimed;
    const running: Running = {
      task,
      attemptId,
      attemptNumber: number,
      startedAtMs: this.#clock.nowMs(),
      progress: { percent: 0, stage: 'starting' },
      lane,
      hasArrived: false,
      slotFree: false,
      abandoned: false,
    };
    this.#running.set(attemptId, running);
    this.#sites.started(siteOf(task.url));
    let payload: ReturnType<TaskCatalogue['parsePayload']>;
    let deadlineMs: number;
    try {
      payload = this.#catalogue.parsePayload(task.type, this.#vault.open(task.payload));
      deadlineMs = Math.min(this.#catalogue.get(task.type).deadlineMs(payload), this.#maxTaskMs());
    } catch (error) {
      this.#record(running, { outcome: 'failed', error: taskErrorOf(error) });
      return;
    }
    this.#listener.onStarted(running);
    const listener = {
      onProgress: (progress: Progress) => this.#progressed(running, progress),
      onSiteAnswered: ({ origin, status, retryAfterMs }: Parameters<AttemptListener['onSiteAnswered']>[0]) => {
        for (const site of new Set([siteOf(origin), siteOf(task.url)])) {
          this.#sites.answered({ site, status, retryAfterMs });
        }
      },
      onSlotFree: () => {
        this.#leaveSite(running);
        this.wake();
        this.#listener.onRoom();
      },
    };
    void this.#supervisor
      .run({ attemptId, type: task.type, payload, deadlineMs }, listener)
      .then((outcome) => this.#record(running, outcome));
  }

  #leaveSite(running: Running): void {
    if (!running.slotFree) this.#sites.ended(siteOf(running.task.url), running.hasArrived);
    running.slotFree = true;
  }

  #progressed(running: Running, progress: Progress): void {
    if (!running.hasArrived && !running.slotFree) {
      running.hasArrived = true;
      this.#sites.arrived(siteOf(running.task.url));
    }
    running.progress = progress;
    this.#progress.progressed(running.attemptId, progress);
    this.#listener.onProgress(running);
  }

  /** Writes the outcome down; while the store refuses (a full disk) the outcome is kept and tried again. */
  #record(running: Running, outcome: SupervisedOutcome): void {
    this.#progress.forget(running.attemptId);
    let recorded: RecordedOutcome;
    try {
      recorded = recordOutcome(this.#queue, running, outcome, this.#catalogue.versionOf(running.task.type));
    } catch (error) {
      this.#log.error('an outcome could not be written; trying again', { attemptId: running.attemptId });
      this.#listener.onStoreFailure(error);
      setTimeout(() => this.#record(running, outcome), STORE_RETRY_MS);
      return;
    }
    this.#running.delete(running.attemptId);
    this.#leaveSite(running);
    this.#listener.onFinished(running, recorded);
    this.#listener.onRoom();
    this.wake();
    if (this.#running.size === 0) for (const waiter of this.#idleWaiters.splice(0)) waiter();
  }
}
