import { rm } from 'node:fs/promises';
import {
  type CallHandlers,
  type CallOutcome,
  type EnrolmentOffer,
  type EventData,
  type EventName,
  EVENT_NAMES,
  type UiSnapshot,
} from '../../preload/contract.ts';
import { freeDiskBytes } from '../agent/free-disk.ts';
import type { RecentLine, RecentLines } from '../agent/log/recent-lines.ts';
import type { Clock, Log } from '../protocol/ports.ts';
import { LEGWORK_VERSION } from '../protocol/version.ts';
import { answerCall } from './answer-call.ts';
import { type ServedBlob, serveBlob } from './blobs/serve-blob.ts';
import type { CallContext } from './calls/call-context.ts';
import { artefactsFolder } from './calls/open-artefacts.ts';
import { historyCalls } from './calls/history-calls.ts';
import { settingsCalls } from './calls/settings-calls.ts';
import { shellCalls } from './calls/shell-calls.ts';
import { StageTimes } from './calls/stage-times.ts';
import { workCalls } from './calls/work-calls.ts';
import { inspectEnrolment } from './enrolment/inspect-enrolment.ts';
import { EventBatch } from './event-batch.ts';
import type { AgentKeeper, KeeperEvent } from './keeper-port.ts';
import { HistoryDoor } from './open-history.ts';
import type { ShellPort } from './shell-port.ts';
import { AgentFigures } from './snapshot/agent-figures.ts';
import { buildSnapshot } from './snapshot/build-snapshot.ts';
import type { SnapshotInputs } from './snapshot/snapshot-inputs.ts';
import { SnapshotFeed } from './snapshot/snapshot-feed.ts';

const DISK_CHECK_MS = 30_000;
const HISTORY_INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 250;

/** What a window or a tray is told. */
export type UiEventListener = <Name extends EventName>(name: Name, data: EventData<Name>) => void;

/** Answers everything that a user interface asks of an agent, and tells it what happens; over whichever transport. */
export interface UserInterface {
  readonly handlers: CallHandlers;
  /** Answers a call of a transport. Never rejects. */
  answer(name: string, argument: unknown): Promise<CallOutcome>;
  /** A part of a result; null for a path that is none. */
  serveBlob(path: string): Promise<ServedBlob | null>;
  snapshot(): UiSnapshot;
  /** @returns the function that ends the subscription */
  subscribe(listener: UiEventListener): () => void;
  /** Has the person asked about a link that was followed. @throws UserInterfaceError when it is no whole link */
  offerEnrolment(link: string): EnrolmentOffer;
  /** Has a view shown, such as `/history`. */
  navigate(path: string): void;
  close(): void;
}

export interface UserInterfaceOptions {
  keeper: AgentKeeper;
  shell: ShellPort;
  /** The newest lines of the log. */
  lines: RecentLines;
  /** The doctor's results for diagnostics, as JSON can carry them; null where there is no doctor. */
  doctor: (() => Promise<unknown>) | null;
  clock: Clock;
  log: Log;
}

/** Puts a user interface together. */
export function createUserInterface(options: UserInterfaceOptions): UserInterface {
  const { keeper, shell, clock, log } = options;
  const history = new HistoryDoor(keeper, clock);
  const figures = new AgentFigures({ clock, history: () => history.present(), usageToday: () => usageToday(keeper) });
  const disk = new DiskWatch(keeper, clock);
  const feed = new SnapshotFeed({
    clock,
    build: () => buildSnapshot(snapshotInputs({ keeper, shell, clock, figures, freeDiskBytes: disk.freeBytes })),
  });
  const stages = new StageTimes(() => clock.nowMs());
  const context: CallContext = { ...options, history, feed, stages };
  const handlers: CallHandlers = {
    ...workCalls(context),
    ...historyCalls(context),
    ...settingsCalls(context),
    ...shellCalls(context),
  };
  // Copies that somebody looked at in an earlier start.
  void rm(artefactsFolder(keeper.settings.config.dataFolder), { recursive: true, force: true }).catch(() => undefined);
  const listeners = new Set<UiEventListener>();
  const tell: UiEventListener = (name, data) => {
    for (const listener of listeners) listener(name, data);
  };
  const changedTasks = new EventBatch<string>({
    clock,
    intervalMs: HISTORY_INTERVAL_MS,
    maxItems: 2_000,
    tell: (ids) => tell('historyChanged', { taskIds: [...new Set(ids)] }),
  });
  const newLines = new EventBatch<RecentLine>({
    clock,
    intervalMs: LOG_INTERVAL_MS,
    maxItems: 500,
    tell: (lines) => tell('logLines', lines),
  });
  const ends = [
    keeper.subscribe((event) => {
      figures.take(event);
      stages.take(event);
      const taskId = taskOf(event);
      if (taskId !== null && listeners.size > 0) changedTasks.add(taskId);
      if (event.kind === 'keeper' && keeper.agent === null) history.close();
      feed.changed();
    }),
    shell.subscribe(() => feed.changed()),
    disk.watch(() => feed.changed()),
    options.lines.subscribe((line) => {
      if (listeners.size > 0) newLines.add(line);
    }),
    feed.subscribe((snapshot) => tell('snapshot', snapshot)),
  ];

  return {
    handlers,
    answer: (name, argument) => answerCall(handlers, name, argument, log),
    serveBlob: (path) => serveBlob(path, { keeper, history }),
    snapshot: () => feed.present(),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    offerEnrolment(link) {
      const { token, ...offer } = inspectEnrolment(link, keeper.settings.credentials?.hubUrl ?? null);
      if (token !== null) tell('enrolmentOffered', { ...offer, token });
      return offer;
    },
    navigate: (path) => tell('navigate', { path }),
    close() {
      for (const end of ends) end();
      listeners.clear();
      for (const part of [feed, changedTasks, newLines, history]) part.close();
    },
  };
}

export { EVENT_NAMES };

/** The task whose attempts are others now; null when none is. */
function taskOf(event: KeeperEvent): string | null {
  switch (event.kind) {
    case 'started':
    case 'finished':
    case 'ended':
    case 'delivered':
    case 'refused':
    case 'leased':
      return event.taskId;
    default:
      return null;
  }
}

function usageToday({ agent }: AgentKeeper): ReturnType<ConstructorParameters<typeof AgentFigures>[0]['usageToday']> {
  if (agent === null || agent.activity === 'stopped') return { bytesDown: 0, bytesUp: 0, browserMs: 0 };
  const { bytesDown, bytesUp, browserTimeMs } = agent.queue.usage.today();
  return { bytesDown, bytesUp, browserMs: browserTimeMs };
}

function snapshotInputs({
  keeper,
  shell,
  clock,
  figures,
  freeDiskBytes: freeBytes,
}: {
  keeper: AgentKeeper;
  shell: ShellPort;
  clock: Clock;
  figures: AgentFigures;
  freeDiskBytes: number | null;
}): SnapshotInputs {
  const { settings, phase, failure, stoppingReason } = keeper;
  const isOpen = keeper.agent !== null && keeper.agent.activity !== 'stopped';
  const agent = isOpen ? (keeper.agent?.snapshot() ?? null) : null;
  const isIdle = agent !== null && agent.running.length === 0 && agent.pendingTasks === 0;
  return {
    atMs: clock.nowMs(),
    version: LEGWORK_VERSION,
    platform: process.platform,
    isFirstRun: keeper.isFirstRun,
    phase,
    failure,
    stoppingReason,
    agent,
    hub:
      settings.credentials === null
        ? null
        : { url: settings.credentials.hubUrl, workerId: settings.credentials.workerId },
    hasIncompleteHub: isHubIncomplete(settings),
    takesWork: settings.config.taskProcessorEnabled,
    lastContactAtMs: figures.lastContactAtMs(agent?.link.state === 'connected'),
    lanes: Object.fromEntries(keeper.taskTypes.map(({ name, lane }) => [name, lane])),
    round: { ended: figures.endedInRound(isIdle) },
    next: figures.next(),
    recent: figures.recent(),
    today: figures.today(),
    freeDiskBytes: freeBytes,
    minimumFreeDiskBytes: settings.config.minimumFreeDiskBytes,
    browsers: settings.browsers,
    shell: {
      kind: shell.kind,
      secretStore: shell.secretStore,
      startAtLogin: shell.startAtLogin(),
      browserDownload: shell.browserDownload(),
      newerBrowserVersion: shell.newerBrowserVersion(),
      update: shell.update(),
    },
  };
}

/** A hub is configured, but not who this machine is there. */
function isHubIncomplete({ config, credentials }: AgentKeeper['settings']): boolean {
  return credentials === null && (config.hubUrl !== null || config.workerId !== null || config.secret !== null);
}

/** Looks from time to time how much room is left. */
class DiskWatch {
  freeBytes: number | null = null;
  readonly #keeper: AgentKeeper;
  readonly #clock: Clock;

  constructor(keeper: AgentKeeper, clock: Clock) {
    this.#keeper = keeper;
    this.#clock = clock;
  }

  /** @returns the function that ends it */
  watch(onChange: () => void): () => void {
    const stop = new AbortController();
    void this.#repeat(onChange, stop.signal);
    return () => stop.abort();
  }

  async #repeat(onChange: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.freeBytes = await freeDiskBytes(this.#keeper.settings.config.dataFolder).catch(() => null);
      onChange();
      await this.#clock.sleep(DISK_CHECK_MS, signal);
    }
  }
}
