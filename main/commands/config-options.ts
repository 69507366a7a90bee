import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AgentConfigKey, CONFIG_KEYS, settingMeta } from '../agent/config/config-schema.ts';
import {
  type ConfigInputs,
  examineConfig,
  type ExaminedConfig,
  type LoadedConfig,
  loadConfig,
} from '../agent/config/load-config.ts';

/** The option of a setting; null for one that has no flag. */
function settingOption(key: AgentConfigKey): Option | null {
  const { flag, kind, description, environment, allowed } = settingMeta(key);
  if (flag === null) return null;
  const value = kind === 'switch' ? '[on|off]' : kind === 'number' ? '<number>' : '<value>';
  const limits = kind === 'number' ? ` Allowed: ${allowed}.` : '';
  return new Option(`${flag} ${value}`, `${description}${limits} [${environment}]`);
}

/** A value that was forgotten makes the next flag the value; `--data --json` would create a folder `--json`. */
function notAFlag(value: string): string {
  if (value.startsWith('--')) throw new InvalidArgumentError('A value is missing.');
  return value;
}

/** Adds the flags of the given settings, all of them by default, and `--config`. */
export function addConfigOptions(command: Command, keys: readonly AgentConfigKey[] = CONFIG_KEYS): Command {
  command.option('--config <file>', 'Configuration file (JSON). Default: config.json in the data folder.', notAFlag);
  for (const key of keys) {
    const option = settingOption(key);
    if (option !== null) command.addOption(option.argParser(notAFlag));
  }
  return command;
}

/** The configuration as the command's flags, the environment and the file say. @throws ConfigurationError */
export function loadCommandConfig(options: Record<string, unknown>): Promise<LoadedConfig> {
  return loadConfig(inputsOf(options));
}

/** The same, with whatever is wrong told instead of thrown. */
export function examineCommandConfig(options: Record<string, unknown>): Promise<ExaminedConfig> {
  return examineConfig(inputsOf(options));
}

function inputsOf(options: Record<string, unknown>): ConfigInputs {
  const flags: Partial<Record<AgentConfigKey, string | boolean>> = {};
  for (const key of CONFIG_KEYS) {
    const option = settingOption(key);
    const value = option === null ? undefined : options[option.attributeName()];
    if (typeof value === 'string' || typeof value === 'boolean') flags[key] = value;
  }
  const configFile = options['config'];
  return {
    flags,
    environment: process.env,
    ...(typeof configFile === 'string' ? { configFile } : {}),
  };
}
