import type { LoadedConfig } from '../../agent/config/load-config.ts';
import type { TaskHostLauncher } from '../../agent/executor/task-host-port.ts';
import type { MachineReader } from '../../agent/limits/machine-readings.ts';
import type { Redactor } from '../../agent/log/redactor.ts';
import type { SecretStore } from '../../agent/secrets/secret-store.ts';
import type { Clock, Log, Random } from '../../protocol/ports.ts';
import type { AgentConfig } from '../../agent/config/config-schema.ts';
import type { BrowserInformation } from '../../protocol/task-host-messages.ts';

/** What a keeper is given by the program that it runs in. */
export interface KeeperOptions {
  /** The configuration as it is now. */
  loaded: LoadedConfig;
  /** Reads flags, environment and file anew; another file in the place of the configured one when a path is given. */
  loadConfig: (file: string | null) => Promise<LoadedConfig>;
  /** The file that changed settings are written to. */
  configFile: string;
  secrets: SecretStore;
  launcher: TaskHostLauncher;
  /** Makes the reader of an agent's limits; each agent ends its own. */
  createMachineReader: () => MachineReader;
  /** Registers secrets, so that no log has them. */
  redactor: Redactor;
  /** The browsers of this machine with these settings. @throws LegworkError `browser_missing` */
  findBrowsers: (config: AgentConfig) => Promise<BrowserInformation[]>;
  /** Whether Chromium's own sandbox is used. @throws CommandError `noSandbox` */
  decideSandbox: (config: AgentConfig, browsers: readonly BrowserInformation[]) => Promise<{ sandbox: boolean }>;
  /** Ports on which this program listens itself, asked for each agent: no page reaches them. */
  ownPorts?: () => readonly number[];
  /** Told of a failed agent that cannot be ended: only a new process can go on. */
  giveUp: (error: unknown) => void;
  clock: Clock;
  random: Random;
  log: Log;
}
