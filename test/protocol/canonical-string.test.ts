import * as fc from 'fast-check';
import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  canonicalRequest,
  canonicalResponse,
  sha256Hex,
  type SignedRequestParts,
  type SignedResponseParts,
} from '../../main/protocol/canonical-string.ts';

/** What RFC 9112 lets a request line carry: a method is a token, a target has no space and no control character. */
const timestamp = fc.nat({ max: 10_000_000_000 });
const nonce = fc.stringMatching(/^[0-9a-f]{32}$/);
const method = fc.oneof(fc.constantFrom('GET', 'PUT', 'POST', 'DELETE'), fc.stringMatching(/^[A-Z]{1,12}$/));
const pathAndQuery = fc.stringMatching(/^\/[!-~]{0,80}$/);
const body = fc.uint8Array({ maxLength: 60 });
const request: fc.Arbitrary<SignedRequestParts> = fc.record({ timestamp, nonce, method, pathAndQuery, body });
const response: fc.Arbitrary<SignedResponseParts> = fc.record({
  timestamp,
  nonce,
  status: fc.integer({ min: 200, max: 599 }),
  requestNonce: nonce,
  body,
});

describe('the canonical string', () => {
  it('of a request gives each of its fields back, so that no two requests share one', () => {
    fc.assert(
      fc.property(request, (parts) => {
        const lines = canonicalRequest(parts).split('\n');
        expect(lines).toEqual([
          'v1',
          String(parts.timestamp),
          parts.nonce,
          parts.method,
          parts.pathAndQuery,
          sha256Hex(parts.body),
        ]);
      }),
    );
  });

  it('of a response gives each of its fields back, so that no two responses share one', () => {
    fc.assert(
      fc.property(response, (parts) => {
        const lines = canonicalResponse(parts).split('\n');
        expect(lines).toEqual([
          'v1',
          String(parts.timestamp),
          parts.nonce,
          String(parts.status),
          parts.requestNonce,
          sha256Hex(parts.body),
        ]);
      }),
    );
  });

  it('of two requests is the same only when they are', () => {
    fc.assert(
      fc.property(
        request,
        request,
        fc.subarray(['timestamp', 'nonce', 'method', 'pathAndQuery', 'body']),
        (a, b, same) => {
          const mixed = { ...b, ...Object.fromEntries(Object.entries(a).filter(([name]) => same.includes(name))) };
          const equal =
            a.timestamp === mixed.timestamp &&
            a.nonce === mixed.nonce &&
            a.method === mixed.method &&
            a.pathAndQuery === mixed.pathAndQuery &&
            Buffer.from(a.body).equals(Buffer.from(mixed.body));
          expect(canonicalRequest(a) === canonicalRequest(mixed)).toBe(equal);
        },
      ),
    );
  });

  it('of a request is never that of a response, even for a method that looks like a status', () => {
    fc.assert(
      fc.property(request, response, (asked, answered) => {
        const disguised = { ...asked, ...answered, method: String(answered.status) };
        expect(canonicalRequest(disguised)).not.toBe(canonicalResponse(answered));
      }),
    );
  });

  it('does not depend on the case of the method', () => {
    const parts = { timestamp: 1, nonce: 'f'.repeat(32), pathAndQuery: '/', body: Buffer.alloc(0) };
    expect(canonicalRequest({ ...parts, method: 'post' })).toBe(canonicalRequest({ ...parts, method: 'POST' }));
  });
});

describe('a line break inside a field', () => {
  const seen: string[] = [];
  const server = http.createServer((incoming, outgoing) => {
    seen.push(incoming.method ?? '', incoming.url ?? '', ...Object.values(incoming.headers).flat().map(String));
    outgoing.end();
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  function sendRaw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.end(text, 'latin1'));
      let answer = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
      socket.on('error', reject).on('close', () => resolve(answer));
    });
  }

  it.each([
    ['a line feed in the target', 'GET /a\nb HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'],
    ['a carriage return in the target', 'GET /a\rb HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: h\r\nX-Nonce: a\r\n b\r\nConnection: close\r\n\r\n'],
    ['a bare line feed in a header', 'GET / HTTP/1.1\r\nHost: h\r\nX-Nonce: a\nPOST\r\nConnection: close\r\n\r\n'],
    ['a carriage return in a header', 'GET / HTTP/1.1\r\nHost: h\r\nX-Nonce: a\rb\r\nConnection: close\r\n\r\n'],
    ['a method in small letters', 'post / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'],
    ['a target that is no path', 'GET a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'],
  ])('never arrives over HTTP: %s', async (_what, text) => {
    seen.length = 0;
    const answer = await sendRaw(text);
    const refused = answer.startsWith('HTTP/1.1 400') || answer === '';
    expect(refused || seen.every((value) => !/[\r\n]/.test(value))).toBe(true);
  });
});
