import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { CONTROL_CALLS } from '../main/agent/control-api/call-definitions.ts';
import { CONTROL_ERRORS } from '../main/agent/control-api/control-errors.ts';
import { fillMarkers } from './document-markers.ts';
import { describeLimits, describeType, fieldsOf } from './schema-fields.ts';

/**
 * Writes the calls and errors of `docs/control-api.md` from their definitions, each between its markers. With `--check`
 * it writes nothing and fails when one is out of date.
 */
const DOCUMENT = fileURLToPath(new URL('../docs/control-api.md', import.meta.url));

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function fieldTable(schema: z.ZodType, withRequired: boolean): string | null {
  const inner = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
  const rows = fieldsOf(z.toJSONSchema(inner, { io: 'input' })).map((field) => [
    `\`${field.path}\``,
    describeType(field.schema),
    ...(withRequired ? [field.required ? 'yes' : 'no'] : []),
    describeLimits(field.schema),
    field.schema.description ?? '',
  ]);
  if (rows.length === 0) return null;
  return table(['field', 'type', ...(withRequired ? ['required'] : []), 'limits', 'meaning'], rows);
}

function renderCalls(): string {
  return Object.values(CONTROL_CALLS)
    .map(({ method, path, summary, body, answer }) => {
      const bodyTable = fieldTable(body, true);
      const bodyText = bodyTable === null ? 'It takes no body.' : `Body:\n\n${bodyTable}`;
      return `### ${method} ${path}\n\n${summary}\n\n${bodyText}\n\nAnswer:\n\n${fieldTable(answer, false) ?? 'empty'}`;
    })
    .join('\n\n');
}

function renderErrors(): string {
  const rows = Object.entries(CONTROL_ERRORS).map(([code, { status, meaning }]) => [
    String(status),
    `\`${code}\``,
    meaning,
  ]);
  return table(['status', 'code', 'meaning'], rows);
}

/** The document with its generated parts renewed. */
export function renewControlDocument(document: string): string {
  return fillMarkers(
    document,
    new Map([
      ['controlCalls', renderCalls()],
      ['controlErrors', renderErrors()],
    ]),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const current = readFileSync(DOCUMENT, 'utf8');
  const renewed = renewControlDocument(current);
  if (renewed === current) {
    console.log('docs/control-api.md: up to date');
  } else if (process.argv.includes('--check')) {
    console.error('docs/control-api.md is out of date; run node build/write-control-tables.ts');
    process.exitCode = 1;
  } else {
    writeFileSync(DOCUMENT, renewed);
    console.log('docs/control-api.md: written');
  }
}
