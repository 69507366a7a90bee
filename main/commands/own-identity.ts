import type { AgentConfigKey } from '../agent/config/config-schema.ts';
import type { LoadedConfig } from '../agent/config/load-config.ts';
import { writeConfigFile } from '../agent/config/write-config-file.ts';
import { forgetCredentials } from '../agent/secrets/credentials.ts';
import type { SecretStore } from '../agent/secrets/secret-store.ts';

/** The settings that together say which worker of which hub an agent is. */
const IDENTITY_KEYS: readonly AgentConfigKey[] = ['hubUrl', 'workerId', 'secret'];

/** Those of them that command line or environment set: they win over what enrolment gives, and cannot be forgotten. */
export function fixedIdentity(sources: LoadedConfig['sources']): AgentConfigKey[] {
  return IDENTITY_KEYS.filter((key) => ['flag', 'environment'].includes(sources[key].kind));
}

/**
 * Takes hub, worker and secret out of the configuration file, where what enrolment has given would not count.
 * @throws ConfigurationError, and errors of the system when the file cannot be written
 */
export async function dropIdentity(sources: LoadedConfig['sources'], configFile: string): Promise<void> {
  const kept = IDENTITY_KEYS.filter((key) => sources[key].kind === 'file');
  if (kept.length === 0) return;
  const changes = Object.fromEntries(kept.map((key) => [key, undefined]));
  await writeConfigFile(configFile, changes, async () => undefined);
}

/**
 * Forgets which worker of which hub this machine was, in the store of secrets and in the configuration file.
 * @throws SecretStoreError, and what `dropIdentity` throws; the store has forgotten it then
 */
export async function forgetIdentity(
  sources: LoadedConfig['sources'],
  places: { secrets: SecretStore; configFile: string },
): Promise<void> {
  await forgetCredentials(places.secrets);
  await dropIdentity(sources, places.configFile);
}
