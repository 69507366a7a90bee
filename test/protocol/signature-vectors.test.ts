import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  enrolmentWorkerId,
  enrolRequest,
  enrolResponse,
  formatEnrolmentToken,
  parseEnrolmentToken,
} from '../../main/protocol/enrolment.ts';
import { handshakeRequest, handshakeResponse } from '../../main/protocol/handshake.ts';
import { hubErrorBody } from '../../main/protocol/hub-errors.ts';
import { submitResultRequest } from '../../main/protocol/results.ts';
import { canonicalRequest, canonicalResponse, sha256Hex } from '../../main/protocol/canonical-string.ts';
import { isNonce, signRequest, signResponse, verifyRequest, verifyResponse } from '../../main/protocol/signature.ts';
import { bodyOf, VECTORS } from './vectors.ts';

describe('the signature test vectors', () => {
  it('cover what implementations get wrong', () => {
    const requests = VECTORS.filter((vector) => vector.kind === 'request');
    expect(VECTORS.length).toBeGreaterThanOrEqual(8);
    expect(requests.length).toBeLessThan(VECTORS.length);
    expect(VECTORS.some((vector) => bodyOf(vector).length === 0)).toBe(true);
    expect(VECTORS.some((vector) => vector.bodyText === null)).toBe(true);
    expect(VECTORS.some((vector) => bodyOf(vector).length > (vector.bodyText?.length ?? Infinity))).toBe(true);
    expect(requests.some((vector) => /\?.*%/.test(vector.pathAndQuery))).toBe(true);
    expect(requests.some((vector) => vector.workerId.startsWith('token:'))).toBe(true);
    expect(new Set(VECTORS.map((vector) => vector.secret)).size).toBeGreaterThanOrEqual(4);
    expect(new Set(VECTORS.map((vector) => vector.name)).size).toBe(VECTORS.length);
  });

  it.each(VECTORS)('$name: hash, canonical string and signature are those of the file', (vector) => {
    const body = bodyOf(vector);
    expect(vector.bodyText === null ? body : Buffer.from(vector.bodyText, 'utf8')).toEqual(body);
    expect(sha256Hex(body)).toBe(vector.bodySha256);
    expect(isNonce(vector.nonce)).toBe(true);
    if (vector.kind === 'request') {
      expect(canonicalRequest({ ...vector, body })).toBe(vector.canonical);
      expect(signRequest(vector.secret, { ...vector, body })).toBe(vector.signature);
      expect(verifyRequest(vector.secret, { ...vector, body }, vector.signature)).toBe(true);
    } else {
      expect(canonicalResponse({ ...vector, body })).toBe(vector.canonical);
      expect(signResponse(vector.secret, { ...vector, body })).toBe(vector.signature);
      expect(verifyResponse(vector.secret, { ...vector, body }, vector.signature)).toBe(true);
    }
  });

  it('carry bodies that the protocol allows', () => {
    const schemas: Record<string, z.ZodType> = {
      'request-json': handshakeRequest,
      'response-json': handshakeResponse,
      'request-non-ascii-json': submitResultRequest,
      'response-error-non-ascii': hubErrorBody,
      'request-enrolment-token': enrolRequest,
      'response-enrolment-token': enrolResponse,
    };
    for (const [name, schema] of Object.entries(schemas)) {
      const body = VECTORS.find((vector) => vector.name === name)?.bodyText ?? '';
      expect(schema.safeParse(JSON.parse(body)).error, name).toBeUndefined();
    }
  });

  it('name the token that the enrolment is signed with', () => {
    const vector = VECTORS.find(({ name }) => name === 'request-enrolment-token');
    const token = parseEnrolmentToken(formatEnrolmentToken('00c0ffee12345678', vector?.secret ?? ''));
    expect(token?.key).toBe(vector?.secret);
    expect(enrolmentWorkerId(token?.tokenId ?? '')).toBe(vector?.workerId);
  });
});
