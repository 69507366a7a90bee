import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { MAX_BODY_BYTES } from '../../../main/agent/control-api/control-server.ts';
import { ControlBench } from './control-bench.ts';

let bench: ControlBench;
beforeEach(async () => {
  bench = new ControlBench();
  await bench.open();
});
afterEach(() => bench.server.close());

describe('bodies', () => {
  it.each([
    ['no JSON', '{"word":', 'bad_request'],
    ['another form', '{"word":1}', 'bad_request'],
    ['an unknown field', '{"words":"a"}', 'bad_request'],
    ['an array', '[]', 'bad_request'],
    ['nested without end', '['.repeat(100_000), 'bad_request'],
    ['__proto__', '{"__proto__":{"word":"x"},"constructor":1}', 'bad_request'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]), 'bad_request'],
    ['what the agent refuses', '{"word":"wrong"}', 'bad_request'],
    ['what finds no room', '{"word":"full"}', 'unavailable'],
    ['what makes it fail', '{"word":"crash"}', 'internal'],
    ['what makes it answer in another form', '{"word":"odd"}', 'internal'],
  ] as const)('%s', async (_what, sent, code) => {
    const answer = await bench.call({ body: sent });
    await bench.expectRefusal(answer, code, true);
    expect(answer.body.toString()).not.toContain('secret of');
  });

  it('name the field that is wrong', async () => {
    const answer = await bench.call({ body: '{"word":"a word that is too long"}' });
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { details: { issues: [{ path: 'word' }] } } });
  });

  it('too large: announced, or growing', async () => {
    await bench.expectRefusal(await bench.call({ body: 'x'.repeat(MAX_BODY_BYTES + 1) }), 'too_large', false);
    const chunk = `10000\r\n${'x'.repeat(0x1_0000)}\r\n`;
    const received = await bench.sendRaw(
      `POST /internal/say HTTP/1.1\r\nHost: 127.0.0.1:${bench.port}\r\nTransfer-Encoding: chunked\r\n\r\n`,
      (socket) => {
        const more = (): void => {
          while (!socket.destroyed && socket.write(chunk));
        };
        socket.on('drain', more);
        more();
      },
    );
    expect(received).toContain('413');
    expect((await bench.call({ body: '{"word":"next"}' })).status).toBe(200);
  });

  it('that trickle in, and headers that do, are given up', async () => {
    const impatient = new ControlBench(500);
    onTestFinished(() => impatient.server.close());
    await impatient.open();
    const head = `POST /internal/say HTTP/1.1\r\nHost: 127.0.0.1:${impatient.port}\r\n`;
    const [slowBody, slowHead] = await Promise.all([
      impatient.sendRaw(`${head}Content-Length: 100\r\n\r\n{`),
      impatient.sendRaw(head),
    ]);
    expect(slowBody).toContain('408');
    expect(slowHead).toContain('408');
    expect(impatient.carriedOut).toEqual([]);
  });

  it('that end in the middle leave nothing behind', async () => {
    await bench.sendRaw(
      `POST /internal/say HTTP/1.1\r\nHost: 127.0.0.1:${bench.port}\r\nContent-Length: 100\r\n\r\n{`,
      (socket) => socket.destroy(),
    );
    expect((await bench.call({ body: '{"word":"next"}' })).status).toBe(200);
  });
});

describe('paths, methods and what is not HTTP', () => {
  it.each([
    '/internal/say/',
    '/internal//say',
    '/internal/../internal/say',
    '/INTERNAL/say',
    '/internal/%73ay',
    '/',
    '/internal/say?a=1',
  ])('%s is no call', async (path) => {
    await bench.expectRefusal(await bench.call({ path }), 'not_found', true);
  });

  it.each([
    '/../../etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/internal/say/../../../etc/passwd',
    'http://127.0.0.1/internal/say',
    '*',
  ])('%s leads nowhere', async (path) => {
    const received = await bench.sendRaw(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${bench.port}\r\nConnection: close\r\n\r\n`,
    );
    expect(received).toMatch(/^HTTP\/1\.1 40[01]/);
    expect(received).not.toContain('root:');
  });

  it('another method is told which is right', async () => {
    const answer = await bench.call({ method: 'DELETE' });
    await bench.expectRefusal(answer, 'method_not_allowed', true);
    expect(answer.headers.allow).toBe('POST');
  });

  it.each([
    ['nonsense', 'hello\r\n\r\n', /400/],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000', /400/],
    [
      'two bodies',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /400/,
    ],
    ['endless headers', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, /413/],
    ['a tunnel', 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n', /^$/],
    ['another protocol', 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', /^$/],
  ])('%s', async (_what, text, expected) => {
    expect(await bench.sendRaw(text)).toMatch(expected);
    expect((await bench.call({ body: '{"word":"next"}' })).status).toBe(200);
  });
});
