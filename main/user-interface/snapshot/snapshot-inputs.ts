import type { BrowserState, Problem, RecentTask, UiSnapshot, UpdateState } from '../../../preload/contract.ts';
import type { AgentSnapshot } from '../../agent/agent-events.ts';
import type { WaitingTask } from '../../agent/history/overview.ts';
import type { Lane } from '../../protocol/fields.ts';
import type { KeeperFailure, KeeperPhase } from '../keeper-port.ts';

/** How far the agent has come since it was last idle. */
export interface Round {
  /** Tasks that have ended in it. */
  ended: number;
}

/** Everything that a snapshot for people is made of. */
export interface SnapshotInputs {
  atMs: number;
  version: string;
  platform: string;
  isFirstRun: boolean;
  phase: KeeperPhase;
  failure: KeeperFailure | null;
  stoppingReason: string | null;
  /** null while no agent runs. */
  agent: AgentSnapshot | null;
  /** The hub that an agent would work for; null without one. */
  hub: { url: string; workerId: string } | null;
  /** A hub is configured, but not who this machine is there. */
  hasIncompleteHub: boolean;
  /** Tasks are executed; off, finished results are delivered and nothing else. */
  takesWork: boolean;
  lastContactAtMs: number | null;
  /** By task type. */
  lanes: Readonly<Record<string, Lane>>;
  round: Round;
  next: readonly WaitingTask[];
  recent: readonly RecentTask[];
  today: UiSnapshot['today'];
  /** Free on the disk of the data folder; null while it is not known. */
  freeDiskBytes: number | null;
  minimumFreeDiskBytes: number;
  browsers: readonly { kind: 'chromium' | 'headless_shell'; version: string; path: string }[];
  shell: {
    kind: UiSnapshot['shell'];
    secretStore: UiSnapshot['secretStore'];
    startAtLogin: boolean | null;
    browserDownload: Extract<BrowserState, { state: 'downloading' | 'failed' }> | null;
    newerBrowserVersion: string | null;
    update: UpdateState;
  };
}

/** A snapshot without what numbers it. */
export type SnapshotContent = Omit<UiSnapshot, 'sequence' | 'atMs'>;

export type { Problem };
