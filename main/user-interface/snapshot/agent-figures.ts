import type { RecentTask, UiSnapshot } from '../../../preload/contract.ts';
import type { History } from '../../agent/history/history.ts';
import type { WaitingTask } from '../../agent/history/overview.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { KeeperEvent } from '../keeper-port.ts';
import { displayHost } from './display-host.ts';

const RECENT_TASKS = 5;
const NEXT_TASKS = 5;
/** Today's numbers follow the events; every so often they are read anew, since not all that ends is told. */
const READ_AGAIN_MS = 60_000;

/** What a day's work has cost beside tasks. */
export type DayUsage = Pick<UiSnapshot['today'], 'bytesDown' | 'bytesUp' | 'browserMs'>;

/** Figures of a snapshot that the agent itself does not keep: cheap to ask for ten times a second. */
export class AgentFigures {
  readonly #clock: Clock;
  readonly #history: () => History | null;
  readonly #usageToday: () => DayUsage;
  #ended = { completed: 0, failed: 0 };
  #readAtMs = Number.NEGATIVE_INFINITY;
  #midnightMs = 0;
  #endedInRound = 0;
  #lastContactAtMs: number | null = null;

  constructor(options: { clock: Clock; history: () => History | null; usageToday: () => DayUsage }) {
    this.#clock = options.clock;
    this.#history = options.history;
    this.#usageToday = options.usageToday;
  }

  /** Learns from what happens. */
  take(event: KeeperEvent): void {
    if (event.kind === 'ended') this.#endedInRound += 1;
    if (event.kind === 'keeper') this.#readAtMs = Number.NEGATIVE_INFINITY;
    if (event.kind !== 'finished' || (event.outcome !== 'completed' && event.outcome !== 'failed')) return;
    this.#ended[event.outcome] += 1;
    this.#endedInRound += 1;
  }

  /** Tasks that have ended since the agent was last idle. */
  endedInRound(isIdle: boolean): number {
    if (isIdle) this.#endedInRound = 0;
    return this.#endedInRound;
  }

  /** To the minute while the hub answers, so that time alone makes no new snapshot. */
  lastContactAtMs(isConnected: boolean): number | null {
    if (isConnected) this.#lastContactAtMs = Math.floor(this.#clock.nowMs() / 60_000) * 60_000;
    return this.#lastContactAtMs;
  }

  today(): UiSnapshot['today'] {
    const history = this.#history();
    const midnightMs = new Date(this.#clock.nowMs()).setHours(0, 0, 0, 0);
    const isOld = this.#clock.monotonicMs() - this.#readAtMs > READ_AGAIN_MS || midnightMs !== this.#midnightMs;
    if (history !== null && isOld) {
      const { completed, failed } = history.endedSince(midnightMs);
      this.#ended = { completed, failed };
      this.#midnightMs = midnightMs;
      this.#readAtMs = this.#clock.monotonicMs();
    }
    return { ...this.#ended, ...this.#usageToday() };
  }

  recent(): RecentTask[] {
    const tasks = this.#history()?.recent(RECENT_TASKS) ?? [];
    return tasks.map(({ taskId, type, url, status, finishedAtMs }) => ({
      taskId,
      type,
      host: displayHost(url),
      outcome: status,
      finishedAtMs,
    }));
  }

  next(): WaitingTask[] {
    return this.#history()?.next(NEXT_TASKS) ?? [];
  }
}
