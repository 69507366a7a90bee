import type { CallAnswer } from '../../../preload/contract.ts';
import { type AgentConfigKey, configSchema, settingMeta } from '../../agent/config/config-schema.ts';
import { ConfigurationError } from '../../agent/config/configuration-error.ts';
import type { LoadedConfig } from '../../agent/config/load-config.ts';
import { writeConfigFile } from '../../agent/config/write-config-file.ts';
import { agentCatalogue } from '../agent-catalogue.ts';
import { CHANGEABLE_KEYS, fallbackOf, shownValue } from './describe-settings.ts';
import type { KeeperOptions } from './keeper-options.ts';

type Issue = Extract<CallAnswer<'changeSettings'>, { kind: 'refused' }>['issues'][number];

/** Settings as they were checked and kept. */
export interface KeptChange {
  loaded: LoadedConfig;
  /** Those of the asked ones whose value is another one now. */
  changedKeys: AgentConfigKey[];
}

/**
 * Checks settings and writes them to the configuration file. A value that is the default leaves the file.
 * @returns what is wrong with them, in which case nothing was written
 * @throws the error of the system when the file cannot be written
 */
export async function keepSettings(
  values: Readonly<Record<string, unknown>>,
  before: LoadedConfig,
  options: Pick<KeeperOptions, 'configFile' | 'loadConfig'>,
): Promise<KeptChange | Issue[]> {
  const asked = Object.entries(values).filter(([key, value]) => !isShown(key, value, before));
  const issues = asked.flatMap(([key, value]) => issuesOf(key, value, before));
  if (issues.length > 0) return issues;
  const changes = Object.fromEntries(asked.map(([key, value]) => [key, isFallback(key, value) ? undefined : value]));
  try {
    await writeConfigFile(options.configFile, changes, async (file) => {
      const { config } = await options.loadConfig(file);
      agentCatalogue(config);
    });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map((line) => ({ key: keyNamedIn(line, asked), sentence: line }));
  }
  const loaded = await options.loadConfig(null);
  const changedKeys = asked
    .map(([key]) => key as AgentConfigKey)
    .filter((key) => JSON.stringify(loaded.config[key]) !== JSON.stringify(before.config[key]));
  return { loaded, changedKeys };
}

/** A form gives back what it was shown: a masked password must not become the password. */
function isShown(key: string, value: unknown, { config }: LoadedConfig): boolean {
  const present = (config as Record<string, unknown>)[key];
  return JSON.stringify(shownValue(present)) === JSON.stringify(value);
}

function isFallback(key: string, value: unknown): boolean {
  return JSON.stringify(fallbackOf(key as AgentConfigKey)) === JSON.stringify(value);
}

function issuesOf(name: string, value: unknown, { sources }: LoadedConfig): Issue[] {
  const key = CHANGEABLE_KEYS.find((known) => known === name);
  if (key === undefined) return [{ key: name, sentence: 'This cannot be changed here.' }];
  const source = sources[key];
  if (source.kind === 'flag' || source.kind === 'environment') {
    return [{ key, sentence: `It is set by ${source.place} where Legwork is started; change it there.` }];
  }
  if (configSchema.shape[key].safeParse(value).success) return [];
  return [{ key, sentence: `It must be ${settingMeta(key).allowed}.` }];
}

function keyNamedIn(line: string, asked: readonly [string, unknown][]): string {
  return asked.find(([key]) => line.includes(key))?.[0] ?? asked[0]?.[0] ?? '';
}
