import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SignedRequestParts, SignedResponseParts } from '../../main/protocol/canonical-string.ts';
import {
  createNonce,
  createSecret,
  isFresh,
  isNonce,
  MAX_CLOCK_SKEW_SECONDS,
  signRequest,
  signResponse,
  verifyRequest,
  verifyResponse,
} from '../../main/protocol/signature.ts';
import { workerSecret } from '../../main/protocol/enrolment.ts';

const SECRET = 'a secret of at least sixteen characters';
const REQUEST: SignedRequestParts = {
  timestamp: 1_795_000_000,
  nonce: '69b85816876184b933b043ea170a7172',
  method: 'POST',
  pathAndQuery: '/internal/results?a=1&b=2',
  body: Buffer.from('{"größe":1}'),
};
const RESPONSE: SignedResponseParts = {
  timestamp: 1_795_000_001,
  nonce: 'f29eac1f56f7778020db255a2ab95a9b',
  status: 200,
  requestNonce: REQUEST.nonce,
  body: Buffer.from('{"status":"stored"}'),
};

describe('verifyRequest', () => {
  const signature = signRequest(SECRET, REQUEST);

  it('accepts what was signed', () => {
    expect(verifyRequest(SECRET, REQUEST, signature)).toBe(true);
  });

  const tampered: [string, Partial<SignedRequestParts>][] = [
    ['timestamp', { timestamp: REQUEST.timestamp + 1 }],
    ['nonce', { nonce: '79b85816876184b933b043ea170a7172' }],
    ['method', { method: 'PUT' }],
    ['path', { pathAndQuery: '/internal/result?a=1&b=2' }],
    ['order of the query', { pathAndQuery: '/internal/results?b=2&a=1' }],
    ['value of the query', { pathAndQuery: '/internal/results?a=1&b=3' }],
    ['encoding of the path', { pathAndQuery: '/internal/%72esults?a=1&b=2' }],
    ['body', { body: Buffer.from('{"größe":2}') }],
    ['whitespace of the body', { body: Buffer.from('{"größe": 1}') }],
    ['escaping of the body', { body: Buffer.from('{"gr\\u00f6\\u00dfe":1}') }],
    ['absence of the body', { body: Buffer.alloc(0) }],
  ];
  it.each(tampered)('refuses another %s', (_part, change) => {
    expect(verifyRequest(SECRET, { ...REQUEST, ...change }, signature)).toBe(false);
  });

  it('refuses another secret, however close', () => {
    expect(verifyRequest(`${SECRET} `, REQUEST, signature)).toBe(false);
    expect(verifyRequest(SECRET.toUpperCase(), REQUEST, signature)).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['no version', signature.slice(3)],
    ['another version', signature.replace('v1=', 'v2=')],
    ['upper-case digits', `v1=${signature.slice(3).toUpperCase()}`],
    ['a digit less', signature.slice(0, -1)],
    ['a digit more', `${signature}0`],
    ['space around it', ` ${signature}`],
    ['a newline at the end', `${signature}\n`],
    ['two signatures', `${signature},${signature}`],
    ['digits of the same length outside ASCII', `v1=${'０'.repeat(64)}`],
    ['the digits in base64', `v1=${Buffer.from(signature.slice(3), 'hex').toString('base64')}`],
  ])('refuses a signature with %s', (_what, wrong) => {
    expect(verifyRequest(SECRET, REQUEST, wrong)).toBe(false);
  });

  it('never throws and accepts nothing else, whatever it is given', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^v1=[0-9a-f]{64}$/));
    fc.assert(
      fc.property(anything, fc.string({ unit: 'binary' }), (given, secret) => {
        expect(verifyRequest(secret, REQUEST, given)).toBe(given === signRequest(secret, REQUEST));
        expect(verifyResponse(secret, RESPONSE, given)).toBe(given === signResponse(secret, RESPONSE));
      }),
    );
  });
});

describe('verifyResponse', () => {
  const signature = signResponse(SECRET, RESPONSE);

  it('accepts what was signed', () => {
    expect(verifyResponse(SECRET, RESPONSE, signature)).toBe(true);
  });

  const tampered: [string, Partial<SignedResponseParts>][] = [
    ['timestamp', { timestamp: RESPONSE.timestamp - 1 }],
    ['nonce', { nonce: RESPONSE.requestNonce }],
    ['status', { status: 204 }],
    ['question', { requestNonce: RESPONSE.nonce }],
    ['body', { body: Buffer.from('{"status":"stored" }') }],
  ];
  it.each(tampered)('refuses another %s', (_part, change) => {
    expect(verifyResponse(SECRET, { ...RESPONSE, ...change }, signature)).toBe(false);
  });

  it('does not take the signature of a request for one of a response', () => {
    const request = signRequest(SECRET, { ...RESPONSE, method: '200', pathAndQuery: '/x' });
    expect(verifyResponse(SECRET, RESPONSE, request)).toBe(false);
  });
});

describe('freshness', () => {
  const now = 1_795_000_000;

  it('ends exactly at the permitted skew, in both directions', () => {
    for (const sign of [-1, 1]) {
      expect(isFresh(now + sign * MAX_CLOCK_SKEW_SECONDS, now)).toBe(true);
      expect(isFresh(now + sign * (MAX_CLOCK_SKEW_SECONDS + 1), now)).toBe(false);
    }
    expect(isFresh(now, now)).toBe(true);
  });

  it('is not given to something that is no time, nor to milliseconds', () => {
    for (const wrong of [Number.NaN, Infinity, -Infinity, now * 1_000, 0]) expect(isFresh(wrong, now)).toBe(false);
  });
});

describe('nonces and secrets', () => {
  it('are new each time and have the form that is demanded', () => {
    const nonces = new Set(Array.from({ length: 1_000 }, createNonce));
    expect(nonces.size).toBe(1_000);
    expect([...nonces].every(isNonce)).toBe(true);
    expect(workerSecret.safeParse(createSecret()).success).toBe(true);
    expect(createSecret()).toMatch(/^[0-9a-f]{64}$/);
    expect(createSecret()).not.toBe(createSecret());
  });

  it.each(['', 'f'.repeat(31), 'f'.repeat(33), 'F'.repeat(32), 'g'.repeat(32), `${'f'.repeat(32)}\n`, '０'.repeat(32)])(
    'refuse %j as a nonce',
    (wrong) => {
      expect(isNonce(wrong)).toBe(false);
    },
  );
});
