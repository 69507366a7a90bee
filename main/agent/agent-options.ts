import { join } from 'node:path';
import type { PayloadVault } from '../protocol/payload-vault.ts';
import type { Clock, Log, Random } from '../protocol/ports.ts';
import type { BrowserInformation, TaskHostSettings } from '../protocol/task-host-messages.ts';
import type { TaskCatalogue } from '../protocol/task-type.ts';
import type { AgentConfig } from './config/config-schema.ts';
import type { TaskHostLauncher } from './executor/task-host-port.ts';
import type { MachineReader } from './limits/machine-readings.ts';
import type { Credentials } from './secrets/credentials.ts';
import type { HttpTransport } from './server/http-transport.ts';

/** Everything of the world that the agent touches. */
export interface AgentOptions {
  config: AgentConfig;
  /** null: no hub; only tasks of this machine. */
  credentials: Credentials | null;
  /** Keeps a rotated secret durably; the old one goes on working at the hub until the new one is used. */
  saveSecret: (credentials: Credentials) => Promise<void>;
  /** Opens the connection to a hub. */
  connect: (origin: URL) => HttpTransport;
  catalogue: TaskCatalogue;
  launcher: TaskHostLauncher;
  /** The browsers that were found on this machine. */
  browsers: BrowserInformation[];
  /** Removes the profiles in a run folder with everything that belongs to them. */
  sweepProfiles: (runFolder: string) => Promise<unknown>;
  /** Chromium's own sandbox: false only where it cannot be had and the host has allowed that. */
  sandbox: boolean;
  /** Ports of this machine on which the program around the agent listens; no page reaches them, whatever is allowed. */
  ownPorts?: readonly number[];
  /** Reads power, presence, network and load for the host's limits. */
  machine: MachineReader;
  /** Keeps cookies and passwords of payloads out of the database. */
  vault: PayloadVault;
  clock: Clock;
  random: Random;
  log: Log;
}

/** Where things are in the data folder. */
export function dataPaths(dataFolder: string): { database: string; blobs: string; run: string } {
  return {
    database: join(dataFolder, 'legwork.sqlite'),
    blobs: join(dataFolder, 'blobs'),
    run: join(dataFolder, 'run'),
  };
}

/** What the task host is told, from the configuration and what was found on this machine. */
export function taskHostSettingsOf(options: AgentOptions): TaskHostSettings {
  const { config, browsers, sandbox, credentials, ownPorts = [] } = options;
  // An enrolled agent has its hub's address from there only.
  const hubUrl = credentials?.hubUrl ?? config.hubUrl;
  const paths = dataPaths(config.dataFolder);
  const pathOf = (kind: BrowserInformation['kind']): string | null =>
    browsers.find((browser) => browser.kind === kind)?.path ?? null;
  return {
    blobFolder: paths.blobs,
    runFolder: paths.run,
    chromiumPath: pathOf('chromium'),
    headlessShellPath: pathOf('headless_shell'),
    sandbox,
    backgroundPriority: config.backgroundPriority,
    userAgentSuffix: config.userAgentSuffix === 'off' ? '' : config.userAgentSuffix,
    robotsForPages: config.robotsForPages,
    network: {
      allowedPrivateHosts: config.allowedPrivateHosts,
      blockedHosts: config.blockedHosts,
      hub: hubUrl === null ? null : new URL(hubUrl).origin,
      ownPorts: [...ownPorts, ...(config.controlPort === 0 ? [] : [config.controlPort])],
      upstreamProxy: config.upstreamProxy,
    },
    pageLimits: {
      documentBytes: config.maxDocumentBytes,
      totalBytes: config.maxPageBytes,
      requests: config.maxPageRequests,
    },
    recycle: {
      afterPages: config.recycleAfterPages,
      afterMs: config.recycleAfterMs,
      memoryBytes: config.recycleMemoryBytes,
    },
  };
}
