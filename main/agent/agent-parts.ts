import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { JsonObject } from '../protocol/fields.ts';
import type { AgentEvent } from './agent-events.ts';
import { dataPaths, taskHostSettingsOf, type AgentOptions } from './agent-options.ts';
import { attemptEvents } from './attempt-events.ts';
import { Executor } from './executor/executor.ts';
import { DEFAULT_TASK_HOST_LIMITS, TaskHostSupervisor } from './executor/task-host-supervisor.ts';
import { Housekeeping } from './housekeeping.ts';
import { HubSide } from './hub-side.ts';
import { LimitKeeper } from './limits/limit-keeper.ts';
import { BlobFolder } from './outbox/blob-folder.ts';
import { Pauses } from './pauses.ts';
import { siteLimitsOf, SitePoliteness } from './politeness/site-politeness.ts';
import type { openDatabase } from './queue/open-database.ts';
import { Queue } from './queue/queue.ts';
import { StoreHealth } from './store-health.ts';
import { keptSystemTimeZone } from './usage/calendar.ts';
import { MonthlyUsage } from './usage/monthly-usage.ts';

/** What an agent is made of. */
export interface AgentParts {
  /** With its own copies of configuration and catalogue: settings are changed in place, and read when they are needed. */
  options: AgentOptions;
  identity: { instanceId: string; epoch: number; startId: string };
  queue: Queue;
  blobs: BlobFolder;
  store: StoreHealth;
  pauses: Pauses;
  usage: MonthlyUsage;
  limits: LimitKeeper;
  supervisor: TaskHostSupervisor;
  sites: SitePoliteness;
  executor: Executor;
  housekeeping: Housekeeping;
  /** null: no hub. */
  hub: HubSide | null;
}

/** What the parts tell the agent, and ask it. */
export interface AgentCore {
  emit(event: AgentEvent): void;
  mayStart(): boolean;
  mayStartChanged(): void;
  attemptRecorded(isHubs: boolean): void;
  /** The host's limits have forbidden work for the grace time. */
  graceOver(): void;
  operatorPauses(): void;
  operatorResumes(): void;
  operatorDrains(): void;
  diagnostics(): JsonObject;
}

/** Puts an agent together, and begins its epoch in the database. Nothing runs yet. */
export function assembleAgent(
  given: AgentOptions,
  database: ReturnType<typeof openDatabase>,
  core: AgentCore,
): AgentParts {
  const config = { ...given.config };
  const catalogue = given.catalogue.copy();
  const options = { ...given, config, catalogue };
  const { clock, random, log, credentials } = options;
  const paths = dataPaths(config.dataFolder);
  const queue = new Queue({ database, clock, random, hubUrl: credentials?.hubUrl ?? null });
  const blobs = new BlobFolder(paths.blobs);
  const { instanceId, epoch, recovered } = queue.beginEpoch();
  const identity = { instanceId, epoch, startId: randomUUID() };
  if (recovered.length > 0) log.warn('tasks of an earlier start were taken back', { tasks: recovered.length });

  const store = new StoreHealth({ log, onChange: () => core.mayStartChanged() });
  const usage = new MonthlyUsage(queue.usage, config, clock);
  const limits = new LimitKeeper({
    config,
    reader: options.machine,
    usage: () => usage.current,
    running: () => executor.running().length,
    finishing: () => executor.finishing,
    onChange: (verdict) => {
      core.mayStartChanged();
      if (verdict !== null) core.emit({ kind: 'limits', limits: verdict });
    },
    onGraceOver: () => core.graceOver(),
    cpuCount: availableParallelism(),
    timeZone: keptSystemTimeZone(clock),
    clock,
    log,
  });
  const supervisor = new TaskHostSupervisor({
    launcher: options.launcher,
    settings: taskHostSettingsOf(options),
    limits: { ...DEFAULT_TASK_HOST_LIMITS, memoryBytes: config.taskHostMemoryLimitBytes },
    clock,
    log,
  });
  const sites = new SitePoliteness({ limits: () => siteLimitsOf(config), notes: queue, clock, log });
  const executor: Executor = new Executor({
    queue,
    supervisor,
    catalogue,
    vault: options.vault,
    clock,
    log,
    listener: attemptEvents(clock, {
      emit: (event) => core.emit(event),
      onRecorded: (isHubs) => core.attemptRecorded(isHubs),
      onRoom: () => hub?.wishChanged(),
      onStoreFailure: (error) => store.failed(error),
    }),
    maxConcurrent: () => limits.maxConcurrent(),
    maxTaskMs: () => config.maxTaskMs,
    mayStart: () => core.mayStart(),
    sites,
    epoch,
  });
  const housekeeping = new Housekeeping({
    queue,
    blobs,
    config,
    databaseFile: paths.database,
    epoch,
    runningAttemptIds: () => executor.runningAttemptIds(),
    onChange: () => core.mayStartChanged(),
    onRequeued: () => executor.wake(),
    clock,
    log,
  });
  const hub: HubSide | null =
    credentials === null
      ? null
      : new HubSide({
          ...options,
          credentials,
          identity,
          queue,
          blobs,
          executor,
          mayStart: () => core.mayStart(),
          maxConcurrent: () => limits.maxConcurrent(),
          readings: () => limits.readings,
          emit: (event) => core.emit(event),
          onPause: () => core.operatorPauses(),
          onResume: () => core.operatorResumes(),
          onDrain: () => core.operatorDrains(),
          diagnostics: () => core.diagnostics(),
        });
  const pauses = new Pauses(queue, clock);
  return {
    options,
    identity,
    queue,
    blobs,
    store,
    pauses,
    usage,
    limits,
    supervisor,
    sites,
    executor,
    housekeeping,
    hub,
  };
}
