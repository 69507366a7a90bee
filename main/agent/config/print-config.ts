import { type AgentConfigKey, CONFIG_KEYS, settingMeta } from './config-schema.ts';
import { type LoadedConfig, type ValueSource, withoutPassword } from './load-config.ts';

/** What is shown in place of a secret. */
export const MASK = '********';

/** A setting as it is shown to people and programs: a secret is masked, and never abbreviated. */
export interface PrintedSetting {
  name: AgentConfigKey;
  value: string | number | boolean | string[] | null;
  source: ValueSource;
}

/** All settings with where each came from. */
export function describeConfig({ config, sources }: LoadedConfig): PrintedSetting[] {
  return CONFIG_KEYS.map((name) => {
    const value = config[name];
    const shown = typeof value === 'string' ? withoutPassword(value) : value;
    return { name, value: settingMeta(name).isSecret && value !== null ? MASK : shown, source: sources[name] };
  });
}

/** The settings as aligned lines: name, value, where it came from. */
export function formatConfig(loaded: LoadedConfig): string {
  const rows = describeConfig(loaded).map(({ name, value, source }) => ({
    name,
    value: formatValue(value),
    place: source.kind === 'default' ? '' : `from ${source.place}`,
  }));
  const nameWidth = Math.max(...rows.map((row) => row.name.length));
  const valueWidth = Math.max(...rows.map((row) => row.value.length));
  return rows
    .map((row) => `${row.name.padEnd(nameWidth)}  ${row.value.padEnd(valueWidth)}  ${row.place}`.trimEnd())
    .join('\n');
}

function formatValue(value: PrintedSetting['value']): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '(none)';
  if (value === '') return '""';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
