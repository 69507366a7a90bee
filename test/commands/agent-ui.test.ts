import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, type RawData } from 'ws';
import { startLegwork, type LegworkProgram, PROGRAM_LIMITS } from '../support/legwork-program.ts';

vi.setConfig(PROGRAM_LIMITS);

const PAGE = fileURLToPath(new URL('../../dist/renderer/index.html', import.meta.url));
const isBuilt = existsSync(PAGE);

let folder: string;
const programs: LegworkProgram[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-agent-ui-'));
});
afterEach(async () => {
  for (const { child } of programs) child.kill('SIGKILL');
  await Promise.all(programs.splice(0).map(({ exited }) => exited));
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

function start(...args: string[]): LegworkProgram {
  const program = startLegwork(['agent', '--ui', '--data', folder, ...args]);
  programs.push(program);
  return program;
}

describe('legwork agent --ui', () => {
  it.skipIf(isBuilt)('says which command builds its page', async () => {
    const program = start();
    expect(await program.exited).toMatchObject({ code: 1 });
    expect(program.output()).toContain('npm run build');
    expect(program.output()).not.toContain('    at ');
  });

  it.skipIf(!isBuilt)('serves the page, answers it, and ends when a person quits there', async () => {
    const program = start('--json');
    const [, address = ''] = await program.line(/"event":"ui","url":"([^"]+)"/);
    const url = new URL(address);
    expect(url.hostname).toBe('127.0.0.1');
    expect(url.pathname).toMatch(/^\/[0-9a-f]{32}\/$/);
    expect(await (await fetch(url)).text()).toBe(readFileSync(PAGE, 'utf8'));
    const client = new WebSocket(new URL('socket', url).href.replace('http:', 'ws:'), { origin: url.origin });
    const state = new Promise<string>((resolve) => {
      client.on('message', (data: RawData) => {
        const message = JSON.parse((data as Buffer).toString()) as {
          answer?: { activity: string };
          data?: { activity: string };
        };
        const { activity } = message.answer ?? message.data ?? {};
        if (activity === 'idle') resolve(activity);
      });
    });
    await new Promise((resolve) => client.on('open', resolve));
    client.send(JSON.stringify({ id: 1, call: 'snapshot', argument: null }));
    expect(await state).toBe('idle');
    client.send(JSON.stringify({ id: 2, call: 'quit', argument: { how: 'drain' } }));
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(readFileSync(join(folder, 'logs/legwork.log'), 'utf8')).not.toContain(url.pathname.replaceAll('/', ''));
  });

  it.skipIf(!isBuilt)('is out of reach of every page, also where the host has opened all of loopback', async () => {
    const program = start('--json');
    const [, address = ''] = await program.line(/"event":"ui","url":"([^"]+)"/);
    const { origin } = new URL(address);
    await program.line(/"event":"ready"/);
    const client = new WebSocket(new URL('socket', address).href.replace('http:', 'ws:'), { origin });
    await new Promise((resolve) => client.on('open', resolve));
    const argument = { type: 'website_html', payload: { url: `${origin}/` }, priority: 5 };
    client.send(JSON.stringify({ id: 1, call: 'enqueue', argument }));
    const [finished] = await program.line(/"event":"finished".*/);
    expect(finished).toContain('"outcome":"failed"');
    expect(readFileSync(join(folder, 'logs/legwork.log'), 'utf8')).toContain('rule=own_port');
    client.terminate();
  });

  it.skipIf(!isBuilt)('stays when it cannot work, so that the page can say why, and ends on a signal', async () => {
    rmSync(folder, { recursive: true });
    const program = start('--json', '--chromium', '/there/is/no/browser');
    await program.line(/"event":"ready"/);
    await program.line(/No usable Chromium/);
    program.child.kill('SIGTERM');
    expect(await program.exited).toEqual({ code: 0, signal: null });
  });

  it.skipIf(!isBuilt)('says that its port is taken', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.on('listening', resolve));
    const { port } = server.address() as net.AddressInfo;
    const program = start('--ui-port', String(port));
    expect(await program.exited).toMatchObject({ code: 9 });
    expect(program.output()).toContain('--ui-port');
    server.close();
  });

  it('refuses a port that is none', async () => {
    const program = start('--ui-port', '99999');
    expect(await program.exited).toMatchObject({ code: 2 });
  });
});
