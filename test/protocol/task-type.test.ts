import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LegworkError } from '../../main/protocol/error-table.ts';
import { jsonObject } from '../../main/protocol/fields.ts';
import { TaskCatalogue, type TaskType } from '../../main/protocol/task-type.ts';

const photo: TaskType = {
  name: 'photo',
  version: 1,
  summary: 'Takes a photo.',
  lane: 'page',
  payloadSchema: z.strictObject({
    url: z.url(),
    viewport: z.strictObject({ width: z.number().int().max(4_000) }).default({ width: 1_280 }),
    cookies: z.array(z.strictObject({ name: z.string() })).default([]),
  }),
  resultSchema: jsonObject,
  deadlineMs: () => 1_000,
};
const catalogue = new TaskCatalogue([photo]);

function refusalOf(run: () => unknown): LegworkError {
  try {
    run();
  } catch (error) {
    if (error instanceof LegworkError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('TaskCatalogue.parsePayload', () => {
  it('fills the defaults in', () => {
    expect(catalogue.parsePayload('photo', { url: 'https://example.org/' })).toEqual({
      url: 'https://example.org/',
      viewport: { width: 1_280 },
      cookies: [],
    });
  });

  it('names the path of a field that does not exist', () => {
    const payload = { url: 'https://example.org/', size: 1, viewport: { width: 1, height: 2, depth: 3 } };
    const refusal = refusalOf(() => catalogue.parsePayload('photo', payload));
    for (const path of ['payload.size', 'payload.viewport.height', 'payload.viewport.depth']) {
      expect(refusal.detail).toContain(`${path}: `);
    }
  });

  it('names the path of every wrong field', () => {
    const payload = { url: 'no url', viewport: { width: 4_001 }, cookies: [{ name: 'a' }, { name: 7 }] };
    const refusal = refusalOf(() => catalogue.parsePayload('photo', payload));
    expect(refusal.code).toBe('invalid_payload');
    expect(refusal.detail).toContain('payload.url: ');
    expect(refusal.detail).toContain('payload.viewport.width: ');
    expect(refusal.detail).toContain('payload.cookies.1.name: ');
    expect(refusal.detail).not.toContain('\n');
  });

  it.each([[null], ['text'], [[]], [undefined]])('names the payload itself when it is %j', (payload) => {
    const refusal = refusalOf(() => catalogue.parsePayload('photo', payload));
    expect(refusal.code).toBe('invalid_payload');
    expect(refusal.detail).toMatch(/^payload: /);
  });

  it('says which types there are when the asked one is unknown, and does not fall for inherited names', () => {
    for (const name of ['phot', '', 'constructor', '__proto__']) {
      const refusal = refusalOf(() => catalogue.parsePayload(name, {}));
      expect(refusal.code).toBe('unknown_type');
      expect(refusal.detail).toContain('photo');
    }
  });
});

describe('a task type that is switched off', () => {
  const withoutPhoto = new TaskCatalogue([photo, { ...photo, name: 'film' }], ['photo']);

  it('is not listed, so that no hub is told of it', () => {
    expect(withoutPhoto.list().map(({ name }) => name)).toEqual(['film']);
  });

  it('is refused with a code of its own, whatever its payload', () => {
    for (const payload of [{ url: 'https://example.org/' }, {}, null]) {
      expect(refusalOf(() => withoutPhoto.parsePayload('photo', payload)).code).toBe('type_disabled');
    }
    expect(refusalOf(() => withoutPhoto.get('photo')).class).toBe('policy');
    expect(withoutPhoto.parsePayload('film', { url: 'https://example.org/' })).toBeTruthy();
  });

  it('keeps its version, for results that are still to be delivered', () => {
    const second = new TaskCatalogue([{ ...photo, version: 2 }], ['photo']);
    expect([second.versionOf('photo'), second.versionOf('never-heard-of')]).toEqual([2, 1]);
  });
});
