import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  enrolmentWorkerId,
  enrolRequest,
  enrolResponse,
  formatEnrolmentToken,
  parseEnrolmentToken,
} from '../../main/protocol/enrolment.ts';
import { identifier } from '../../main/protocol/fields.ts';

const tokenId = fc.stringMatching(/^[0-9a-f]{16}$/);
const key = fc.stringMatching(/^[0-9a-f]{64}$/);

describe('an enrolment token', () => {
  it('is read back as it was written, also with space that a paste has left around it', () => {
    fc.assert(
      fc.property(tokenId, key, fc.constantFrom('', ' ', '\n', '\t\r\n'), (id, secret, space) => {
        const text = `${space}${formatEnrolmentToken(id, secret)}${space}`;
        expect(parseEnrolmentToken(text)).toEqual({ tokenId: id, key: secret });
      }),
    );
  });

  it('has an id that fits into X-Worker-Id and does not give the key away', () => {
    fc.assert(
      fc.property(tokenId, key, (id, secret) => {
        expect(identifier.safeParse(enrolmentWorkerId(id)).success).toBe(true);
        expect(enrolmentWorkerId(id)).not.toContain(secret);
      }),
    );
  });

  it.each([
    '',
    'lwt_',
    `lwt_${'a'.repeat(16)}`,
    `lwt_${'a'.repeat(16)}_${'b'.repeat(63)}`,
    `lwt_${'a'.repeat(15)}_${'b'.repeat(64)}`,
    `LWT_${'a'.repeat(16)}_${'b'.repeat(64)}`,
    `lwt_${'A'.repeat(16)}_${'b'.repeat(64)}`,
    `lwt_${'a'.repeat(16)}_${'b'.repeat(64)}x`,
    `lwt_${'a'.repeat(16)}_${'b'.repeat(64)} lwt_`,
    `lwt_${'a'.repeat(16)} ${'b'.repeat(64)}`,
    `lwt_${'a'.repeat(16)}_${'b'.repeat(32)}\n${'b'.repeat(32)}`,
  ])('is not seen in %j', (text) => {
    expect(parseEnrolmentToken(text)).toBeNull();
  });
});

describe('the enrolment messages', () => {
  const request = { instanceId: 'instance-1', label: '', agentVersion: '0.1.0' };

  it('allow an empty label, refuse a missing one, one of 101 characters and an instance with spaces', () => {
    expect(enrolRequest.safeParse(request).success).toBe(true);
    for (const wrong of [{ label: undefined }, { label: 'x'.repeat(101) }, { label: null }, { instanceId: 'a b' }]) {
      expect(enrolRequest.safeParse({ ...request, ...wrong }).success).toBe(false);
    }
  });

  it('refuse a secret that is too short to be one', () => {
    expect(enrolResponse.safeParse({ workerId: 'w', secret: 'x'.repeat(15) }).success).toBe(false);
    expect(enrolResponse.safeParse({ workerId: 'w', secret: 'x'.repeat(16) }).success).toBe(true);
    expect(enrolResponse.safeParse({ workerId: 'w', secret: 'x'.repeat(257) }).success).toBe(false);
  });
});
