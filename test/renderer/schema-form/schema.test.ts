import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lighthousePayload } from '../../../main/browser/lighthouse-html/payload.ts';
import { websiteHtmlPayload } from '../../../main/browser/website-html/payload.ts';
import {
  fieldKind,
  fieldsOf,
  type JsonSchema,
  numberProblem,
  parseRecord,
} from '../../../renderer/schema-form/schema.ts';

function schemaOf(payload: z.ZodType): JsonSchema {
  return z.toJSONSchema(payload, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

function kindsOf(schema: JsonSchema): Record<string, string> {
  return Object.fromEntries(fieldsOf(schema).map((field) => [field.name, fieldKind(field.schema, schema).kind]));
}

describe('the forms of the task types', () => {
  it('edits every field of website_html with what fits it', () => {
    expect(kindsOf(schemaOf(websiteHtmlPayload))).toMatchObject({
      url: 'text',
      waitUntil: 'choice',
      timeoutMs: 'number',
      viewport: 'object',
      extraHeaders: 'record',
      cookies: 'json',
      javaScriptEnabled: 'switch',
      blockResources: 'choices',
      screenshot: 'object',
    });
  });

  it('edits every field of lighthouse_html with what fits it', () => {
    expect(kindsOf(schemaOf(lighthousePayload))).toMatchObject({
      formFactor: 'choice',
      categories: 'choices',
      onlyAudits: 'texts',
      runs: 'number',
      fullPageScreenshot: 'switch',
    });
  });

  it('asks only for what has no default', () => {
    const required = fieldsOf(schemaOf(websiteHtmlPayload)).filter(({ isRequired }) => isRequired);
    expect(required.map(({ name }) => name)).toEqual(['url']);
  });
});

describe('fieldKind', () => {
  it('looks through “this or null” and references', () => {
    const root: JsonSchema = { $defs: { level: { type: 'string', enum: ['a', 'b'] } } };
    expect(fieldKind({ anyOf: [{ $ref: '#/$defs/level' }, { type: 'null' }] }, root)).toEqual({
      kind: 'choice',
      values: ['a', 'b'],
    });
  });

  it('falls back to JSON for what it does not know', () => {
    expect(fieldKind({}).kind).toBe('json');
    expect(fieldKind({ anyOf: [{ type: 'string' }, { type: 'number' }] }).kind).toBe('json');
  });
});

describe('what is typed', () => {
  const field = { kind: 'number', isWhole: true, minimum: 1, maximum: 5 } as const;

  it.each([
    ['', 'Enter a number.'],
    ['x', 'Enter a number.'],
    ['1.5', 'Enter a whole number.'],
    ['0', 'Enter 1 or more.'],
    ['6', 'Enter 5 or less.'],
    ['3', null],
  ])('the number %j: %s', (text, problem) => {
    expect(numberProblem(text, field)).toBe(problem);
  });

  it('reads headers line by line, colons in values included', () => {
    expect(parseRecord('Accept: text/html\n\nX-Time: 10:30 ')).toEqual({ Accept: 'text/html', 'X-Time': '10:30 ' });
    expect(parseRecord('no colon')).toBeNull();
  });
});
