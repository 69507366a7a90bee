import { describeError } from '../protocol/describe-error.ts';
import { LegworkError } from '../protocol/error-table.ts';
import { taskErrorOf } from '../protocol/task-error.ts';
import { AgentEvents, type AgentActivity, type AgentEvent, type AgentSnapshot } from './agent-events.ts';
import { dataPaths, taskHostSettingsOf, type AgentOptions } from './agent-options.ts';
import { assembleAgent, type AgentParts } from './agent-parts.ts';
import { diagnosticsOf, problemsOf, snapshotOf } from './agent-snapshot.ts';
import { deleteWork } from './delete-work.ts';
import { checkLiveSettings } from './live-settings.ts';
import type { BlobFolder } from './outbox/blob-folder.ts';
import type { Pauser } from './pauses.ts';
import type { SlowSite } from './politeness/site-politeness.ts';
import type { FolderLock } from './queue/lock-data-folder.ts';
import type { openDatabase } from './queue/open-database.ts';
import type { Queue } from './queue/queue.ts';
import type { EnqueuedTask, NewTask } from './queue/task.ts';
import type { LeaveReport } from './server/hub-link.ts';
import { sweepRunFolder } from './sweep-run-folder.ts';

const NOTICE_INTERVAL_MS = 2_000;
const DELIVERY_ON_STOP_MS = 10_000;

/** A task as the host of this machine asks for it; its payload is checked against its type. */
export type TaskOfHost = { type: string; payload: unknown } & Pick<NewTask, 'priority' | 'maxAttempts' | 'uniqueKey'>;

/**
 * The agent core: owns the queue, executes what is in it, and keeps in touch with the hub. The same object runs inside
 * the desktop shell and headless.
 */
export class Agent {
  readonly queue: Queue;
  readonly blobs: BlobFolder;
  readonly #lock: FolderLock;
  readonly #database: ReturnType<typeof openDatabase>;
  readonly #events: AgentEvents;
  readonly #parts: AgentParts;
  #phase: 'starting' | 'running' | 'draining' | 'stopped' = 'starting';
  #leaving: { wipe: boolean; report: LeaveReport } | null = null;
  #noticeTimer: NodeJS.Timeout | null = null;
  #seenDataVersion = -1;
  #stopping: Promise<void> | null = null;
  readonly #hurry = new AbortController();

  /** Use `startAgent` of start-agent.ts. */
  constructor(options: AgentOptions, lock: FolderLock, database: ReturnType<typeof openDatabase>) {
    const { log } = options;
    this.#lock = lock;
    this.#database = database;
    this.#events = new AgentEvents((error) => log.error('a listener failed', { problem: describeError(error) }));
    this.#parts = assembleAgent(options, database, {
      emit: (event) => this.#emit(event),
      mayStart: () => this.#mayStart(),
      mayStartChanged: () => this.#mayStartChanged(),
      attemptRecorded: (isHubs) => this.#attemptRecorded(isHubs),
      graceOver: () => void this.#interruptAll().then(() => this.#parts.supervisor.endWhenIdle()),
      operatorPauses: () => this.pause('operator', 'the operator has paused this agent'),
      operatorResumes: () => this.resume('operator'),
      operatorDrains: () => void this.stop('drain'),
      diagnostics: () => diagnosticsOf(this.#parts, this.activity),
    });
    this.queue = this.#parts.queue;
    this.blobs = this.#parts.blobs;
  }

  /** Listens to what happens. @returns the function that ends the subscription */
  subscribe(listener: (event: AgentEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  /** Starts everything, once it is known whether the disk has room. */
  async start(): Promise<void> {
    await this.#parts.housekeeping.checkDisk();
    this.#parts.housekeeping.start();
    this.queue.usage.forgetOld();
    await this.#parts.limits.start();
    if (this.#parts.options.config.taskProcessorEnabled) this.#parts.executor.start();
    this.#parts.hub?.start();
    // Another process may have put a task into the database: `legwork enqueue --local`.
    this.#noticeTimer = setInterval(() => this.#noticeForeignChanges(), NOTICE_INTERVAL_MS);
    this.#phase = 'running';
    this.#mayStartChanged();
  }

  /** What the agent is doing; cheaper than a whole snapshot. */
  get activity(): AgentActivity {
    if (this.#phase !== 'running') return this.#phase;
    if (this.#parts.pauses.isPaused) return 'paused';
    return this.#parts.executor.running().length > 0 ? 'working' : 'idle';
  }

  /** The snapshot's `problems`; cheaper than a whole snapshot. */
  get problems(): string[] {
    return problemsOf(this.#parts);
  }

  snapshot(): AgentSnapshot {
    return snapshotOf(this.#parts, this.activity);
  }

  /**
   * Puts a task of this machine into the queue.
   * @throws LegworkError `unknown_type`, `invalid_payload`, `disk_full`
   */
  enqueue(task: TaskOfHost): EnqueuedTask {
    const enqueued = this.queue.enqueue(this.#newTask(task));
    this.#enqueued();
    return enqueued;
  }

  /** Puts all of the tasks into the queue or, when one of them is wrong, none. @throws LegworkError as `enqueue` */
  enqueueAll(tasks: readonly TaskOfHost[]): EnqueuedTask[] {
    const enqueued = this.queue.enqueueBatch(tasks.map((task) => this.#newTask(task)));
    this.#enqueued();
    return enqueued;
  }

  /** Stops a task, whether it waits or runs; the hub hears of it when it is the hub's. False when it has ended. */
  cancel(taskId: string): boolean {
    const error = taskErrorOf(new LegworkError('cancelled_by_host'));
    const stopped = this.queue.cancel(taskId, error);
    if (stopped === null) return false;
    this.#parts.executor.abandon(taskId, error);
    this.#emit({ kind: 'ended', taskId, error });
    this.#parts.hub?.resultRecorded();
    return true;
  }

  /** Runs an ended task again by hand, in its place or as a new one (see Queue.retry). null: none such, or not ended. */
  retry(taskId: string): EnqueuedTask | null {
    const again = this.queue.retry(taskId);
    if (again === null) return null;
    this.#parts.executor.wake();
    this.#changed();
    return again;
  }

  /** Takes back tasks that are marked as running although nobody executes them. @returns how many */
  resetStuck(): number {
    return this.#parts.housekeeping.resetStuck();
  }

  /** Removes what is too old to be kept, as is done from time to time anyway. @returns how many tasks */
  cleanUp(): Promise<number> {
    return this.#parts.housekeeping.cleanUp();
  }

  /** Sites that have asked for fewer visits and are left alone. */
  slowSites(): SlowSite[] {
    return this.#parts.sites.slowSites();
  }

  /**
   * Starts nothing new and gives waiting tasks back to the hub; what runs goes on. Kept over a restart.
   * @param untilMs when it ends by itself, Unix milliseconds; null: when it is lifted
   */
  pause(by: Pauser, note: string, untilMs: number | null = null): void {
    if (this.#phase === 'draining' || this.#phase === 'stopped') return;
    try {
      this.#parts.pauses.pause(by, note, untilMs);
    } finally {
      this.#mayStartChanged();
    }
  }

  /** Lifts a pause. Work goes on when nobody else has paused it. */
  resume(by: Pauser): void {
    if (this.#parts.pauses.lift(by)) this.#mayStartChanged();
  }

  /** Interrupts everything that runs, at once, gives all of the hub's tasks back, and pauses. */
  async stopAllNow(note = 'everything was stopped on this machine'): Promise<void> {
    this.pause('host', note);
    await this.#interruptAll();
  }

  /**
   * Changes settings that apply at once (LIVE_SETTING_KEYS). Keeping them is the caller's.
   * @param values by name; undefined stands for the default
   * @throws ConfigurationError with a line for each wrong one; nothing is changed then
   */
  changeSettings(values: Readonly<Record<string, unknown>>): void {
    const { config, catalogue } = this.#parts.options;
    const hostSettings = (): string => JSON.stringify(taskHostSettingsOf(this.#parts.options));
    const [hostBefore, typesBefore] = [hostSettings(), config.disabledTaskTypes.join()];
    Object.assign(config, checkLiveSettings(values, catalogue.names()));
    if (hostSettings() !== hostBefore) this.#parts.supervisor.changeSettings(taskHostSettingsOf(this.#parts.options));
    if (config.disabledTaskTypes.join() !== typesBefore) {
      catalogue.switchOff(config.disabledTaskTypes);
      this.#parts.hub?.abilitiesChanged();
    }
    this.#parts.limits.decide();
    this.#mayStartChanged();
  }

  /**
   * Leaves the hub for good and ends this agent, which cannot work for it any more: interrupts what runs, delivers what
   * is ready (unless it is wiped), gives every lease back and has the secret revoked. Forgetting it is the caller's.
   * @param options.wipe deletes tasks, results and usage from this machine
   */
  async leaveHub(options: { wipe: boolean }): Promise<LeaveReport> {
    const error = new LegworkError('internal', 'This agent has no hub, or was stopping already.');
    const leaving = (this.#leaving ??= { ...options, report: { heard: false, error } });
    await this.stop('now');
    return leaving.report;
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
    const { config, clock, log, sweepProfiles } = this.#parts.options;
    this.#phase = 'draining';
    this.#parts.executor.stopAccepting();
    this.#parts.hub?.giveBackQueued();
    this.#changed();
    const limit = new AbortController();
    const limitReached = clock.sleep(config.drainLimitMs, AbortSignal.any([limit.signal, this.#hurry.signal]));
    await Promise.race([this.#parts.executor.whenIdle(this.#hurry.signal), limitReached]);
    limit.abort();
    const interrupted = this.#parts.executor.running().length;
    if (interrupted > 0) {
      log.warn('stopping with tasks under way; they go back to the queue', { tasks: interrupted });
      await this.#parts.executor.interruptAll();
    }
    await this.#endHub();
    await this.#parts.limits.stop();
    await this.#parts.supervisor.stop();
    await this.#parts.housekeeping.stop();
    if (this.#noticeTimer !== null) clearInterval(this.#noticeTimer);
    await sweepRunFolder(dataPaths(config.dataFolder).run, sweepProfiles, log);
    this.#phase = 'stopped';
    this.#changed();
    this.queue.endEpoch(this.#parts.identity.epoch);
    this.#database.close();
    if (this.#leaving?.wipe === true) await deleteWork(dataPaths(config.dataFolder));
    this.#lock.release();
  }

  async #endHub(): Promise<void> {
    const hurry = this.#hurry.signal;
    const leaving = this.#leaving;
    if (leaving === null) {
      await this.#parts.hub?.stop({ deliverForMs: hurry.aborted ? 0 : DELIVERY_ON_STOP_MS, hurry });
    } else if (this.#parts.hub !== null) {
      leaving.report = await this.#parts.hub.leave({ deliverForMs: leaving.wipe ? 0 : DELIVERY_ON_STOP_MS });
    }
  }

  #newTask({ type, payload: given, ...task }: TaskOfHost): NewTask {
    const { catalogue, vault } = this.#parts.options;
    const payload = catalogue.parsePayload(type, given);
    const { lane } = catalogue.get(type);
    return { ...task, type, payload: vault.seal(payload), url: payload.url, lane, origin: 'local' };
  }

  #enqueued(): void {
    this.#parts.executor.wake();
    this.#changed();
  }

  #mayStart(): boolean {
    return this.#couldStart() && this.#parts.limits.verdict.mayWork;
  }

  /** Whether tasks may be started but for the host's limits. */
  #couldStart(): boolean {
    const { options, pauses, store, housekeeping } = this.#parts;
    return (
      options.config.taskProcessorEnabled &&
      this.#phase === 'running' &&
      !pauses.isPaused &&
      store.problem === null &&
      housekeeping.diskProblem === null &&
      options.browsers.length > 0
    );
  }

  #attemptRecorded(isHubs: boolean): void {
    this.#parts.store.succeeded();
    this.#parts.usage.changed();
    if (isHubs) this.#parts.hub?.resultRecorded();
    this.#parts.limits.decide();
  }

  /** Ends what runs, uncounted, and gives it back with all that waits. */
  async #interruptAll(): Promise<void> {
    await this.#parts.executor.interruptAll();
    if (this.#phase === 'running' && !this.#mayStart()) this.#parts.hub?.giveBackQueued();
  }

  #mayStartChanged(): void {
    if (this.#phase === 'starting' || this.#phase === 'stopped') return;
    // Others can do what this agent may not.
    const isShortRest = this.#couldStart() && this.#parts.limits.isShortRest;
    if (!this.#mayStart() && !isShortRest) this.#parts.hub?.giveBackQueued();
    this.#parts.executor.wake();
    this.#parts.hub?.wishChanged();
    this.#changed();
  }

  #noticeForeignChanges(): void {
    if (this.#parts.pauses.liftDue()) this.#mayStartChanged();
    const version = this.queue.dataVersion();
    if (version === this.#seenDataVersion) return;
    this.#seenDataVersion = version;
    this.#parts.executor.wake();
  }

  #emit(event: AgentEvent): void {
    this.#events.emit(event);
    this.#changed();
  }

  #changed(): void {
    this.#events.emit({ kind: 'changed' });
  }
}
