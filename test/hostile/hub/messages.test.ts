import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRetryAfterMs } from '../../../main/agent/server/retry-rules.ts';
import { addressFault } from '../../../main/browser/page-address.ts';
import { extraHeaders } from '../../../main/browser/request-headers.ts';
import { taskDefinitions } from '../../../main/browser/tasks/registry.ts';
import { blobStatusResponse, putBlobResponse } from '../../../main/protocol/blobs.ts';
import { enrolResponse, rotateSecretResponse } from '../../../main/protocol/enrolment.ts';
import { LegworkError } from '../../../main/protocol/error-table.ts';
import { goodbyeResponse } from '../../../main/protocol/goodbye.ts';
import { handshakeResponse } from '../../../main/protocol/handshake.ts';
import { heartbeatResponse } from '../../../main/protocol/heartbeat.ts';
import { hubErrorBody } from '../../../main/protocol/hub-errors.ts';
import { PayloadVault } from '../../../main/protocol/payload-vault.ts';
import { requestWorkResponse } from '../../../main/protocol/request-work.ts';
import { createNonce, signResponse, verifyResponse } from '../../../main/protocol/signature.ts';
import { taskErrorOf } from '../../../main/protocol/task-error.ts';
import { TaskCatalogue } from '../../../main/protocol/task-type.ts';
import { mutated, ownEntries, wickedText, wickedValue } from './arbitraries.ts';
import { CASES } from './case-counts.ts';

const SECRET = 'the-secret-of-the-hostile-hub-0123456789';
const IDENTIFIER = /^[A-Za-z0-9._:-]{1,128}$/;

/** Every message that a hub can send, with an example that is as it should be. */
const MESSAGES = [
  {
    schema: handshakeResponse,
    valid: {
      workerId: 'w',
      sessionId: 's',
      hubTimeMs: 1,
      leaseSeconds: 60,
      heartbeatSeconds: 20,
      maxWaitSeconds: 50,
      maxTasksPerRequest: 100,
      maxBlobBytes: 1e8,
      maxBlobChunkBytes: 1e6,
      keptLeases: ['a'],
      lostLeases: ['b'],
    },
  },
  {
    schema: requestWorkResponse,
    valid: {
      tasks: [
        {
          leaseId: 'l',
          leaseSeconds: 60,
          jobId: 'j',
          type: 'website_html',
          payload: { url: 'https://a.example/' },
          priority: 5,
          maxAttempts: 3,
        },
      ],
      lostLeases: [{ leaseId: 'l', reason: 'expired' }],
      commands: [{ id: 'c', command: 'pause' }],
    },
  },
  { schema: heartbeatResponse, valid: { renewedLeases: ['l'], leaseSeconds: 60, lostLeases: [], commands: [] } },
  { schema: putBlobResponse, valid: { status: 'partial', offset: 7 } },
  { schema: blobStatusResponse, valid: { status: 'absent', offset: 0 } },
  { schema: goodbyeResponse, valid: { returnedLeases: ['l'] } },
  { schema: enrolResponse, valid: { workerId: 'w', secret: 's'.repeat(64) } },
  { schema: rotateSecretResponse, valid: { secret: 's'.repeat(64) } },
  { schema: hubErrorBody, valid: { error: { code: 'x', message: 'y', details: { hubTimeMs: 1 } } } },
] as const;

/** Names by which a hub's message can come to mean something outside of it. */
function identifiersIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    if (/^(?:leaseId|jobId|workerId|sessionId|id)$/.test(key)) return [String(child)];
    if (key.endsWith('Leases') && Array.isArray(child)) {
      return child.flatMap((each: unknown) => (typeof each === 'string' ? [each] : identifiersIn(each)));
    }
    return key === 'payload' || key === 'details' ? [] : identifiersIn(child);
  });
}

describe('a message of a hostile hub', () => {
  it('is taken only in its form: names without paths, numbers within their limits', () => {
    const message = fc
      .constantFrom(...MESSAGES)
      .chain(({ schema, valid }) => fc.tuple(fc.constant(schema), mutated(valid)));
    fc.assert(
      fc.property(message, ([schema, given]) => {
        const parsed = schema.safeParse(given);
        if (!parsed.success) return;
        for (const name of identifiersIn(parsed.data)) expect(name).toMatch(IDENTIFIER);
        const { heartbeatSeconds, leaseSeconds } = parsed.data as unknown as Record<string, number | undefined>;
        if (heartbeatSeconds !== undefined) expect(heartbeatSeconds).toBeGreaterThanOrEqual(1);
        if (leaseSeconds !== undefined) expect(leaseSeconds).toBeLessThanOrEqual(86_400);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: CASES.messages },
    );
  });
});

describe('a payload of a hostile hub', () => {
  const catalogue = new TaskCatalogue(taskDefinitions);
  const vault = new PayloadVault(PayloadVault.createKey());
  const PAYLOADS: Record<string, Record<string, unknown>> = {
    website_html: {
      url: 'https://a.example/',
      waitForSelector: '#a',
      timeoutMs: 1_000,
      viewport: { width: 100, height: 100 },
      extraHeaders: { 'X-A': 'b', Authorization: 'Basic x' },
      cookies: [{ name: 'a', value: 'b', domain: 'a.example' }],
      basicAuth: { username: 'u', password: 'p' },
      blockResources: ['image'],
      screenshot: { fullPage: true },
      locale: 'de-DE',
    },
    lighthouse_html: {
      url: 'https://a.example/',
      categories: ['seo'],
      runs: 2,
      locale: 'de',
      extraHeaders: { Cookie: 'a=b' },
    },
  };
  const type = fc.constantFrom(...taskDefinitions.map(({ name }) => name));
  const given = type.chain((name) => fc.tuple(fc.constant(name), fc.oneof(mutated(PAYLOADS[name]), wickedValue)));

  it('is refused with a bounded message, or is one that its type declares, addressed to http or https', () => {
    fc.assert(
      fc.property(given, ([name, payload]) => {
        try {
          const parsed = catalogue.parsePayload(name, payload);
          const { protocol, username } = new URL(parsed.url);
          expect(['http:', 'https:']).toContain(protocol);
          expect(username).toBe('');
          expect(parsed.url).not.toMatch(/[\r\n\t\0]/);
          expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
          const deadlineMs = catalogue.get(name).deadlineMs(parsed);
          expect(deadlineMs).toBeGreaterThan(0);
          expect(deadlineMs).toBeLessThanOrEqual(3_600_000);
          // What is stored opens again as it was, whatever names it has in it.
          expect(vault.open(JSON.parse(JSON.stringify(vault.seal(parsed))))).toEqual(
            JSON.parse(JSON.stringify(parsed)),
          );
        } catch (error) {
          if (!(error instanceof LegworkError)) throw error;
          expect(error.code).toBe('invalid_payload');
          expect(error.message.length).toBeLessThan(100_000);
          expect(taskErrorOf(error).message.length).toBeLessThanOrEqual(4_000);
        }
      }),
      { numRuns: CASES.payloads },
    );
  });

  it('of ten thousand unknown fields is refused in few words and little time', () => {
    const payload = ownEntries(Array.from({ length: 10_000 }, (_, index) => [`field${index}`, index]));
    const startMs = performance.now();
    expect(() => catalogue.parsePayload('website_html', payload)).toThrow(LegworkError);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});

describe('a signature of a hostile hub', () => {
  const body = fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes));
  const parts = fc.record({
    timestamp: fc.integer({ min: 0, max: 2 ** 40 }),
    status: fc.integer({ min: 100, max: 599 }),
    body,
  });

  it('proves nothing but the very answer to the very request', () => {
    const change = fc.constantFrom('timestamp', 'nonce', 'status', 'requestNonce', 'body', 'secret', 'text');
    fc.assert(
      fc.property(parts, change, wickedText, (made, what, text) => {
        const whole = { ...made, nonce: createNonce(), requestNonce: createNonce() };
        const signature = signResponse(SECRET, whole);
        expect(verifyResponse(SECRET, whole, signature)).toBe(true);
        const changed = {
          ...whole,
          ...(what === 'timestamp' ? { timestamp: whole.timestamp + 1 } : {}),
          ...(what === 'nonce' ? { nonce: createNonce() } : {}),
          ...(what === 'status' ? { status: whole.status + 1 } : {}),
          ...(what === 'requestNonce' ? { requestNonce: createNonce() } : {}),
          ...(what === 'body' ? { body: Buffer.concat([whole.body, Buffer.from([0])]) } : {}),
        };
        const secret = what === 'secret' ? `${SECRET}${text}x` : SECRET;
        expect(verifyResponse(secret, changed, what === 'text' ? text : signature)).toBe(false);
        expect(verifyResponse(SECRET, { ...whole, nonce: text }, signature)).toBe(false);
      }),
      { numRuns: CASES.signatures },
    );
  });
});

describe('texts of a hostile hub', () => {
  it('make no time, address or header that means more than it may', () => {
    const nowMs = 1_760_000_000_000;
    fc.assert(
      fc.property(wickedText, wickedText, (one, other) => {
        const delayMs = parseRetryAfterMs(one, nowMs);
        expect(delayMs === null || (delayMs >= 0 && delayMs <= 3_600_000)).toBe(true);
        if (addressFault(one) === null) expect(new URL(one).protocol).toMatch(/^https?:$/);
        const headers = extraHeaders.safeParse(ownEntries([[one, other]]));
        if (!headers.success) return;
        for (const [name, value] of Object.entries(headers.data)) {
          expect(name).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
          expect(name.toLowerCase()).not.toMatch(
            /^(?:host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|content-length|proxy-.*|sec-.*)$/,
          );
          expect(value).not.toMatch(/[\r\n\0]/);
        }
      }),
      { numRuns: CASES.texts },
    );
  });
});

describe('the suite', () => {
  it('makes up ten thousand cases', () => {
    expect(Object.values(CASES).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(10_000);
  });
});
