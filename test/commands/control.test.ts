import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { METRICS_TOKEN_FILE } from '../../main/agent/control-api/control-keys.ts';
import { healthAnswer, statusAnswer } from '../../main/agent/control-api/messages.ts';
import { EXIT_CODES } from '../../main/commands/exit-codes.ts';
import { parseDuration, parseMoment } from '../../main/commands/pause-commands.ts';
import { freePort } from '../support/free-port.ts';
import { startLegwork, type LegworkProgram, PROGRAM_LIMITS } from '../support/legwork-program.ts';
import { refusingPort } from '../support/refusing-port.ts';
import { type Ended, runLegwork } from './run-legwork.ts';

vi.setConfig(PROGRAM_LIMITS);

let folder: string;
let port: number;
let agent: LegworkProgram;
let site: Server;
let siteUrl: string;

beforeAll(async () => {
  site = createHttpServer((request, response) => {
    const isBusy = request.url === '/busy';
    response.writeHead(isBusy ? 429 : 200, {
      'content-type': 'text/html',
      ...(isBusy ? { 'retry-after': '300' } : {}),
    });
    response.end('<!doctype html><title>page</title>');
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  folder = mkdtempSync(join(tmpdir(), 'legwork-control-'));
  port = await freePort();
  agent = startLegwork(['agent', '--data', folder, '--json'], { LEGWORK_CONTROL_PORT: String(port) });
  await agent.line(/"event":"ready"/);
});

afterAll(async () => {
  agent.child.kill('SIGTERM');
  await agent.exited;
  site.closeAllConnections();
  site.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

function run(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const own = { LEGWORK_DATA_FOLDER: folder, LEGWORK_CONTROL_PORT: String(port) };
  return runLegwork(args, { environment: { ...own, ...environment } });
}

const printedStatus = z.object({ live: z.object({ status: statusAnswer, health: healthAnswer }).nullable() });

async function liveStatus(): Promise<z.output<typeof statusAnswer>> {
  const { live } = printedStatus.parse(JSON.parse((await run(['status', '--json'])).stdout));
  if (live === null) throw new Error('The agent was not asked.');
  return live.status;
}

describe('an agent with its control API on', () => {
  it('is paused for a while, takes tasks meanwhile, and goes on when it is resumed', async () => {
    const paused = await run(['pause', '--for', '1h', '--note', 'video call']);
    expect(paused).toMatchObject({ code: 0, stderr: '' });
    expect(paused.stdout).toContain('The agent is paused on this machine, until ');
    expect(await liveStatus()).toMatchObject({ activity: 'paused', pausedBy: ['host'] });
    const untilMs = (await liveStatus()).pausedUntilMs ?? 0;
    expect(Math.abs(untilMs - Date.now() - 3_600_000)).toBeLessThan(120_000);

    const enqueued = await run(['enqueue', `${siteUrl}/one`, '--json']);
    expect(enqueued).toMatchObject({ code: 0, stderr: '' });
    expect((await liveStatus()).pendingTasks).toBe(1);

    const resumed = await run(['resume', '--json']);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ pausedBy: [], pausedUntilMs: null });
    expect(await run(['enqueue', `${siteUrl}/two`, '--wait'])).toMatchObject({ code: 0 });
    expect((await run(['status'])).stdout).toMatch(/health +well/);
  });

  it('leaves a site alone that asks for it, and says so', async () => {
    expect(await run(['enqueue', `${siteUrl}/busy`, '--wait'])).toMatchObject({ code: 0 });
    const { slowSites } = await liveStatus();
    expect(slowSites.map(({ site: name }) => name)).toEqual(['127.0.0.1']);
    expect((slowSites[0]?.untilMs ?? 0) - Date.now()).toBeGreaterThan(200_000);
    await run(['enqueue', `${siteUrl}/later`]);
    const [, aside] = /"pendingTasks":(\d+)/.exec((await run(['status', '--json'])).stdout) ?? [];
    expect(aside).toBe('1');
    expect((await run(['status'])).stdout).toContain('slow site');
  });

  it('gives its figures to a scraper with the token', async () => {
    const token = readFileSync(join(folder, METRICS_TOKEN_FILE), 'utf8').trim();
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toContain('legwork_agent_slow_sites 1');
    expect(text).toMatch(/legwork_agent_attempts_total\{type="website_html",outcome="completed"\} 3/);
    expect(text).toContain('legwork_agent_queue_tasks{status="pending"} 1');
    expect(text).toContain('legwork_agent_health_problem{code="queue_stuck"} 0');
    const names = [...text.matchAll(/^# TYPE (legwork_agent_\w+)/gm)].map(([, name = '']) => name);
    const own = names.filter((name) => !/^legwork_agent_(process|nodejs)_/.test(name));
    const document = readFileSync(new URL('../../docs/control-api.md', import.meta.url), 'utf8');
    const documented = [...document.matchAll(/^\| `(legwork_agent_\w+)`/gm)].map(([, name = '']) => name);
    expect(own.sort()).toEqual(documented.sort());
  });

  it('refuses what its task type does not take, as a wrong argument', async () => {
    const ended = await run(['enqueue', 'ftp://example.org/']);
    expect(ended.code).toBe(EXIT_CODES.usage.code);
    expect(ended.stderr).toContain('payload.url');
  });
});

describe('who cannot be asked', () => {
  it.each(['pause', 'resume'])('%s says how to switch the API on', async (command) => {
    const ended = await run([command], { LEGWORK_CONTROL_PORT: '' });
    expect(ended).toMatchObject({ code: EXIT_CODES.configuration.code, stdout: '' });
    expect(ended.stderr).toContain('LEGWORK_CONTROL_PORT=4818');
  });

  it('nobody listens', async () => {
    const closed = String(await refusingPort());
    const ended = await run(['pause'], { LEGWORK_CONTROL_PORT: closed });
    expect(ended).toMatchObject({ code: EXIT_CODES.agentUnreachable.code, stdout: '' });
    expect(ended.stderr).toContain(`port ${closed}`);
    const status = await run(['status', '--json'], { LEGWORK_CONTROL_PORT: closed });
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({ agentRunning: true, live: null });
    expect(status.stderr).toContain('could not be asked');
    expect(await run(['enqueue', `${siteUrl}/by-the-store`], { LEGWORK_CONTROL_PORT: closed })).toMatchObject({
      code: 0,
    });
  });

  it('an agent of another data folder, or something else altogether', async () => {
    const other = mkdtempSync(join(tmpdir(), 'legwork-control-other-'));
    const stranger = createHttpServer((_request, response) => void response.end('{"activity":"idle"}'));
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    try {
      const noKey = await run(['pause'], { LEGWORK_DATA_FOLDER: other });
      expect(noKey.code).toBe(EXIT_CODES.agentUnreachable.code);
      const { openControlSecret, CONTROL_KEY_FILE } = await import('../../main/agent/control-api/control-keys.ts');
      await openControlSecret(other, CONTROL_KEY_FILE);
      const otherKey = await run(['pause'], { LEGWORK_DATA_FOLDER: other });
      expect(otherKey.code).toBe(EXIT_CODES.agentUnreachable.code);
      expect(otherKey.stderr).toContain('another data folder');
      const strangerPort = String((stranger.address() as AddressInfo).port);
      const ended = await run(['pause'], { LEGWORK_CONTROL_PORT: strangerPort });
      expect(ended).toMatchObject({ code: EXIT_CODES.agentUnreachable.code, stdout: '' });
    } finally {
      stranger.close();
      rmSync(other, { recursive: true, force: true });
    }
  });

  it('an agent whose port is taken says so, and works without it', async () => {
    const other = mkdtempSync(join(tmpdir(), 'legwork-control-taken-'));
    const second = startLegwork(['agent', '--data', other, '--json'], { LEGWORK_CONTROL_PORT: String(port) });
    try {
      await second.line(/the control API is not served; the agent works without it/);
      await second.line(/"event":"ready"/);
      expect(second.output()).toContain(`Port ${port} is taken by another program.`);
    } finally {
      second.child.kill('SIGTERM');
      await second.exited;
      rmSync(other, { recursive: true, force: true });
    }
  });
});

describe('times', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['45min', 2_700_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
  ])('%s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each(['', '1', 'h', '1 h', '-1h', '1h 30m', '0s', '999999d', '1y'])('%j is no duration', (text) => {
    expect(() => parseDuration(text)).toThrow('must be a duration');
  });

  const now = new Date(2026, 10, 22, 17, 30);

  it('a time of day is the next one', () => {
    expect(parseMoment('18:00', now.getTime())).toBe(new Date(2026, 10, 22, 18, 0).getTime());
    expect(parseMoment('9:05', now.getTime())).toBe(new Date(2026, 10, 23, 9, 5).getTime());
    expect(parseMoment('2026-12-24T18:00', now.getTime())).toBe(new Date(2026, 11, 24, 18, 0).getTime());
  });

  it.each(['24:00', '18', 'tomorrow', '2026-13-01', '2020-01-01', '2026-11-22T17:00'])('%s is none to come', (text) => {
    expect(() => parseMoment(text, now.getTime())).toThrow();
  });
});
