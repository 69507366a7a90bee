import type { Agent } from '../../agent/agent.ts';
import { type Credentials, readCredentials, storeRotatedCredentials } from '../../agent/secrets/credentials.ts';
import { openPayloadVault } from '../../agent/secrets/payload-key.ts';
import { NodeHttpTransport } from '../../agent/server/http-transport.ts';
import { startAgent } from '../../agent/start-agent.ts';
import { sweepProfiles } from '../../browser/sweep-profiles.ts';
import { secretsOfUpstreamProxy } from '../../protocol/network/upstream-proxy.ts';
import type { PayloadVault } from '../../protocol/payload-vault.ts';
import type { BrowserInformation } from '../../protocol/task-host-messages.ts';
import { agentCatalogue } from '../agent-catalogue.ts';
import type { LoadedConfig } from '../../agent/config/load-config.ts';
import type { KeeperOptions } from './keeper-options.ts';

/** What is found out before an agent can be started. */
export interface AgentParts {
  credentials: Credentials | null;
  vault: PayloadVault;
  browsers: BrowserInformation[];
}

/**
 * Finds out what an agent is built from.
 * @throws SecretStoreError; a browser that is not where the settings say counts as none
 */
export async function gatherParts(options: KeeperOptions, { config }: LoadedConfig): Promise<AgentParts> {
  const { secrets, redactor, log } = options;
  const credentials = await readCredentials(config, secrets);
  for (const secret of [config.secret, credentials?.secret, ...secretsOfUpstreamProxy(config.upstreamProxy)]) {
    if (typeof secret === 'string') redactor.addSecret(secret);
  }
  const vault = await openPayloadVault(secrets);
  const browsers = await options.findBrowsers(config).catch((error: unknown) => {
    log.warn('no browser was found', { problem: error instanceof Error ? error.message : String(error) });
    return [];
  });
  return { credentials, vault, browsers };
}

/** @throws CommandError `noSandbox`, ConfigurationError, StoreError */
export async function buildAgent(options: KeeperOptions, loaded: LoadedConfig, parts: AgentParts): Promise<Agent> {
  const { secrets, redactor, launcher, clock, random, log } = options;
  const { config } = loaded;
  // Without a browser nothing is started that could do without its sandbox.
  const { sandbox } =
    parts.browsers.length === 0 ? { sandbox: true } : await options.decideSandbox(config, parts.browsers);
  return startAgent({
    config,
    credentials: parts.credentials,
    saveSecret: async (rotated) => {
      redactor.addSecret(rotated.secret);
      await storeRotatedCredentials(rotated, config.secret, secrets);
    },
    connect: (origin) => new NodeHttpTransport(origin),
    catalogue: agentCatalogue(config),
    launcher,
    browsers: parts.browsers,
    sweepProfiles,
    sandbox,
    ownPorts: options.ownPorts?.() ?? [],
    machine: options.createMachineReader(),
    vault: parts.vault,
    clock,
    random,
    log,
  });
}
