/** The part of JSON Schema (2020-12) that payloads and settings are described with. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
}

/** What a value is edited with. */
export type FieldKind =
  | { kind: 'switch' }
  | { kind: 'number'; isWhole: boolean; minimum: number | undefined; maximum: number | undefined }
  | { kind: 'text'; maxLength: number | undefined }
  | { kind: 'choice'; values: string[] }
  | { kind: 'choices'; values: string[] }
  | { kind: 'texts' }
  | { kind: 'record' }
  | { kind: 'object'; fields: SchemaField[] }
  | { kind: 'json' };

export interface SchemaField {
  name: string;
  schema: JsonSchema;
  isRequired: boolean;
}

/** The schema itself for one that says “this or null”, or that stands elsewhere in the document. */
export function plainSchema(schema: JsonSchema, root: JsonSchema = schema): JsonSchema {
  if (schema.$ref !== undefined) {
    const target = root.$defs?.[schema.$ref.replace(/^#\/\$defs\//, '')];
    return target === undefined ? schema : plainSchema({ ...target, ...withoutReference(schema) }, root);
  }
  const choices = (schema.anyOf ?? schema.oneOf)?.filter((choice) => choice.type !== 'null');
  const [only] = choices ?? [];
  if (only !== undefined && choices?.length === 1) {
    return { ...plainSchema(only, root), ...pickDescription(schema) };
  }
  return schema;
}

function withoutReference({ $ref: _reference, ...rest }: JsonSchema): JsonSchema {
  return rest;
}

function pickDescription(schema: JsonSchema): JsonSchema {
  const picked: JsonSchema = {};
  if (schema.description !== undefined) picked.description = schema.description;
  if (schema.default !== undefined) picked.default = schema.default;
  return picked;
}

/** The fields of an object, in their order. */
export function fieldsOf(schema: JsonSchema): SchemaField[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    schema: property,
    // A field with a default is in `required` of what comes out; nobody has to fill it in.
    isRequired: required.has(name) && property.default === undefined,
  }));
}

/** How a value of this schema is edited. */
export function fieldKind(given: JsonSchema, root: JsonSchema = given): FieldKind {
  const schema = plainSchema(given, root);
  const type = Array.isArray(schema.type) ? schema.type.find((name) => name !== 'null') : schema.type;
  if (schema.enum?.every((value) => typeof value === 'string') === true) {
    return { kind: 'choice', values: schema.enum.filter((value) => typeof value === 'string') };
  }
  switch (type) {
    case 'boolean':
      return { kind: 'switch' };
    case 'integer':
    case 'number':
      return { kind: 'number', isWhole: type === 'integer', minimum: schema.minimum, maximum: schema.maximum };
    case 'string':
      return { kind: 'text', maxLength: schema.maxLength };
    case 'array': {
      const items = schema.items === undefined ? null : fieldKind(schema.items, root);
      if (items?.kind === 'choice') return { kind: 'choices', values: items.values };
      return items?.kind === 'text' ? { kind: 'texts' } : { kind: 'json' };
    }
    case 'object': {
      if (schema.properties !== undefined) return { kind: 'object', fields: fieldsOf(schema) };
      const values = schema.additionalProperties;
      return typeof values === 'object' && fieldKind(values, root).kind === 'text'
        ? { kind: 'record' }
        : { kind: 'json' };
    }
    default:
      return { kind: 'json' };
  }
}

/** What is wrong with a number, in a sentence; null when nothing is. */
export function numberProblem(text: string, field: Extract<FieldKind, { kind: 'number' }>): string | null {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) return 'Enter a number.';
  if (field.isWhole && !Number.isInteger(value)) return 'Enter a whole number.';
  if (field.minimum !== undefined && value < field.minimum) return `Enter ${field.minimum} or more.`;
  if (field.maximum !== undefined && value > field.maximum) return `Enter ${field.maximum} or less.`;
  return null;
}

/** `Name: value` lines to a record; null when a line is not one. */
export function parseRecord(text: string): Record<string, string> | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const entries = lines.map((line) => /^\s*([^:]+?)\s*:\s*(.*)$/.exec(line));
  if (entries.some((entry) => entry === null)) return null;
  return Object.fromEntries(entries.map((entry) => [entry?.[1] ?? '', entry?.[2] ?? '']));
}

export function formatRecord(record: unknown): string {
  if (typeof record !== 'object' || record === null) return '';
  return Object.entries(record)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join('\n');
}
