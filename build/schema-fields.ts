import { z } from 'zod';
import { identifier, sha256, taskTypeName } from '../main/protocol/fields.ts';

/** The part of JSON Schema (draft 2020-12) that zod writes for the protocol's messages. */
export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** A field of a message: its path (`tasks[].leaseId`), whether the sender must set it, and its schema. */
export interface SchemaField {
  path: string;
  required: boolean;
  schema: JsonSchema;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}

/** The alternative beside `null` of a nullable schema; any other schema as it is. */
function withoutNull(schema: JsonSchema): { schema: JsonSchema; nullable: boolean } {
  const alternatives = schema.anyOf?.filter(isSchema) ?? [];
  const [only, ...more] = alternatives.filter((alternative) => alternative.type !== 'null');
  if (only === undefined || more.length > 0 || alternatives.length !== 2) return { schema, nullable: false };
  return { schema: { ...only, description: schema.description ?? only.description }, nullable: true };
}

/** All fields of an object schema, depth first; of an array of objects, the fields of its items. */
export function fieldsOf(schema: JsonSchema, prefix = ''): SchemaField[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    if (!isSchema(property)) return [];
    const path = `${prefix}${name}`;
    const inner = withoutNull(property).schema;
    const items = isSchema(inner.items) && !Array.isArray(inner.items) ? inner.items : null;
    return [
      { path, required: schema.required?.includes(name) === true, schema: property },
      ...fieldsOf(inner, `${path}.`),
      ...(items === null ? [] : fieldsOf(items, `${path}[].`)),
    ];
  });
}

const NAMED_PATTERNS = new Map(
  Object.entries({ identifier, sha256, 'task type': taskTypeName }).map(([name, schema]) => [
    z.toJSONSchema(schema).pattern,
    name,
  ]),
);

function namedPattern(schema: JsonSchema): string | undefined {
  return schema.pattern === undefined ? undefined : NAMED_PATTERNS.get(schema.pattern);
}

/** A field's type in a word or two: `identifier`, `integer`, `array of object`, `boolean or null`. */
export function describeType(schema: JsonSchema): string {
  const { schema: inner, nullable } = withoutNull(schema);
  const items = inner.items;
  const named = namedPattern(inner);
  const base =
    inner.type === 'array'
      ? `array of ${isSchema(items) && !Array.isArray(items) ? describeType(items) : 'anything'}`
      : (named ?? [inner.type ?? 'anything'].flat().join(' or '));
  return nullable ? `${base} or null` : base;
}

/** What else the schema demands of a value, in words; empty when nothing. */
export function describeLimits(schema: JsonSchema): string {
  const { schema: inner } = withoutNull(schema);
  const limits: string[] = [];
  const values = inner.enum?.map((value) => `\`${String(value)}\``) ?? [];
  if (inner.const !== undefined) limits.push(`\`${String(inner.const)}\``);
  if (values.length > 12) limits.push('see [Task errors](#task-errors)');
  else if (values.length > 0) limits.push(values.join(', '));
  const least = inner.minimum ?? (typeof inner.exclusiveMinimum === 'number' ? inner.exclusiveMinimum + 1 : undefined);
  const most = inner.maximum === Number.MAX_SAFE_INTEGER ? undefined : inner.maximum;
  if (least !== undefined && most !== undefined) limits.push(`${least} to ${most}`);
  else if (least !== undefined) limits.push(`at least ${least}`);
  else if (most !== undefined) limits.push(`at most ${most}`);
  if (inner.minLength !== undefined) limits.push(`at least ${inner.minLength} characters`);
  if (inner.maxLength !== undefined) limits.push(`at most ${inner.maxLength} characters`);
  if (inner.maxItems !== undefined) limits.push(`at most ${inner.maxItems} items`);
  if (inner.pattern !== undefined && namedPattern(inner) === undefined) limits.push(`\`${inner.pattern}\``);
  if (schema.default !== undefined) limits.push(`default \`${JSON.stringify(schema.default)}\``);
  return limits.join('; ');
}
