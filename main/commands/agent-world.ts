import { fileURLToPath } from 'node:url';
import type { AgentConfig } from '../agent/config/config-schema.ts';
import { logFolder, createLog, type ClosableLog, type LogOptions } from '../agent/log/create-log.ts';
import { createRedactor, type Redactor } from '../agent/log/redactor.ts';
import { type Credentials, readCredentials } from '../agent/secrets/credentials.ts';
import { FileSecretStore, secretFilePath } from '../agent/secrets/file-secret-store.ts';
import { browsersFolder } from '../browser/chromium-download/browser-folder.ts';
import { findChromium } from '../browser/find-chromium.ts';
import { secretsOfUpstreamProxy } from '../protocol/network/upstream-proxy.ts';
import type { BrowserInformation } from '../protocol/task-host-messages.ts';

/** What every command that works with the agent's data folder needs. */
export interface AgentWorld {
  config: AgentConfig;
  secrets: FileSecretStore;
  /** Null when this machine has neither been enrolled nor given a worker and a secret. */
  credentials: Credentials | null;
  redactor: Redactor;
}

/**
 * Reads the credentials and registers every secret with a redactor. Writes nothing.
 * @param warn is told when the secret file was open to other users
 * @throws SecretStoreError
 */
export async function openAgentWorld(config: AgentConfig, warn: (message: string) => void): Promise<AgentWorld> {
  const secrets = new FileSecretStore(secretFilePath(config.dataFolder), warn);
  const credentials = await readCredentials(config, secrets);
  const redactor = createRedactor([
    ...[config.secret, credentials?.secret].filter((secret) => typeof secret === 'string'),
    ...secretsOfUpstreamProxy(config.upstreamProxy),
  ]);
  return { config, secrets, credentials, redactor };
}

/** The agent's log: JSON lines in the data folder, and the console. */
export function createAgentLog(world: AgentWorld, console: Pick<LogOptions, 'console' | 'consoleLevel'>): ClosableLog {
  const { config, redactor } = world;
  return createLog({ folder: logFolder(config.dataFolder), level: config.logLevel, redactor, ...console });
}

/** The browsers that the agent would use. @throws LegworkError `browser_missing` when a configured path leads to none */
export async function findBrowsers(config: AgentConfig): Promise<BrowserInformation[]> {
  const places = { downloadFolder: browsersFolder(config.dataFolder), installed: true };
  const { chromium, headlessShell } = await findChromium(config, undefined, places);
  return [chromium, headlessShell]
    .filter((browser) => browser !== null)
    .map(({ kind, version, path }) => ({ kind, version, path }));
}

/**
 * The file that this program was started from: `cli.ts` in the sources, `legwork.js` when built. Children of Legwork
 * (task hosts, the demo's hub and agent) are started from it again.
 */
export function programPath(): string {
  const self = fileURLToPath(import.meta.url);
  return /[\\/]main[\\/]commands[\\/]agent-world\.ts$/.test(self)
    ? fileURLToPath(new URL('../cli.ts', import.meta.url))
    : self;
}
