import http from 'node:http';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, type RawData } from 'ws';
import { UiStack } from './ui-stack.ts';

let stack: UiStack;
let url: URL;
const clients: WebSocket[] = [];
beforeEach(async () => {
  stack = await new UiStack().start();
  url = new URL((await stack.serve()).url);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await stack.close();
});

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** A request exactly as it is written, which fetch would tidy up. */
function request(path: string, options: { headers?: Record<string, string>; method?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { headers = {}, method = 'GET' } = options;
    const sent = http.request(
      { host: '127.0.0.1', port: url.port, path, method, headers, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

function connect(options: { path?: string; origin?: string | null; host?: string } = {}): WebSocket {
  const { path = `${url.pathname}socket`, origin = url.origin, host } = options;
  const client = new WebSocket(`ws://127.0.0.1:${url.port}${path}`, {
    ...(origin === null ? {} : { origin }),
    ...(host === undefined ? {} : { headers: { host } }),
  });
  clients.push(client);
  return client;
}

const opened = (client: WebSocket): Promise<string> =>
  new Promise((resolve) => {
    client.on('open', () => resolve('open'));
    client.on('error', (error) => resolve(error.message));
  });
const closed = (client: WebSocket): Promise<number> =>
  new Promise((resolve) => {
    client.on('error', () => undefined);
    client.on('close', (code) => resolve(code));
  });
const messageThat = (client: WebSocket, fits: (message: Record<string, unknown>) => boolean) =>
  new Promise<Record<string, unknown>>((resolve) => {
    const look = (data: RawData): void => {
      const message = JSON.parse((data as Buffer).toString()) as Record<string, unknown>;
      if (!fits(message)) return;
      client.off('message', look);
      resolve(message);
    };
    client.on('message', look);
  });
const ask = (client: WebSocket, id: number, call: string, argument: unknown = null) => {
  const answer = messageThat(client, (message) => message['id'] === id);
  client.send(JSON.stringify({ id, call, argument }));
  return answer;
};

describe('the page', () => {
  it('is given to who has its address, with headers that let it load nothing of others', async () => {
    const { status, headers, body } = await request(url.pathname);
    expect(status).toBe(200);
    expect(body).toContain('Legwork');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(headers['content-security-policy']).toContain(`connect-src 'self' ws://127.0.0.1:${url.port}`);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect((await request(url.pathname.slice(0, -1))).headers['location']).toBe(url.pathname);
  });

  it.each([
    ['no token', () => '/'],
    ['a wrong token', () => `/${'0'.repeat(32)}/`],
    ['a part of the token', () => url.pathname.slice(0, 20)],
    ['a path out of the folder', () => `${url.pathname}../outside.html`],
    ['a path out of the folder, encoded', () => `${url.pathname}%2e%2e%2foutside.html`],
    ['a path out of the folder, with a backslash', () => `${url.pathname}..%5coutside.html`],
    ['a kind of file that no page has', () => `${url.pathname}../config.json5`],
    ['a path that cannot be decoded', () => `${url.pathname}%zz`],
    ['an empty name', () => `${url.pathname}%00index.html`],
    ['the address of another server', () => 'http://evil.example/'],
  ])('is not given for %s', async (_, path) => {
    const { status, body } = await request(path());
    expect(status).toBe(404);
    expect(body).toBe('');
  });

  it.each([
    ['a name that somebody made resolve to this machine', { host: 'evil.example' }],
    ['the right name with another port', { host: '127.0.0.1:1' }],
    ['a page of another origin', { origin: 'https://evil.example' }],
    ['a page of another port', { origin: 'http://127.0.0.1:1' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['an image of another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
  ])('is not given to %s', async (_, headers) => {
    expect((await request(url.pathname, { headers })).status).toBe(403);
  });

  it('takes no other method, and survives what is no HTTP', async () => {
    expect((await request(url.pathname, { method: 'POST' })).status).toBe(405);
    expect((await request(url.pathname, { method: 'DELETE' })).status).toBe(405);
    const socket = net.connect(Number(url.port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.end('\u0000\u0001 nonsense\r\n\r\n');
    await new Promise((resolve) => socket.on('close', resolve));
    expect((await request(url.pathname)).status).toBe(200);
  });
});

describe('the socket', () => {
  it('answers calls and tells several windows of changes', async () => {
    const [one, two] = [connect(), connect()];
    expect(await Promise.all([opened(one), opened(two)])).toEqual(['open', 'open']);
    expect(await ask(one, 7, 'snapshot')).toMatchObject({ id: 7, answer: { shell: 'web', activity: 'idle' } });
    const isPaused = (message: Record<string, unknown>): boolean =>
      message['event'] === 'snapshot' && (message['data'] as { activity: string }).activity === 'paused';
    const told = [messageThat(one, isPaused), messageThat(two, isPaused)];
    expect(await ask(one, 8, 'pause', { untilMs: null })).toEqual({ id: 8, answer: null });
    await Promise.all(told);
  });

  it.each([
    ['no origin', { origin: null }],
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
    ['another name', { host: 'rebinding.example' }],
    ['no token', { path: '/socket' }],
    ['another path', { path: '/0123/socket' }],
  ])('is not opened for %s', async (_, options) => {
    expect(await opened(connect(options))).toMatch(/Unexpected server response: 40[34]/);
  });

  it('lets one go that does not speak the language, and goes on with the others', async () => {
    const good = connect();
    await opened(good);
    for (const nonsense of ['{', '[]', '{"id":1}', '{"id":"1","call":"snapshot"}', 'null', Buffer.from([0xff, 0xfe])]) {
      const bad = connect();
      await opened(bad);
      bad.send(nonsense);
      expect(await closed(bad)).toBe(1003);
    }
    const huge = connect();
    await opened(huge);
    huge.send(`{"id":1,"call":"${'x'.repeat(3 * 1024 * 1024)}"}`);
    expect(await closed(huge)).toBe(1009);
    expect(await ask(good, 1, 'no_such_call')).toMatchObject({ failure: { code: 'unknown_call' } });
    expect(await ask(good, 2, 'enqueue', { type: 5 })).toMatchObject({ failure: { code: 'invalid_argument' } });
    expect(await ask(good, 3, 'snapshot')).toMatchObject({ answer: { version: expect.any(String) } });
  });

  it('lets one go that reads nothing, instead of keeping everything for it', async () => {
    const deaf = connect();
    await opened(deaf);
    deaf.pause();
    const gone = closed(deaf);
    const many = Array.from({ length: 60 }, (_, id) =>
      JSON.stringify({ id, call: 'logLines', argument: { limit: 2_000 } }),
    );
    for (let line = 0; line < 2_000; line += 1)
      stack.lines.add({ timeMs: 0, level: 'info', message: 'x'.repeat(500), fields: {} });
    for (const message of many) deaf.send(message);
    await stack.call('pause', { untilMs: null });
    while (!stack.lines.newest(50).some(({ message }) => message.includes('too slow'))) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    deaf.resume();
    expect(await gone).toBe(1006);
    const good = connect();
    await opened(good);
    expect(await ask(good, 1, 'snapshot')).toMatchObject({ answer: { activity: 'paused' } });
  });

  it('ends with the program', async () => {
    const client = connect();
    await opened(client);
    const gone = closed(client);
    await stack.web?.close();
    expect([1001, 1006]).toContain(await gone);
  });
});

describe('parts of results and files', () => {
  it('are shown without scripts, network and forms, and only under their own name', async () => {
    const taskId = await stack.done('/ok');
    const blobs = (await stack.call('task', { taskId }))?.attemptHistory[0]?.blobs ?? [];
    const hashOf = (name: string): string => blobs.find((blob) => blob.name === name)?.sha256 ?? '';
    const get = (as: string, hash: string) => request(`${url.pathname}blob/${as}/${hash}`);

    const page = await get('page', hashOf('page.html'));
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'; img-src data:;/);
    expect(page.body).toContain('tracker.example');
    const picture = await get('file', hashOf('screenshot.png'));
    expect(picture.headers).toMatchObject({ 'content-type': 'image/png', 'content-disposition': 'inline' });
    const drawing = await get('file', hashOf('body.svg'));
    expect(drawing.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="body.svg"',
    });
    expect((await get('file', hashOf('page.html'))).headers['content-disposition']).toMatch(/^attachment/);
    for (const wrong of [
      await get('page', hashOf('screenshot.png')),
      await get('file', 'f'.repeat(64)),
      await get('file', '../../legwork.sqlite'),
    ]) {
      expect(wrong.status).toBe(404);
    }
  });

  it('let a Lighthouse report run its own script, without network', async () => {
    const taskId = await stack.done('/', 'lighthouse_html');
    const report = (await stack.call('task', { taskId }))?.attemptHistory[0]?.blobs.find(
      ({ name }) => name === 'report.html',
    );
    const { headers } = await request(`${url.pathname}blob/report/${report?.sha256 ?? ''}`);
    expect(headers['content-security-policy']).toMatch(
      /^sandbox allow-scripts; default-src 'none';.*connect-src 'none'/,
    );
  });

  it('are downloaded once', async () => {
    const saved = await stack.call('exportHistory', { format: 'csv', filter: {} });
    const path = `${url.pathname}${'path' in saved ? saved.path : ''}`;
    const file = await request(path);
    expect(file.headers['content-disposition']).toMatch(/^attachment; filename="legwork-history-.*\.csv"$/);
    expect(file.body).toMatch(/^attemptId,/);
    expect((await request(path)).status).toBe(404);
  });
});

it('keeps the token out of the log', async () => {
  const client = connect();
  await opened(client);
  await request(url.pathname);
  const token = url.pathname.replaceAll('/', '');
  expect(JSON.stringify(stack.lines.newest(2_000))).not.toContain(token);
});
