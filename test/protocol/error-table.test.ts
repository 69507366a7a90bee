import { describe, expect, it } from 'vitest';
import {
  ERROR_CODES,
  ERROR_TABLE,
  errorDefinition,
  LegworkError,
  toLegworkError,
} from '../../main/protocol/error-table.ts';
import { taskError } from '../../main/protocol/fields.ts';
import { HUB_ERRORS, hubErrorBody } from '../../main/protocol/hub-errors.ts';

describe('the table of task errors', () => {
  it.each(ERROR_CODES)('%s tells a person what happened and what to do, and fits the wire', (code) => {
    const definition = errorDefinition(code);
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(definition.message).toMatch(/^[A-Z].*\.$/);
    expect(definition.advice).toMatch(/\.$/);
    const onTheWire = { code, class: definition.class, message: definition.message };
    expect(taskError.safeParse(onTheWire).success).toBe(true);
  });

  it('never repeats what the same input fails again, nor what a rule forbids', () => {
    for (const code of ERROR_CODES) {
      const { class: errorClass, retry } = errorDefinition(code);
      if (errorClass === 'permanent' || errorClass === 'policy') expect(retry, code).toBe('never');
      if (errorClass === 'transient') expect(retry, code).toBe('backoff');
    }
  });

  it('refuses codes and classes that are not in it on the wire', () => {
    expect(taskError.safeParse({ code: 'boom', class: 'permanent', message: '' }).success).toBe(false);
    expect(taskError.safeParse({ code: 'internal', class: 'odd', message: '' }).success).toBe(false);
    expect(taskError.safeParse({ code: 'internal', class: 'infrastructure', message: 'x'.repeat(4_001) }).success).toBe(
      false,
    );
  });
});

describe('LegworkError', () => {
  it('puts the detail behind the message of its code', () => {
    const error = new LegworkError('page_timeout', 'After 30 s.', { notBeforeMs: 5 });
    expect(error.message).toBe(`${ERROR_TABLE.page_timeout.message} After 30 s.`);
    expect(error.class).toBe('transient');
    expect(error.notBeforeMs).toBe(5);
    expect(new LegworkError('internal').message).toBe(ERROR_TABLE.internal.message);
  });

  it('is made of anything that can be thrown, and left alone when it is one', () => {
    const known = new LegworkError('url_refused');
    expect(toLegworkError(known)).toBe(known);
    expect(toLegworkError(new TypeError('no')).detail).toBe('TypeError: no');
    for (const thrown of [undefined, null, 'text', 7, { odd: true }, Symbol('s')]) {
      expect(toLegworkError(thrown).code).toBe('internal');
    }
  });
});

describe('the table of hub errors', () => {
  it.each(Object.entries(HUB_ERRORS))(
    '%s has a status of refusal, a meaning and a body that fits',
    (code, definition) => {
      expect(definition.status).toBeGreaterThanOrEqual(400);
      expect(definition.status).toBeLessThan(600);
      expect(definition.meaning).toMatch(/\.$/);
      const body = { error: { code, message: definition.meaning, details: { offset: 7 } } };
      expect(hubErrorBody.safeParse(body).success).toBe(true);
    },
  );

  it('lets a hub have codes of its own, and refuses a body of another shape', () => {
    expect(hubErrorBody.safeParse({ error: { code: 'out_of_tea', message: '' } }).success).toBe(true);
    for (const wrong of [null, {}, { error: 'text' }, { error: { code: 'x' } }, { message: 'Unauthenticated.' }]) {
      expect(hubErrorBody.safeParse(wrong).success).toBe(false);
    }
  });
});
