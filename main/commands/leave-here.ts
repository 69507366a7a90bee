import type { Agent } from '../agent/agent.ts';
import { dataPaths } from '../agent/agent-options.ts';
import type { AgentConfig } from '../agent/config/config-schema.ts';
import { deleteWork } from '../agent/delete-work.ts';
import { NO_MACHINE_READER } from '../agent/limits/machine-readings.ts';
import { lockDataFolder } from '../agent/queue/lock-data-folder.ts';
import { StoreError } from '../agent/queue/store-error.ts';
import { type Credentials, storeRotatedCredentials } from '../agent/secrets/credentials.ts';
import { openPayloadVault } from '../agent/secrets/payload-key.ts';
import type { SecretStore } from '../agent/secrets/secret-store.ts';
import { NodeHttpTransport } from '../agent/server/http-transport.ts';
import type { LeaveReport } from '../agent/server/hub-link.ts';
import { startAgent } from '../agent/start-agent.ts';
import { sweepProfiles } from '../browser/sweep-profiles.ts';
import { LegworkError } from '../protocol/error-table.ts';
import type { Clock, Log, Random } from '../protocol/ports.ts';
import { agentCatalogue } from './agent-catalogue.ts';

/** Results that wait are delivered before leaving when the hub answers a handshake within this time. */
const HANDSHAKE_MS = 10_000;

/** What leaving a hub needs where no agent runs. */
export interface LeaveOptions {
  config: AgentConfig;
  credentials: Credentials;
  secrets: SecretStore;
  /** Deletes tasks, results and usage from this machine. */
  wipe: boolean;
  clock: Clock;
  random: Random;
  log: Log;
}

/**
 * Leaves a hub on a data folder that no agent runs on: as a running agent would (see Agent.leaveHub), by way of one that
 * starts no task. Forgetting the secret is the caller's.
 * @throws StoreError `locked` when an agent runs there after all; others, when the database is refused and is to be kept
 * @throws SecretStoreError, ConfigurationError
 */
export async function leaveHere(options: LeaveOptions): Promise<LeaveReport> {
  const { wipe, clock } = options;
  const agent = await startOnAnyStore(options);
  if (!wipe && agent.snapshot().undeliveredResults > 0) await whenHubHasAnswered(agent, clock);
  return agent.leaveHub({ wipe });
}

/** A database that cannot be opened is no reason to stay when it is to be deleted anyway. */
async function startOnAnyStore(options: LeaveOptions): Promise<Agent> {
  try {
    return await startWithoutWork(options);
  } catch (error) {
    if (!options.wipe || !isAboutStore(error)) throw error;
    const lock = lockDataFolder(options.config.dataFolder);
    try {
      await deleteWork(dataPaths(options.config.dataFolder));
    } finally {
      lock.release();
    }
    return startWithoutWork(options);
  }
}

function isAboutStore(error: unknown): boolean {
  if (error instanceof StoreError) return error.code !== 'locked';
  return error instanceof LegworkError && error.code === 'disk_full';
}

async function startWithoutWork({ config, credentials, secrets, clock, random, log }: LeaveOptions): Promise<Agent> {
  return startAgent({
    config: { ...config, taskProcessorEnabled: false, controlPort: 0 },
    credentials,
    saveSecret: (rotated) => storeRotatedCredentials(rotated, config.secret, secrets),
    connect: (origin) => new NodeHttpTransport(origin),
    catalogue: agentCatalogue(config),
    launcher: {
      launch: () => {
        throw new Error('An agent that leaves starts no task host.');
      },
    },
    browsers: [],
    sweepProfiles,
    sandbox: true,
    machine: NO_MACHINE_READER,
    vault: await openPayloadVault(secrets),
    clock,
    random,
    log,
  });
}

/** Resolves when the first handshake has succeeded or failed, or has taken too long. */
async function whenHubHasAnswered(agent: Agent, clock: Clock): Promise<void> {
  const answered = new AbortController();
  const look = (): void => {
    if (agent.snapshot().link.state !== 'connecting') answered.abort();
  };
  const stopListening = agent.subscribe(({ kind }) => {
    if (kind === 'link') look();
  });
  look();
  await clock.sleep(HANDSHAKE_MS, answered.signal);
  stopListening();
}
