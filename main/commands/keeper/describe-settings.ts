import { z } from 'zod';
import type { SettingDescription } from '../../../preload/contract.ts';
import { type AgentConfigKey, CONFIG_KEYS, configSchema, settingMeta } from '../../agent/config/config-schema.ts';
import { type LoadedConfig, withoutPassword } from '../../agent/config/load-config.ts';
import { LIVE_SETTING_KEYS } from '../../agent/live-settings.ts';

/** What a person does not change among the settings: where the data is, and what enrolment gives. */
const OTHERWISE_SET: readonly AgentConfigKey[] = ['dataFolder', 'hubUrl', 'workerId', 'secret'];

/** The settings that a person may change, by name. */
export const CHANGEABLE_KEYS = CONFIG_KEYS.filter((key) => !OTHERWISE_SET.includes(key));

/** A value as it may be shown: a password in an address is masked. */
export function shownValue(value: unknown): unknown {
  return typeof value === 'string' ? withoutPassword(value) : value;
}

/** The default of a setting on this machine. */
export function fallbackOf(key: AgentConfigKey): unknown {
  return configSchema.shape[key].parse(undefined);
}

/** All settings that a person may change, with what a form needs to know of each. */
export function describeSettings({ config, sources }: LoadedConfig): SettingDescription[] {
  return CHANGEABLE_KEYS.map((key) => ({
    key,
    description: settingMeta(key).description,
    value: shownValue(config[key]),
    fallback: fallbackOf(key),
    schema: schemaOf(key),
    source: sources[key].kind,
    applies: LIVE_SETTING_KEYS.includes(key) ? 'now' : 'restart',
  }));
}

function schemaOf(key: AgentConfigKey): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema.shape[key], { io: 'input', unrepresentable: 'any' });
  // How a command line names it means nothing to a form.
  const {
    environment: _environment,
    flag: _flag,
    isSecret: _isSecret,
    $schema: _$schema,
    ...rest
  } = schema as Record<string, unknown>;
  return rest;
}
