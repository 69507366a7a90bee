import { randomUUID } from 'node:crypto';
import { describeError } from '../protocol/describe-error.ts';
import { LegworkError } from '../protocol/error-table.ts';
import type { JsonObject } from '../protocol/fields.ts';
import { taskErrorOf } from '../protocol/task-error.ts';
import { AgentEvents, type AgentActivity, type AgentEvent, type AgentSnapshot } from './agent-events.ts';
import { dataPaths, taskHostSettingsOf, type AgentOptions } from './agent-options.ts';
import { Executor } from './executor/executor.ts';
import { DEFAULT_TASK_HOST_LIMITS, TaskHostSupervisor } from './executor/task-host-supervisor.ts';
import { Housekeeping } from './housekeeping.ts';
import { HubSide } from './hub-side.ts';
import { BlobFolder } from './outbox/blob-folder.ts';
import { siteLimitsOf, SitePoliteness } from './politeness/site-politeness.ts';
import type { FolderLock } from './queue/lock-data-folder.ts';
import type { openDatabase } from './queue/open-database.ts';
import { Queue } from './queue/queue.ts';
import type { EnqueuedTask, NewTask } from './queue/task.ts';
import { StoreHealth } from './store-health.ts';
import { sweepRunFolder } from './sweep-run-folder.ts';

const OPERATOR_PAUSE = 'operator-pause';
const NOTICE_INTERVAL_MS = 500;
const DELIVERY_ON_STOP_MS = 10_000;

/**
 * The agent core: owns the queue, executes what is in it, and keeps in touch with the hub. The same object runs inside
 * the desktop shell and headless.
 */
export class Agent {
  readonly queue: Queue;
  readonly blobs: BlobFolder;
  readonly #options: AgentOptions;
  readonly #lock: FolderLock;
  readonly #database: ReturnType<typeof openDatabase>;
  readonly #events: AgentEvents;
  readonly #identity: { instanceId: string; epoch: number; startId: string };
  readonly #supervisor: TaskHostSupervisor;
  readonly #executor: Executor;
  readonly #hub: HubSide | null;
  readonly #housekeeping: Housekeeping;
  readonly #store: StoreHealth;
  #activity: AgentActivity = 'starting';
  /** Who has paused it, with a note for people; each lifts only the own pause. */
  readonly #pausedBy = new Map<'host' | 'operator', string>();
  #noticeTimer: NodeJS.Timeout | null = null;
  #seenDataVersion = -1;
  #stopping: Promise<void> | null = null;
  readonly #hurry = new AbortController();

  /** Use `startAgent` of start-agent.ts. */
  constructor(options: AgentOptions, lock: FolderLock, database: ReturnType<typeof openDatabase>) {
    const { config, catalogue, clock, random, log } = options;
    const paths = dataPaths(config.dataFolder);
    this.#options = options;
    this.#lock = lock;
    this.#database = database;
    this.#events = new AgentEvents((error) => log.error('a listener failed', { problem: describeError(error) }));
    this.queue = new Queue({ database, clock, random });
    this.blobs = new BlobFolder(paths.blobs);
    const { instanceId, epoch, recovered } = this.queue.beginEpoch();
    this.#identity = { instanceId, epoch, startId: randomUUID() };
    if (recovered.length > 0) log.warn('tasks of an earlier start were taken back', { tasks: recovered.length });
    this.#store = new StoreHealth({ log, onChange: () => this.#mayStartChanged() });
    this.#supervisor = new TaskHostSupervisor({
      launcher: options.launcher,
      settings: taskHostSettingsOf(options),
      limits: { ...DEFAULT_TASK_HOST_LIMITS, memoryBytes: config.taskHostMemoryLimitBytes },
      clock,
      log,
    });
    this.#executor = new Executor({
      queue: this.queue,
      supervisor: this.#supervisor,
      catalogue,
      vault: options.vault,
      clock,
      log,
      listener: this.#executorListener(),
      maxConcurrent: () => config.maxConcurrentTasks,
      mayStart: () => this.#mayStart(),
      sites: new SitePoliteness({ limits: () => siteLimitsOf(config), notes: this.queue, clock, log }),
      epoch,
    });
    this.#housekeeping = new Housekeeping({
      queue: this.queue,
      blobs: this.blobs,
      config,
      databaseFile: paths.database,
      epoch,
      runningAttemptIds: () => this.#executor.runningAttemptIds(),
      onChange: () => this.#mayStartChanged(),
      onRequeued: () => this.#executor.wake(),
      clock,
      log,
    });
    this.#hub =
      options.credentials === null
        ? null
        : new HubSide({
            ...options,
            credentials: options.credentials,
            identity: this.#identity,
            queue: this.queue,
            blobs: this.blobs,
            executor: this.#executor,
            mayStart: () => this.#mayStart(),
            emit: (event) => this.#emit(event),
            onPause: () => this.pause('operator', 'the operator has paused this agent'),
            onResume: () => this.resume('operator'),
            onDrain: () => void this.stop('drain'),
            diagnostics: () => this.#diagnostics(),
          });
  }

  /** Listens to what happens. @returns the function that ends the subscription */
  subscribe(listener: (event: AgentEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  /** Starts everything, once it is known whether the disk has room. */
  async start(): Promise<void> {
    await this.#housekeeping.checkDisk();
    this.#housekeeping.start();
    if (this.#options.config.taskProcessorEnabled) this.#executor.start();
    this.#hub?.start();
    // Another process may have put a task into the database: `legwork enqueue --local`.
    this.#noticeTimer = setInterval(() => this.#noticeForeignChanges(), NOTICE_INTERVAL_MS);
    const operatorPause = this.queue.readNote(OPERATOR_PAUSE);
    if (operatorPause !== null) this.#pausedBy.set('operator', operatorPause);
    this.#activity = operatorPause === null ? 'idle' : 'paused';
    this.#mayStartChanged();
  }

  /** What the agent is doing; cheaper than a whole snapshot. */
  get activity(): AgentActivity {
    return this.#activity === 'idle' && this.#executor.running().length > 0 ? 'working' : this.#activity;
  }

  snapshot(): AgentSnapshot {
    const running = this.#executor.running();
    const counts = this.queue.pendingCounts();
    return {
      activity: this.activity,
      link: this.#hub?.link.state ?? { state: 'ended' },
      hubUrl: this.#options.credentials?.hubUrl ?? null,
      workerId: this.#options.credentials?.workerId ?? null,
      instanceId: this.#identity.instanceId,
      epoch: this.#identity.epoch,
      sandbox: this.#options.sandbox,
      problems: this.#problems(),
      health: {
        disk: this.#housekeeping.diskProblem,
        store: this.#store.problem,
        isBrowserMissing: this.#options.browsers.length === 0,
        clockOffsetMs: this.#hub?.link.client.clockOffsetMs ?? 0,
      },
      running: running.map(({ task, attemptId, attemptNumber, startedAtMs, progress }) => ({
        taskId: task.id,
        attemptId,
        attemptNumber,
        type: task.type,
        url: task.url,
        startedAtMs,
        progress,
      })),
      pendingTasks: counts.page + counts.exclusive,
      undeliveredResults: this.queue.outboxCount(),
      pausedBy: [...this.#pausedBy.keys()],
      pausedUntilMs: null,
      limits: { mayWork: true, reasons: [], unknown: [] },
      concurrency: {
        now: this.#options.config.maxConcurrentTasks,
        max: this.#options.config.maxConcurrentTasks,
        reason: null,
      },
      usage: {
        year: new Date().getFullYear(),
        month: new Date().getMonth() + 1,
        totals: { tasks: 0, browserTimeMs: 0, bytesDown: 0, bytesUp: 0 },
        quota: { tasks: null, browserTimeMs: null, bytes: null },
        resetsAtMs: 0,
      },
    };
  }

  /**
   * Puts a task of this machine into the queue.
   * @throws LegworkError `unknown_type`, `invalid_payload`, `disk_full`
   */
  enqueue(
    task: { type: string; payload: unknown } & Pick<NewTask, 'priority' | 'maxAttempts' | 'uniqueKey'>,
  ): EnqueuedTask {
    const payload = this.#options.catalogue.parsePayload(task.type, task.payload);
    const { lane } = this.#options.catalogue.get(task.type);
    const stored = this.#options.vault.seal(payload);
    const enqueued = this.queue.enqueue({ ...task, payload: stored, url: payload.url, lane, origin: 'local' });
    this.#executor.wake();
    this.#changed();
    return enqueued;
  }

  /** Stops a task, whether it waits or runs; the hub hears of it when it is the hub's. False when it has ended. */
  cancel(taskId: string): boolean {
    const error = taskErrorOf(new LegworkError('cancelled_by_host'));
    const stopped = this.queue.cancel(taskId, error);
    if (stopped === null) return false;
    this.#executor.abandon(taskId, error);
    this.#emit({ kind: 'ended', taskId, error });
    this.#hub?.resultRecorded();
    return true;
  }

  /** Runs an ended task again by hand, in its place or as a new one (see Queue.retry). null: none such, or not ended. */
  retry(taskId: string): EnqueuedTask | null {
    const again = this.queue.retry(taskId);
    if (again === null) return null;
    this.#executor.wake();
    this.#changed();
    return again;
  }

  /** Starts nothing new and gives waiting tasks back to the hub; what runs goes on. */
  pause(by: 'host' | 'operator', note: string): void {
    if (this.#activity === 'draining' || this.#activity === 'stopped') return;
    this.#pausedBy.set(by, note);
    // The hub counts its command as done, so that a restart must not undo it.
    if (by === 'operator') this.queue.writeNote(OPERATOR_PAUSE, note);
    this.#activity = 'paused';
    this.#hub?.giveBackQueued();
    this.#changed();
  }

  /** Lifts a pause. Work goes on when nobody else has paused it. */
  resume(by: 'host' | 'operator'): void {
    if (by === 'operator') this.queue.writeNote(OPERATOR_PAUSE, null);
    if (!this.#pausedBy.delete(by) || this.#pausedBy.size > 0 || this.#activity !== 'paused') return;
    this.#activity = 'idle';
    this.#mayStartChanged();
  }

  /**
   * Ends the agent. `drain` lets running tasks finish within the configured limit and tries to deliver what is ready;
   * `now` interrupts them. A second call with `now` cuts a drain short. Both give leases back and say goodbye.
   */
  async stop(how: 'drain' | 'now'): Promise<void> {
    if (how === 'now') this.#hurry.abort();
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { config, clock, log, sweepProfiles } = this.#options;
    this.#activity = 'draining';
    this.#executor.stopAccepting();
    this.#hub?.giveBackQueued();
    this.#changed();
    const limit = new AbortController();
    const limitReached = clock.sleep(config.drainLimitMs, AbortSignal.any([limit.signal, this.#hurry.signal]));
    await Promise.race([this.#executor.whenIdle(this.#hurry.signal), limitReached]);
    limit.abort();
    const interrupted = this.#executor.running().length;
    if (interrupted > 0) {
      log.warn('stopping with tasks under way; they go back to the queue', { tasks: interrupted });
      await this.#executor.interruptAll();
    }
    await this.#hub?.stop({
      deliverForMs: this.#hurry.signal.aborted ? 0 : DELIVERY_ON_STOP_MS,
      hurry: this.#hurry.signal,
    });
    await this.#supervisor.stop();
    await this.#housekeeping.stop();
    if (this.#noticeTimer !== null) clearInterval(this.#noticeTimer);
    await sweepRunFolder(dataPaths(config.dataFolder).run, sweepProfiles, log);
    this.#activity = 'stopped';
    this.#changed();
    this.queue.endEpoch(this.#identity.epoch);
    this.#database.close();
    this.#lock.release();
  }

  #mayStart(): boolean {
    return (
      this.#options.config.taskProcessorEnabled &&
      this.#activity === 'idle' &&
      this.#store.problem === null &&
      this.#housekeeping.diskProblem === null &&
      this.#options.browsers.length > 0
    );
  }

  #problems(): string[] {
    const link = this.#hub?.link.state;
    const browserProblem =
      this.#options.browsers.length === 0 ? new LegworkError('browser_missing', 'Run `legwork doctor`.').message : null;
    const problems = [
      this.#housekeeping.diskProblem,
      this.#store.problem,
      browserProblem,
      link !== undefined && 'reason' in link ? link.reason : null,
      ...[...this.#pausedBy.values()].map((note) => `Paused: ${note}`),
    ];
    return problems.filter((problem) => problem !== null);
  }

  #diagnostics(): JsonObject {
    const { running, pendingTasks, undeliveredResults, problems, activity, epoch } = this.snapshot();
    const { total, byStatus } = this.queue.statistics();
    return {
      activity,
      epoch,
      problems,
      pendingTasks,
      undeliveredResults,
      running: running.length,
      tasks: { total, byStatus },
    };
  }

  #executorListener(): ConstructorParameters<typeof Executor>[0]['listener'] {
    return {
      onStarted: ({ task, attemptId, attemptNumber }) => {
        const { id: taskId, type, url } = task;
        this.#emit({ kind: 'started', taskId, attemptId, type, url, attempt: attemptNumber });
      },
      onProgress: ({ task, attemptId, progress }) =>
        this.#emit({ kind: 'progress', taskId: task.id, attemptId, progress }),
      onFinished: ({ task, attemptId, startedAtMs }, outcome) => {
        const durationMs = Math.max(0, this.#options.clock.nowMs() - startedAtMs);
        this.#store.succeeded();
        this.#emit({
          kind: 'finished',
          taskId: task.id,
          attemptId,
          type: task.type,
          url: task.url,
          outcome,
          durationMs,
        });
        if (task.origin === 'hub') this.#hub?.resultRecorded();
      },
      onRoom: () => this.#hub?.wishChanged(),
      onStoreFailure: (error) => this.#store.failed(error),
    };
  }

  #mayStartChanged(): void {
    if (this.#activity === 'stopped') return;
    // Others can do what this agent may not.
    if (!this.#mayStart()) this.#hub?.giveBackQueued();
    this.#executor.wake();
    this.#hub?.wishChanged();
    this.#changed();
  }

  #noticeForeignChanges(): void {
    const version = this.queue.dataVersion();
    if (version === this.#seenDataVersion) return;
    this.#seenDataVersion = version;
    this.#executor.wake();
  }

  #emit(event: AgentEvent): void {
    this.#events.emit(event);
    this.#changed();
  }

  #changed(): void {
    this.#events.emit({ kind: 'changed' });
  }
}
