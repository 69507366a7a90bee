import type { CallAnswer, SettingDescription } from '../../preload/contract.ts';
import type { Agent } from '../agent/agent.ts';
import type { AgentEvent } from '../agent/agent-events.ts';
import type { AgentConfig } from '../agent/config/config-schema.ts';
import type { Credentials } from '../agent/secrets/credentials.ts';
import type { PayloadVault } from '../protocol/payload-vault.ts';
import type { BrowserInformation } from '../protocol/task-host-messages.ts';
import type { TaskType } from '../protocol/task-type.ts';

/**
 * - `starting`, `running`, `stopped`: of the present agent; `stopped` also when it ended at the operator's wish.
 * - `restarting`: it ends, and another one is started.
 * - `stopping`: the program ends.
 * - `failed`: there is none, and `failure` says why.
 */
export type KeeperPhase = 'starting' | 'running' | 'restarting' | 'stopping' | 'stopped' | 'failed';

/** Why no agent runs. */
export interface KeeperFailure {
  /** `crashed`, `no_sandbox`, `configuration`, `secret_store`, a code of StoreError, or one of the error table. */
  code: string;
  /** For people, without a stack. */
  sentence: string;
  /** When it is started again by itself; null: not before somebody acts. */
  retryAtMs: number | null;
}

/** What happens in whichever agent runs, and to the keeper itself. */
export type KeeperEvent = AgentEvent | { kind: 'keeper' };

/** What an agent is built from that a person can see and change. */
export interface KeptSettings {
  readonly config: AgentConfig;
  /** null: it works without a hub. */
  readonly credentials: Credentials | null;
  readonly browsers: readonly BrowserInformation[];
}

/** Holds the agent of a program: builds it, starts it anew when it must be, and outlives its failures. */
export interface AgentKeeper {
  /** The present agent; null while there is none. */
  readonly agent: Agent | null;
  readonly phase: KeeperPhase;
  readonly failure: KeeperFailure | null;
  /** Why it is being stopped, for people; null while it is not. */
  readonly stoppingReason: string | null;
  readonly settings: KeptSettings;
  /** All types that this program knows, those that are switched off included. */
  readonly taskTypes: readonly TaskType[];
  /** null before the secret store was opened. */
  readonly vault: PayloadVault | null;
  /** @returns the function that ends the subscription */
  subscribe(listener: (event: KeeperEvent) => void): () => void;
  /** Starts an agent where none runs; nothing happens where one does. */
  start(): Promise<void>;
  /** Ends the agent, for good; again with `now` to cut a drain short. */
  stop(how: 'drain' | 'now', reason: string): Promise<void>;

  describeSettings(): SettingDescription[];
  /** Checks, keeps and applies settings. @throws LegworkError when they cannot be written */
  changeSettings(values: Readonly<Record<string, unknown>>): Promise<CallAnswer<'changeSettings'>>;
  /** The browsers of this machine that tasks could be done with. */
  installedBrowsers(): Promise<{ name: string; version: string; path: string }[]>;
  /** Uses one of them from now on. @throws UserInterfaceError when it is none */
  useBrowser(path: string): Promise<void>;
  /** Looks for browsers anew, and uses what is found. */
  browsersChanged(): Promise<void>;
  /** Exchanges a token for a worker and starts the agent with it. @throws UserInterfaceError */
  enrol(offer: { hubUrl: string; token: string }): Promise<void>;
  /** Leaves the hub; `wipe` deletes tasks and results. @throws UserInterfaceError */
  leaveHub(wipe: boolean): Promise<void>;

  readonly isFirstRun: boolean;
  finishFirstRun(): Promise<void>;
}
