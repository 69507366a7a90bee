import { join } from 'node:path';
import { assertNever } from '../../protocol/assert-never.ts';
import { type AgentConfig, type AgentConfigKey, CONFIG_KEYS, configSchema, settingMeta } from './config-schema.ts';
import { ConfigurationError } from './configuration-error.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { isPlainHttpToNetwork } from './hub-url.ts';
import type { SettingMeta } from './setting.ts';
import { suggestName } from './suggest.ts';

/** Where a value came from. `place` is what the user wrote: the flag, the variable, or the file and its key. */
export interface ValueSource {
  kind: 'flag' | 'environment' | 'file' | 'default';
  place: string;
}

export interface LoadedConfig {
  config: AgentConfig;
  sources: Record<AgentConfigKey, ValueSource>;
  /** What is odd but does not keep the agent from running; one line each, without secrets. */
  warnings: string[];
}

export interface ConfigInputs {
  /** Values by setting as they were written on the command line; `true` for a switch without a value. */
  flags?: Partial<Record<AgentConfigKey, string | boolean>>;
  /** The environment, usually `process.env`. An empty variable counts as not set. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** The file of `--config`; it must exist. Without it `config.json` in the data folder is read when it is there. */
  configFile?: string;
}

/** Variables that are read elsewhere, so that they are not taken for misspelt settings. */
const OTHER_VARIABLES = ['LEGWORK_ALLOWED_WEBHOOK_HOSTS', 'LEGWORK_DEBUG', 'LEGWORK_OPERATOR_KEY', 'LEGWORK_TASK_HOST'];

/** A value as it was given, before the schema has seen it. */
interface GivenValue {
  value: unknown;
  source: ValueSource;
}

const SWITCH_WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
]);

/** The value that a text stands for; the text itself when it stands for none, so that the schema refuses it. */
function valueOfText(text: string, meta: SettingMeta): unknown {
  const trimmed = text.trim();
  switch (meta.kind) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : text;
    case 'switch':
      return SWITCH_WORDS.get(trimmed.toLowerCase()) ?? text;
    case 'text':
      return trimmed;
    case 'list':
      return trimmed
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '');
    default:
      return assertNever(meta.kind, 'kind of setting');
  }
}

function givenValue(key: AgentConfigKey, inputs: ConfigInputs, file: ConfigFile | null): GivenValue | null {
  const meta = settingMeta(key);
  const flag = inputs.flags?.[key];
  if (flag !== undefined && meta.flag !== null) {
    const value = typeof flag === 'string' ? valueOfText(flag, meta) : flag;
    return { value, source: { kind: 'flag', place: meta.flag } };
  }
  const variable = inputs.environment?.[meta.environment];
  if (variable !== undefined && variable.trim() !== '') {
    return { value: valueOfText(variable, meta), source: { kind: 'environment', place: meta.environment } };
  }
  if (file !== null && Object.hasOwn(file.values, key)) {
    return { value: file.values[key], source: { kind: 'file', place: `${key} in ${file.path}` } };
  }
  return null;
}

/** A text without the user name and password of a URL in it: refused as a hub's address, it may still be a real one. */
export function withoutPassword(text: string): string {
  return text.replace(/:\/\/[^/@\s"]*@/g, '://[redacted]@');
}

function checkValue(key: AgentConfigKey, given: GivenValue | null, problems: string[]): unknown {
  const parsed = configSchema.shape[key].safeParse(given?.value);
  if (parsed.success) return parsed.data;
  const meta = settingMeta(key);
  const wrongEntry = meta.kind === 'list' ? parsed.error.issues.find(({ code }) => code === 'custom') : undefined;
  if (wrongEntry !== undefined) {
    problems.push(`${given?.source.place ?? key}: ${withoutPassword(wrongEntry.message)}`);
    return undefined;
  }
  // What has no flag may hold a password.
  const shown = meta.flag === null ? 'the value (not shown)' : withoutPassword(JSON.stringify(given?.value));
  problems.push(`${given?.source.place ?? key}: ${shown} is not allowed; it must be ${meta.allowed}.`);
  return undefined;
}

function unknownFileKeys(file: ConfigFile): string[] {
  return Object.keys(file.values)
    .filter((key) => !(CONFIG_KEYS as string[]).includes(key))
    .map((key) => {
      const meant = suggestName(key, CONFIG_KEYS);
      const advice = meant === null ? `known are ${CONFIG_KEYS.join(', ')}` : `did you mean ${meant}?`;
      return `${key} in ${file.path}: there is no such setting; ${advice}`;
    });
}

function unknownVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = [...CONFIG_KEYS.map((key) => settingMeta(key).environment), ...OTHER_VARIABLES];
  return Object.keys(environment)
    .filter((name) => name.startsWith('LEGWORK_') && !known.includes(name))
    .map((name) => {
      const meant = suggestName(name, known);
      return `${name} (environment) is not a setting and is ignored${meant === null ? '' : `; did you mean ${meant}?`}`;
    });
}

/** The rules that concern more than one setting. */
function checkTogether(
  config: AgentConfig,
  sources: Record<AgentConfigKey, ValueSource>,
  environment: Readonly<Record<string, string | undefined>>,
): { problems: string[]; warnings: string[] } {
  const problems: string[] = [];
  const warnings: string[] = [];
  if (config.hubUrl !== null && isPlainHttpToNetwork(config.hubUrl)) {
    if (config.allowPlainHttp) {
      warnings.push(`${config.hubUrl} is plain HTTP: anyone on the way can read the work and its results.`);
    } else {
      problems.push(
        `${sources.hubUrl.place}: "${config.hubUrl}" is not allowed; it must be an https URL, or on this machine ` +
          `(plain HTTP over a network needs --allow-plain-http or LEGWORK_ALLOW_PLAIN_HTTP=true).`,
      );
    }
  }
  if (config.hmacDebug && environment['NODE_ENV'] !== 'development') {
    warnings.push(`${sources.hmacDebug.place} is ignored: it works only with NODE_ENV=development.`);
    config.hmacDebug = false;
  }
  return { problems, warnings };
}

/**
 * Puts the configuration together: flags win over environment, environment over file, file over defaults.
 * @throws ConfigurationError with a line for each wrong value, unknown key of the file, or unreadable file
 */
export async function loadConfig(inputs: ConfigInputs = {}): Promise<LoadedConfig> {
  const { problems, ...loaded } = await examineConfig(inputs);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return loaded;
}

/** A configuration in which whatever is wrong has its default instead. */
export interface ExaminedConfig extends LoadedConfig {
  /** A line for each wrong value, unknown key of the file, or unreadable file. */
  problems: string[];
}

/** The same as loadConfig for who reports on a configuration and must go on with what is right in it. */
export async function examineConfig(inputs: ConfigInputs = {}): Promise<ExaminedConfig> {
  const environment = inputs.environment ?? {};
  const problems: string[] = [];

  // The default file lies in the data folder, so that folder is settled first and without the file.
  const folderGiven = givenValue('dataFolder', inputs, null);
  const folder = configSchema.shape.dataFolder.safeParse(folderGiven?.value);
  const defaultFile = folder.success ? join(folder.data, 'config.json') : null;
  const filePath = inputs.configFile ?? defaultFile;
  let file: ConfigFile | null = null;
  try {
    if (filePath !== null) file = await readConfigFile(filePath, { mustExist: inputs.configFile !== undefined });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
  }
  const warnings = file?.warnings ?? [];
  if (file !== null) {
    problems.push(...unknownFileKeys(file));
    if (inputs.configFile === undefined && Object.hasOwn(file.values, 'dataFolder')) {
      problems.push(
        `dataFolder in ${file.path}: this file lies in the data folder itself; set it with --data or LEGWORK_DATA_FOLDER.`,
      );
    }
  }

  const values: Record<string, unknown> = {};
  const sources = {} as Record<AgentConfigKey, ValueSource>;
  for (const key of CONFIG_KEYS) {
    const given = givenValue(key, inputs, file);
    sources[key] = given?.source ?? { kind: 'default', place: 'default' };
    values[key] = checkValue(key, given, problems);
  }

  const config = configSchema.parse(values);
  const together = checkTogether(config, sources, environment);
  if (together.problems.length > 0) config.hubUrl = null;
  return {
    config,
    sources,
    warnings: [...unknownVariables(environment), ...warnings, ...together.warnings],
    problems: [...problems, ...together.problems],
  };
}
