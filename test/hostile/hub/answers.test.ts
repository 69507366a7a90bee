import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { HubCallError } from '../../../main/agent/server/hub-call-error.ts';
import { HubClient } from '../../../main/agent/server/hub-client.ts';
import { NodeHttpTransport } from '../../../main/agent/server/http-transport.ts';
import { handshakeResponse } from '../../../main/protocol/handshake.ts';
import { heartbeatResponse } from '../../../main/protocol/heartbeat.ts';
import { systemClock } from '../../../main/protocol/ports.ts';
import { requestWorkResponse } from '../../../main/protocol/request-work.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { mutated, wickedText, wickedValue } from './arbitraries.ts';
import { CASES } from './case-counts.ts';
import { startHostileHub, type HostileAnswer } from './hostile-hub.ts';

const SECRET = 'the-secret-of-the-hostile-hub-0123456789';
const SCHEMAS = [handshakeResponse, requestWorkResponse, heartbeatResponse] as const;
const VALID = {
  tasks: [
    { leaseId: 'l', leaseSeconds: 60, jobId: 'j', type: 'website_html', payload: {}, priority: 5, maxAttempts: 3 },
  ],
  lostLeases: [{ leaseId: 'l', reason: 'expired' }],
  commands: [{ id: 'c', command: 'pause' }],
  renewedLeases: ['l'],
  leaseSeconds: 60,
};
const REFUSAL = { error: { code: 'clock_skew', message: 'no', details: { hubTimeMs: 1_760_000_000_000 } } };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

function clientOf(origin: URL): HubClient {
  const transport = new NodeHttpTransport(origin);
  cleanUps.push(() => transport.close());
  const credentials = (): { workerId: string; secret: string } => ({ workerId: 'w', secret: SECRET });
  return new HubClient({ transport, credentials, basePath: '', clock: systemClock, log: new RecordingLog() });
}

const ZEROS = Buffer.alloc(48 * 1024 * 1024);
const BOMBS = { gzip: gzipSync(ZEROS, { level: 9 }), br: brotliCompressSync(ZEROS) };
const DEEP = Buffer.from('{"error":'.repeat(1) + '['.repeat(200_000) + ']'.repeat(200_000) + '}');
const DEEP_REFUSAL = Buffer.from(
  `{"error":{"code":"x","message":"y","details":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}}`,
);

const body: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 4, arbitrary: mutated(VALID).map((value) => Buffer.from(JSON.stringify(value) ?? '')) },
  { weight: 3, arbitrary: mutated(REFUSAL).map((value) => Buffer.from(JSON.stringify(value) ?? '')) },
  { weight: 3, arbitrary: wickedValue.map((value) => Buffer.from(JSON.stringify(value) ?? '')) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.constantFrom(DEEP, DEEP_REFUSAL, Buffer.alloc(0), Buffer.from('{"a":1}'.repeat(10_000))) },
);

const headers: fc.Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Record<string, string>>(
      { 'Retry-After': '99999999999999999999' },
      { 'Retry-After': '-5' },
      { 'Retry-After': 'Fri, 31 Dec 9999 23:59:59 GMT' },
      { 'Retry-After': 'soon' },
      { Location: 'http://169.254.169.254/' },
      { 'Set-Cookie': 'a=b' },
      { 'Content-Encoding': 'gzip' },
      { 'X-Long': 'x'.repeat(10_000) },
    ),
  },
);

const hostileAnswer: fc.Arbitrary<HostileAnswer> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      status: fc.constantFrom(
        200,
        200,
        200,
        201,
        301,
        302,
        400,
        401,
        401,
        403,
        404,
        408,
        409,
        410,
        413,
        425,
        429,
        500,
        503,
        599,
      ),
      body,
      headers,
      signature: fc.constantFrom(
        'right',
        'right',
        'other secret',
        'replayed',
        'other status',
        'other body',
        'none',
        'malformed',
      ),
      delivery: fc.oneof(
        { weight: 20, arbitrary: fc.constant('whole' as const) },
        { weight: 2, arbitrary: fc.constant('cut' as const) },
        { weight: 1, arbitrary: fc.constantFrom('silent' as const, 'trickle' as const) },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...(['gzip', 'br'] as const)).map((encoding) => ({
      status: 200,
      body: BOMBS[encoding],
      headers: { 'Content-Encoding': encoding },
      signature: 'right' as const,
      delivery: 'whole' as const,
    })),
  },
);

describe('a signed call to a hostile hub', () => {
  it('ends in what the schema allows or in one kind of error', { timeout: 300_000 }, async () => {
    let current: HostileAnswer | null = null;
    const hub = await startHostileHub(SECRET, () => current ?? unexpected());
    cleanUps.push(() => hub.close());
    const client = clientOf(hub.origin);
    const residentBefore = process.memoryUsage().rss;
    await fc.assert(
      fc.asyncProperty(hostileAnswer, fc.constantFrom(...SCHEMAS), async (answer, schema) => {
        current = answer;
        const isSlow = answer.delivery === 'silent' || answer.delivery === 'trickle';
        const timeoutMs = isSlow ? 60 : 20_000;
        try {
          const value: unknown = await client.post('/internal/x', {}, schema, { timeoutMs });
          expect(answer.signature).toBe('right');
          expect(answer.delivery === 'whole' || answer.body.byteLength < 2).toBe(true);
          expect(schema.safeParse(value).success).toBe(true);
        } catch (error) {
          if (!(error instanceof HubCallError)) throw error;
          expect(error.retryAfterMs ?? 0).toBeLessThanOrEqual(3_600_000);
          expect(error.retryAfterMs ?? 0).toBeGreaterThanOrEqual(0);
          expect(error.message.length).toBeLessThan(20_000);
          if (answer.signature !== 'right') expect(error.failure).not.toBe('refused');
        }
        expect(Number.isSafeInteger(client.clockOffsetMs)).toBe(true);
      }),
      { numRuns: CASES.answers },
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
    // Bombs of 48 MiB each would show.
    expect(process.memoryUsage().rss - residentBefore).toBeLessThan(400 * 1024 * 1024);
  });

  it('reads no more of an endless answer than it may', { timeout: 60_000 }, async () => {
    let sentBytes = 0;
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const server = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n');
      const more = (): void => {
        while (!socket.destroyed && socket.write(chunk)) sentBytes += chunk.byteLength;
        if (!socket.destroyed) socket.once('drain', more);
      };
      more();
    });
    const failure = await clientOf(server)
      .call('POST', '/x')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ failure: 'unreachable', retryable: true });
    expect(String(failure)).toContain('larger than');
    expect(sentBytes).toBeLessThan(80 * 1024 * 1024);
  });
});

const GARBAGE = [
  '',
  '\r\n\r\n',
  'HTTP/9.9 200 OK\r\n\r\n',
  'HTTP/1.1 99999 What\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx',
  'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\nContent-Length: 3\r\n\r\nabc',
  `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(200_000)}\r\n\r\n`,
  `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(20_000)}\r\n`,
  `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(2_000)}HTTP/1.1 204 No\r\n\r\n`,
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nframes',
  'HTTP/1.1 200 OK\r\nSet-Cookie: a\r\n b: folded\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX-Nonce: \u0000\r\n\r\n',
  'HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}',
  'SSH-2.0-OpenSSH_9.2p1\r\n',
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  '220 smtp.example.org ESMTP\r\n',
  'ICY 200 OK\r\n\r\n',
];

describe('a signed call to something that does not speak HTTP', () => {
  it('fails as unreachable or unproven, whatever the bytes are', { timeout: 300_000 }, async () => {
    let current: Uint8Array = Buffer.alloc(0);
    const origin = await rawServer((socket) => socket.end(current));
    const client = clientOf(origin);
    const bytes = fc.oneof(
      fc.constantFrom(...GARBAGE).map((text) => Buffer.from(text, 'latin1')),
      fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
      wickedText.map((text) => Buffer.from(`HTTP/1.1 200 OK\r\nX-Signature: ${text}\r\n\r\n${text}`)),
    );
    const check = async (given: Uint8Array): Promise<void> => {
      current = given;
      const failure = await client.call('POST', '/x', undefined, undefined, { timeoutMs: 250 }).then(
        () => null,
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(HubCallError);
      expect(['unreachable', 'unverified']).toContain((failure as HubCallError).failure);
    };
    for (const text of GARBAGE) await check(Buffer.from(text, 'latin1'));
    await fc.assert(fc.asyncProperty(bytes, check), { numRuns: CASES.garbage });
  });
});

async function rawServer(onRequest: (socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => onRequest(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

function unexpected(): never {
  throw new Error('No answer is set.');
}
