import type { Progress, TaskError } from '../protocol/fields.ts';
import type { ConcurrencyState, LimitVerdict } from './limits/limit-verdict.ts';
import type { LinkState } from './server/hub-link.ts';
import type { MonthUsage } from './usage/usage-amounts.ts';

/** What the agent as a whole is doing. */
export type AgentActivity = 'starting' | 'idle' | 'working' | 'paused' | 'draining' | 'stopped';

/** Everything that a screen shows of the agent at one moment. */
export interface AgentSnapshot {
  activity: AgentActivity;
  link: LinkState;
  hubUrl: string | null;
  workerId: string | null;
  instanceId: string;
  epoch: number;
  /** Whether Chromium runs in its own sandbox; false only where the host has allowed to do without. */
  sandbox: boolean;
  /** What keeps the agent from working as it should, in sentences for people; empty when all is well. */
  problems: string[];
  /** The same by its cause, for who has own words or a picture for it; null or 0 where all is well. */
  health: {
    /** The disk is too full for results. */
    disk: string | null;
    /** The store refused a change. */
    store: string | null;
    isBrowserMissing: boolean;
    /** The hub's clock minus this machine's, milliseconds; 0 while the hub accepts ours. */
    clockOffsetMs: number;
  };
  running: {
    taskId: string;
    attemptId: string;
    attemptNumber: number;
    type: string;
    url: string;
    startedAtMs: number;
    progress: Progress;
  }[];
  pendingTasks: number;
  undeliveredResults: number;
  /** Who has paused the agent; each lifts only the own pause. Empty when it is not paused. */
  pausedBy: ('host' | 'operator')[];
  /** When the pause ends by itself, Unix milliseconds; null when somebody must lift it, or when it is not paused. */
  pausedUntilMs: number | null;
  /** What the first of those who have paused it said; null when it is not paused. */
  pauseNote: string | null;
  /** Whether the host's limits let work start, and why not. */
  limits: LimitVerdict;
  concurrency: ConcurrencyState;
  /** What this month's work has cost. */
  usage: MonthUsage;
}

/** What happens in the agent, in the order in which it happens. */
export type AgentEvent =
  | { kind: 'changed' }
  | { kind: 'link'; link: LinkState }
  | { kind: 'leased'; taskId: string; type: string; url: string }
  | { kind: 'started'; taskId: string; attemptId: string; type: string; url: string; attempt: number }
  | { kind: 'progress'; taskId: string; attemptId: string; progress: Progress }
  | {
      kind: 'finished';
      taskId: string;
      attemptId: string;
      type: string;
      url: string;
      outcome: 'completed' | 'failed' | 'retry' | 'interrupted' | 'ignored';
      durationMs: number;
    }
  | { kind: 'ended'; taskId: string; error: TaskError }
  | { kind: 'delivered'; taskId: string; attemptId: string }
  | { kind: 'refused'; taskId: string; attemptId: string; code: string; message: string }
  | { kind: 'limits'; limits: LimitVerdict };

/** Passes events to whoever listens; a listener that throws does not keep the others from hearing. */
export class AgentEvents {
  readonly #listeners = new Set<(event: AgentEvent) => void>();
  readonly #onListenerError: (error: unknown) => void;

  constructor(onListenerError: (error: unknown) => void) {
    this.#onListenerError = onListenerError;
  }

  /** @returns the function that ends the subscription */
  subscribe(listener: (event: AgentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: AgentEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}
