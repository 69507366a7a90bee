import { describeError } from '../protocol/describe-error.ts';
import { LegworkError } from '../protocol/error-table.ts';
import type { JsonObject, Lane } from '../protocol/fields.ts';
import type { GoodbyeRequest } from '../protocol/goodbye.ts';
import type { Command } from '../protocol/request-work.ts';
import { assertNever } from '../protocol/assert-never.ts';
import { taskErrorOf } from '../protocol/task-error.ts';
import type { AgentOptions } from './agent-options.ts';
import type { AgentEvent } from './agent-events.ts';
import type { Executor } from './executor/executor.ts';
import type { BlobFolder } from './outbox/blob-folder.ts';
import { LeasedTasks } from './leased-tasks.ts';
import { DeliveryLoop } from './outbox/delivery-loop.ts';
import type { MachineReadings } from './limits/machine-readings.ts';
import type { Queue } from './queue/queue.ts';
import type { Credentials } from './secrets/credentials.ts';
import { HeartbeatLoop } from './server/heartbeat-loop.ts';
import { parseHubAddress } from './server/hub-address.ts';
import { HubClient } from './server/hub-client.ts';
import { HubGate } from './server/hub-gate.ts';
import { HubLink, type LeaveReport } from './server/hub-link.ts';
import type { HttpTransport } from './server/http-transport.ts';
import { WorkerSecret } from './server/worker-secret.ts';
import { WorkLoop, type WorkWish } from './server/work-loop.ts';
import { capacityToAskFor } from './work-wish.ts';

interface HubSideOptions extends Omit<AgentOptions, 'credentials'> {
  credentials: Credentials;
  identity: { instanceId: string; epoch: number; startId: string };
  queue: Queue;
  blobs: BlobFolder;
  executor: Executor;
  mayStart: () => boolean;
  maxConcurrent: () => number;
  readings: () => MachineReadings;
  emit: (event: AgentEvent) => void;
  onPause: () => void;
  onResume: () => void;
  onDrain: () => void;
  diagnostics: () => JsonObject;
}

const GOODBYE_TIMEOUT_MS = 3_000;
const LEAVE_TIMEOUT_MS = 10_000;
/** Nobody has used the machine for this long: so the hub is told that it is idle. */
const IDLE_MS = 300_000;
/** Until a handshake has said what the hub takes. */
const DEFAULT_LIMITS = { maxChunkBytes: 1024 * 1024, maxBlobBytes: 256 * 1024 * 1024, maxInlineBlobBytes: 0 };

/** Everything between the agent and its hub: the loops, and what their answers do to the queue. */
export class HubSide {
  readonly link: HubLink;
  readonly #options: HubSideOptions;
  readonly #transport: HttpTransport;
  readonly #workLoop: WorkLoop;
  readonly #heartbeatLoop: HeartbeatLoop;
  readonly #deliveryLoop: DeliveryLoop;
  readonly #leased: LeasedTasks;
  readonly #secret: WorkerSecret;
  readonly #stopRequests = new AbortController();
  readonly #stopDelivery = new AbortController();
  #running: Promise<unknown>[] = [];
  #wantsDiagnostics = false;
  #returned: GoodbyeRequest['returnedLeases'] = [];

  constructor(options: HubSideOptions) {
    const { clock, log, random, queue, config, catalogue } = options;
    this.#options = options;
    this.#secret = new WorkerSecret({ credentials: options.credentials, save: options.saveSecret, log });
    const address = parseHubAddress(options.credentials.hubUrl, { allowPlainHttp: config.allowPlainHttp });
    this.#transport = options.connect(address.origin);
    const client = new HubClient({
      transport: this.#transport,
      credentials: () => this.#secret.credentials,
      basePath: address.basePath,
      clock,
      log,
      logSigning: config.hmacDebug,
    });
    const gate = new HubGate({ clock, random });
    this.#leased = new LeasedTasks({
      ...options,
      workerId: () => this.#secret.credentials.workerId,
      onRefused: () => this.#deliveryLoop.wake(),
      onGivenBack: (leases) => this.#return(leases),
    });
    this.link = new HubLink({
      client,
      gate,
      clock,
      log,
      listener: {
        facts: () => this.#facts(),
        onState: (link) => options.emit({ kind: 'link', link }),
        onSession: (session) => {
          queue.renewLeases(session.keptLeases, clock.nowMs() + session.leaseSeconds * 1_000);
          // A lease that had run out kept its task from starting.
          options.executor.wake();
          this.#deliveryLoop.wake();
        },
        onTasks: (tasks) => {
          const created = this.#leased.accept(tasks);
          // They were on their way, or are told again, while something has come to keep them from starting.
          if (!options.mayStart()) this.giveBackQueued();
          return created;
        },
        onLostLeases: (lost) => {
          this.#leased.lose(lost);
          this.#workLoop.wishChanged();
        },
        onCommand: (command) => this.#obey(command),
      },
    });
    this.#workLoop = new WorkLoop({
      link: this.link,
      wish: () => this.#wish(),
      capacity: () => this.#capacity(),
      waitSeconds: config.waitSeconds,
    });
    this.#heartbeatLoop = new HeartbeatLoop({
      link: this.link,
      source: {
        leases: () => queue.heldLeases().map(({ leaseId, state, progress }) => ({ leaseId, state, progress })),
        takeDiagnostics: () => {
          const wanted = this.#wantsDiagnostics;
          this.#wantsDiagnostics = false;
          return wanted ? options.diagnostics() : undefined;
        },
        onRenewed: (leaseIds, expiresAtMs) => {
          queue.renewLeases(leaseIds, expiresAtMs);
          options.executor.wake();
        },
      },
    });
    this.#deliveryLoop = new DeliveryLoop({
      queue,
      blobs: options.blobs,
      client,
      gate,
      clock,
      random,
      log,
      typeVersion: (type) => catalogue.versionOf(type),
      limits: () => ({
        maxChunkBytes: this.link.session?.maxBlobChunkBytes ?? DEFAULT_LIMITS.maxChunkBytes,
        maxBlobBytes: this.link.session?.maxBlobBytes ?? DEFAULT_LIMITS.maxBlobBytes,
        maxInlineBlobBytes: this.link.session?.maxInlineBlobBytes ?? DEFAULT_LIMITS.maxInlineBlobBytes,
      }),
      onEnd: (due, end) => {
        const { taskId, attemptId } = due;
        if (end.end === 'delivered') options.emit({ kind: 'delivered', taskId, attemptId });
        else options.emit({ kind: 'refused', taskId, attemptId, code: end.code, message: end.message });
      },
    });
  }

  start(): void {
    const requests = this.#stopRequests.signal;
    this.#running = [
      this.#workLoop.run(requests),
      this.#heartbeatLoop.run(this.#stopDelivery.signal),
      this.#deliveryLoop.run(this.#stopDelivery.signal),
    ].map((loop) =>
      loop.catch((error: unknown) => {
        this.#options.log.error('a loop to the hub ended', { problem: describeError(error) });
      }),
    );
  }

  /** More or less may be asked for than before. */
  wishChanged(): void {
    this.#workLoop.wishChanged();
  }

  /** The task types that this agent does have changed: the hub hears of it in a new session. */
  abilitiesChanged(): void {
    this.giveBackQueued();
    this.link.renewSession();
    this.#workLoop.askAnew();
  }

  /** A result is waiting in the outbox. */
  resultRecorded(): void {
    this.#deliveryLoop.wake();
  }

  /** Gives the leases of tasks that have not started back to the hub; the session goes on for those that run. */
  giveBackQueued(): void {
    this.#workLoop.wishChanged();
    const queued = this.#options.queue.heldLeases().filter(({ state }) => state === 'queued');
    const leaseIds = queued.map(({ leaseId }) => leaseId);
    if (leaseIds.length === 0) return;
    const given = this.#giveBack(leaseIds);
    const returnedLeases = given.map(({ leaseId, attemptsUsed }) => ({ leaseId, attemptsUsed }));
    this.#returned = [...this.#returned, ...returnedLeases];
    this.#return(returnedLeases);
  }

  #giveBack(leaseIds: string[]): ReturnType<Queue['giveBack']> {
    try {
      return this.#options.queue.giveBack(leaseIds, taskErrorOf(new LegworkError('shutdown', 'Given back.')));
    } catch (error) {
      // A full disk: the leases then run out by themselves.
      this.#options.log.warn('waiting tasks could not be given back', { problem: describeError(error) });
      return [];
    }
  }

  /** Returns leases while the session goes on; those that the hub did not hear of go with the last goodbye. */
  #return(returnedLeases: GoodbyeRequest['returnedLeases']): void {
    void this.link.goodbye({ reason: 'paused', returnedLeases }, GOODBYE_TIMEOUT_MS).then((heard) => {
      const ids = new Set(returnedLeases.map(({ leaseId }) => leaseId));
      if (heard) this.#returned = this.#returned.filter(({ leaseId }) => !ids.has(leaseId));
    });
  }

  /** Delivers what is ready for at most `deliverForMs`, gives everything else back, says goodbye. */
  async stop(options: { deliverForMs: number; hurry: AbortSignal }): Promise<void> {
    await this.#wind(options);
    await this.link.goodbye({ reason: 'stopped', returnedLeases: this.#returned }, GOODBYE_TIMEOUT_MS);
    this.#end();
  }

  /** The same, and for good; results that could not be delivered never will be. */
  async leave(options: { deliverForMs: number }): Promise<LeaveReport> {
    await this.#wind({ ...options, hurry: new AbortController().signal });
    const report = await this.link.leave(this.#returned, LEAVE_TIMEOUT_MS);
    const { queue } = this.#options;
    for (let due = queue.dueResults(100); due.length > 0; due = queue.dueResults(100)) {
      for (const { attemptId } of due) queue.markRefused(attemptId, 'left_hub', 'This machine has left the hub.');
    }
    this.#end();
    return report;
  }

  /** Ends the loops, once what can be delivered in the time is. */
  async #wind(options: { deliverForMs: number; hurry: AbortSignal }): Promise<void> {
    const { clock, queue } = this.#options;
    this.#stopRequests.abort();
    this.giveBackQueued();
    const untilMs = clock.monotonicMs() + options.deliverForMs;
    while (
      queue.outboxCount() > 0 &&
      this.link.state.state === 'connected' &&
      clock.monotonicMs() < untilMs &&
      !options.hurry.aborted
    ) {
      await clock.sleep(50, options.hurry);
    }
    this.#stopDelivery.abort();
    await Promise.all(this.#running);
    await this.link.acknowledge(GOODBYE_TIMEOUT_MS);
  }

  #end(): void {
    this.link.end();
    this.#transport.close();
  }

  #facts(): ReturnType<ConstructorParameters<typeof HubLink>[0]['listener']['facts']> {
    const held = this.#options.queue.heldLeases();
    return {
      ...this.#options.identity,
      browsers: this.#options.browsers,
      catalogue: this.#options.catalogue,
      heldLeases: held.filter(({ state }) => state !== 'delivering').map(({ leaseId }) => leaseId),
      unsentResults: held.flatMap(({ state, leaseId, attemptId }) =>
        state === 'delivering' && attemptId !== null ? [{ leaseId, attemptId }] : [],
      ),
    };
  }

  #capacity(): WorkWish['capacity'] {
    const { queue, executor, maxConcurrent, mayStart } = this.#options;
    const held: Record<Lane, number> = queue.pendingCounts();
    for (const { task } of executor.running()) held[task.lane] += 1;
    const setAside = queue.setAsideCounts();
    return capacityToAskFor({ maxConcurrent: maxConcurrent(), held, setAside, stopped: !mayStart() });
  }

  #wish(): WorkWish {
    const { queue, catalogue } = this.#options;
    const { onBattery, idleMs } = this.#options.readings();
    return {
      capacity: this.#capacity(),
      types: catalogue.list().map(({ name }) => name),
      heldLeases: queue.heldLeases().map(({ leaseId }) => leaseId),
      power: { onBattery, idle: idleMs === null ? null : idleMs >= IDLE_MS },
    };
  }

  async #obey({ command }: Command): Promise<void> {
    this.#options.log.info('the hub asks for something', { command });
    switch (command) {
      case 'pause':
        this.#options.onPause();
        break;
      case 'resume':
        this.#options.onResume();
        break;
      case 'drain':
        this.#options.onDrain();
        break;
      case 'send_diagnostics':
        this.#wantsDiagnostics = true;
        this.#heartbeatLoop.wake();
        break;
      case 'rotate_secret':
        await this.#secret.rotate(this.link.client, this.link.session?.sessionId ?? '');
        break;
      default:
        assertNever(command, 'command');
    }
  }
}
