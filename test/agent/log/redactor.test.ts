import { describe, expect, it } from 'vitest';
import { createRedactor, REDACTED } from '../../../main/agent/log/redactor.ts';

const SECRET = 'p@ss/w"ord+with=signs';

describe('registered secrets', () => {
  it('disappear in every usual encoding', () => {
    const redactor = createRedactor([SECRET]);
    const spellings = [
      SECRET,
      JSON.stringify({ key: SECRET }),
      `https://hub.example.org/?key=${encodeURIComponent(SECRET)}`,
      Buffer.from(SECRET).toString('base64'),
      Buffer.from(SECRET).toString('base64url'),
    ];
    for (const text of spellings) {
      expect(redactor.text(`before ${text} after`)).toContain(REDACTED);
      expect(redactor.text(text)).not.toContain('ord');
    }
  });

  it('leave nothing behind when one contains another', () => {
    const redactor = createRedactor(['secret', 'secret-and-more']);
    expect(redactor.text('it is secret-and-more')).toBe(`it is ${REDACTED}`);
  });

  it('count from the moment they are added', () => {
    const redactor = createRedactor();
    expect(redactor.text('rotated-secret-1')).toBe('rotated-secret-1');
    redactor.addSecret('rotated-secret-1');
    expect(redactor.text('rotated-secret-1')).toBe(REDACTED);
  });

  it('do not shred a log when a secret is a very short text', () => {
    const redactor = createRedactor(['', 'a']);
    expect(redactor.text('a page was rendered')).toBe('a page was rendered');
  });
});

describe('secret forms', () => {
  const redactor = createRedactor();
  it.each([
    [`X-Signature: v1=${'a1'.repeat(32)}`, 'a1a1'],
    [`the header was v1=${'b2'.repeat(32)} here`, 'b2b2'],
    [`enrol with lwt_${'c3'.repeat(8)}_${'d4'.repeat(32)}`, 'd4d4'],
    ['Authorization: Bearer abc.def-ghi', 'abc.def'],
    ['authorization=Basic YWRhOnB3', 'YWRhOnB3'],
    ['Cookie: session=12345; theme=dark', '12345'],
    ['{"set-cookie":"session=12345; HttpOnly"}', '12345'],
    ['failed: https://ada:hunter2@site.example/page', 'hunter2'],
  ])('are taken out of %s', (text, leak) => {
    expect(redactor.text(text)).not.toContain(leak);
  });

  it('leave ordinary lines alone', () => {
    const text = 'GET https://site.example/cookies/basic-recipes answered 200 in 35 ms, sha256 is ' + 'e'.repeat(64);
    expect(redactor.text(text)).toBe(text);
  });
});

describe('fields', () => {
  it('are redacted by name, whatever they hold', () => {
    const redactor = createRedactor();
    const fields = redactor.fields({
      secret: 'x',
      workerSecret: 'x',
      signature: 'x',
      'X-Signature': 'x',
      cookie: 'x',
      authorization: 'x',
      password: 12,
      operatorKey: 'x',
      enrolmentToken: 'x',
      url: 'https://site.example',
      attempt: 2,
      cookiesAllowed: true,
    });
    expect(fields).toEqual({
      secret: REDACTED,
      workerSecret: REDACTED,
      signature: REDACTED,
      'X-Signature': REDACTED,
      cookie: REDACTED,
      authorization: REDACTED,
      password: REDACTED,
      operatorKey: REDACTED,
      enrolmentToken: REDACTED,
      url: 'https://site.example',
      attempt: 2,
      cookiesAllowed: true,
    });
  });

  it('are searched for registered values under innocent names', () => {
    const redactor = createRedactor(['hub-secret-123']);
    expect(redactor.fields({ detail: 'body was {"s":"hub-secret-123"}' })).toEqual({
      detail: `body was {"s":"${REDACTED}"}`,
    });
  });
});
