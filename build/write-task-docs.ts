import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { AnyTaskDefinition } from '../main/browser/task-definition.ts';
import { taskDefinitions } from '../main/browser/tasks/registry.ts';
import { describeLimits, describeType, fieldsOf, type JsonSchema } from './schema-fields.ts';

/**
 * Writes `docs/tasks.md` from the schemas of the task types. With `--check` it writes nothing and fails when the file
 * is out of date.
 */
const DOCUMENT = fileURLToPath(new URL('../docs/tasks.md', import.meta.url));

const INTRODUCTION = `<!-- Written by build/write-task-docs.ts from the schemas of the task types. Change those, then run \`npm run docs\`. -->

# Task types

What an operator can ask for: \`type\` and \`payload\` of a job. A payload that does not fit is refused when the job is
created, with the path of the wrong field; a field that is not listed here is refused as well. The large parts of a
result are blobs, which its fields name.`;

/** What a lane means to whoever creates jobs. */
const LANES: Readonly<Record<AnyTaskDefinition['lane'], string>> = {
  page: 'Tasks of this type run side by side, as many as the host allows.',
  exclusive: 'A task of this type runs alone on its machine: running ones finish first, and none starts beside it.',
};

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

/** A default stands in a column of its own, and an object that is filled in by its fields' defaults has none to show. */
function defaultOf(schema: JsonSchema): string {
  return schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``;
}

/** Types that JSON Schema spells in a way of its own: records say what they hold. */
function typeOf(schema: JsonSchema): string {
  const values = schema.additionalProperties;
  if (schema.type !== 'object' || typeof values !== 'object' || schema.properties !== undefined) {
    return describeType(schema);
  }
  return `object of ${describeType(values)}`;
}

/** Without the limits that every JavaScript integer has. */
function withoutSafeIntegerLimits(schema: JsonSchema): JsonSchema {
  const { minimum, anyOf, ...rest } = schema;
  return {
    ...rest,
    ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(anyOf === undefined
      ? {}
      : { anyOf: anyOf.map((each) => (typeof each === 'object' ? withoutSafeIntegerLimits(each) : each)) }),
  };
}

/** Limits without the default; of an array, with those of its items; of a record, with the names it may have. */
function limitsOf({ default: _default, ...fieldSchema }: JsonSchema): string {
  const schema = withoutSafeIntegerLimits(fieldSchema);
  const { items, propertyNames, minItems } = schema;
  const names = typeof propertyNames === 'object' ? describeLimits(propertyNames) : '';
  const ofItems = typeof items === 'object' && !Array.isArray(items) ? describeLimits(items) : '';
  return [
    describeLimits(schema),
    minItems === undefined || minItems === 0 ? '' : `at least ${minItems} ${minItems === 1 ? 'item' : 'items'}`,
    ofItems === '' ? '' : `each: ${ofItems}`,
    names === '' ? '' : `names: ${names}`,
  ]
    .filter(Boolean)
    .join('; ');
}

function payloadTable(definition: AnyTaskDefinition): string {
  const fields = fieldsOf(z.toJSONSchema(definition.payloadSchema, { io: 'input' }));
  return table(
    ['field', 'type', 'default', 'limits', 'meaning'],
    fields.map(({ path, required, schema }) => [
      `\`${path}\``,
      typeOf(schema),
      required ? 'required' : defaultOf(schema),
      limitsOf(schema),
      schema.description ?? '',
    ]),
  );
}

function resultTable(definition: AnyTaskDefinition): string {
  const fields = fieldsOf(z.toJSONSchema(definition.resultSchema, { io: 'output' }));
  return table(
    ['field', 'type', 'values', 'meaning'],
    fields.map(({ path, schema }) => [`\`${path}\``, typeOf(schema), limitsOf(schema), schema.description ?? '']),
  );
}

/** Seconds that an attempt gets when the payload holds nothing but an address. */
function defaultDeadlineSeconds(definition: AnyTaskDefinition): number {
  return definition.deadlineMs(definition.payloadSchema.parse({ url: 'https://example.org/' })) / 1_000;
}

function taskSection(definition: AnyTaskDefinition): string {
  return [
    `## \`${definition.name}\``,
    definition.summary,
    `Version ${definition.version}. ${LANES[definition.lane]} An attempt is stopped after ${defaultDeadlineSeconds(definition)} s unless its payload asks for more.`,
    '### Payload',
    payloadTable(definition),
    '### Result',
    resultTable(definition),
  ].join('\n\n');
}

/** The whole document. */
export function renderTaskDocument(definitions: readonly AnyTaskDefinition[]): string {
  return `${[INTRODUCTION, ...definitions.map(taskSection)].join('\n\n')}\n`;
}

function currentDocument(): string {
  try {
    return readFileSync(DOCUMENT, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const renewed = renderTaskDocument(taskDefinitions);
  if (renewed === currentDocument()) {
    console.log('docs/tasks.md: up to date');
  } else if (process.argv.includes('--check')) {
    console.error('docs/tasks.md: out of date; run npm run docs');
    process.exitCode = 1;
  } else {
    writeFileSync(DOCUMENT, renewed);
    console.log('docs/tasks.md: written');
  }
}
