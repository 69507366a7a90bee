import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { CdpConnection } from '../../main/browser/cdp-connection.ts';
import { toLegworkError } from '../../main/protocol/error-table.ts';

let fromBrowser: PassThrough;
let toBrowser: PassThrough;
let connection: CdpConnection;

beforeEach(() => {
  fromBrowser = new PassThrough();
  toBrowser = new PassThrough();
  connection = new CdpConnection(fromBrowser, toBrowser);
});

async function turn(): Promise<void> {
  for (let count = 0; count < 3; count += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('a connection', () => {
  test('takes messages apart wherever the chunks end', async () => {
    const answer = connection.send('Target.getTargets');
    const seen: string[] = [];
    connection.on('Target.targetDestroyed', ({ targetId }) => seen.push(targetId));
    const text = [
      '{"method":"Target.targetDestroyed","params":{"targetId":"ä1"}}',
      '{"id":1,"result":{"targetInfos":[]}}',
      `{"method":"Target.targetDestroyed","params":{"targetId":"${'x'.repeat(300_000)}"}}`,
      '',
    ].join('\0');
    const bytes = Buffer.from(text);
    for (let start = 0; start < bytes.length; start += 7) {
      fromBrowser.write(bytes.subarray(start, start + (start < 700 ? 7 : bytes.length)));
      if (start >= 700) break;
    }
    expect(await answer).toEqual({ targetInfos: [] });
    await turn();
    expect(seen.map((id) => id.length)).toEqual([2, 300_000]);
  });

  test('sends the commands of one turn in one write, in order', async () => {
    const writes: string[] = [];
    toBrowser.on('data', (chunk: Buffer) => writes.push(chunk.toString()));
    connection.post('Page.enable', undefined, 's');
    connection.post('Page.navigate', { url: 'http://a/' }, 's');
    await turn();
    expect(writes).toEqual([
      '{"id":1,"method":"Page.enable","sessionId":"s"}\0{"id":2,"method":"Page.navigate","params":{"url":"http://a/"},"sessionId":"s"}\0',
    ]);
  });

  test('gives an event to the listeners of its session only, and to none after the session has ended', async () => {
    const seen: string[] = [];
    connection.on('Page.loadEventFired', () => seen.push('one'), 's1');
    connection.on('Page.loadEventFired', () => seen.push('one again'), 's1');
    connection.on('Page.loadEventFired', () => seen.push('two'), 's2');
    const event = (sessionId: string): string =>
      `{"method":"Page.loadEventFired","params":{"timestamp":1},"sessionId":"${sessionId}"}\0`;
    fromBrowser.write(event('s1'));
    await turn();
    expect(seen).toEqual(['one', 'one again']);
    connection.endSession('s1', new Error('over'));
    fromBrowser.write(event('s1') + event('s2'));
    await turn();
    expect(seen).toEqual(['one', 'one again', 'two']);
  });

  test('rejects with what the browser says, and with the end of the session', async () => {
    const wrong = connection.send('Page.navigate', { url: 'x' }, 's');
    fromBrowser.write('{"id":1,"error":{"code":-32000,"message":"Cannot navigate"}}\0');
    await expect(wrong).rejects.toThrow('Page.navigate: Cannot navigate');
    const pending = connection.send('Page.enable', undefined, 's');
    const other = connection.send('Page.enable', undefined, 'other');
    connection.endSession('s', new Error('over'));
    await expect(pending).rejects.toThrow('over');
    fromBrowser.write('{"id":3,"result":{}}\0');
    expect(await other).toEqual({});
  });

  test('rejects everything when the pipe closes', async () => {
    const pending = connection.send('Browser.getVersion');
    fromBrowser.destroy();
    expect(toLegworkError(await pending.catch((error: unknown) => error)).code).toBe('browser_crashed');
    const later = connection.send('Browser.getVersion');
    expect(toLegworkError(await later.catch((error: unknown) => error)).code).toBe('browser_crashed');
    await connection.closed;
  });
});
