import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CONFIG_KEYS, configSchema, settingMeta, type AgentConfigKey } from '../main/agent/config/config-schema.ts';
import { EXIT_CODES } from '../main/commands/exit-codes.ts';
import { fillMarkers } from './document-markers.ts';

/**
 * Writes the tables of settings and exit codes of `docs/operations.md` from their definitions, each between its
 * markers. With `--check` it writes nothing and fails when one is out of date.
 */
const DOCUMENT = fileURLToPath(new URL('../docs/operations.md', import.meta.url));

/** Defaults that depend on the machine are described, not computed. */
const DESCRIBED_DEFAULTS: Partial<Record<AgentConfigKey, string>> = {
  dataFolder: 'see [Files](#files)',
  maxConcurrentTasks: 'cores + 1, at most 6',
};

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function defaultOf(key: AgentConfigKey): string {
  const described = DESCRIBED_DEFAULTS[key];
  if (described !== undefined) return described;
  const value: unknown = configSchema.shape[key].parse(undefined);
  return value === null || value === '' ? '' : `\`${JSON.stringify(value).replaceAll('"', '')}\``;
}

function settingsTable(): string {
  return table(
    ['setting', 'environment', 'flag', 'default', 'allowed', 'meaning'],
    CONFIG_KEYS.map((key) => {
      const { environment, flag, allowed, description } = settingMeta(key);
      return [
        `\`${key}\``,
        `\`${environment}\``,
        flag === null ? 'none' : `\`${flag}\``,
        defaultOf(key),
        allowed,
        description,
      ];
    }),
  );
}

function exitCodesTable(): string {
  const rows = Object.entries(EXIT_CODES).map(([name, { code, meaning }]) => [String(code), `\`${name}\``, meaning]);
  return table(['code', 'name', 'meaning'], rows);
}

/** The document with its tables renewed. */
export function renewOperationsDocument(document: string): string {
  return fillMarkers(
    document,
    new Map([
      ['settings', settingsTable()],
      ['exitCodes', exitCodesTable()],
    ]),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const current = readFileSync(DOCUMENT, 'utf8');
  const renewed = renewOperationsDocument(current);
  if (renewed === current) {
    console.log('docs/operations.md: the tables are up to date');
  } else if (process.argv.includes('--check')) {
    console.error('docs/operations.md: the tables are out of date; run node build/write-operations-tables.ts');
    process.exitCode = 1;
  } else {
    writeFileSync(DOCUMENT, renewed);
    console.log('docs/operations.md: tables written');
  }
}
