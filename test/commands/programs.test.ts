import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EXIT_CODES } from '../../main/commands/exit-codes.ts';
import { type LegworkProgram, startLegwork, PROGRAM_LIMITS } from '../support/legwork-program.ts';
import { type Ended, runLegwork } from './run-legwork.ts';

vi.setConfig(PROGRAM_LIMITS);

/** Hub and agent as their users run them, through enrolment; the tests follow one another on them. */
const folder = mkdtempSync(join(tmpdir(), 'legwork-programs-'));
const hubFolder = join(folder, 'hub');
const agentFolder = join(folder, 'agent');
let site: Server;
let siteUrl: string;
let hub: LegworkProgram;
let hubUrl: string;
let token: string;
let operatorKey: string;
const started: LegworkProgram[] = [];

function start(args: string[], environment: Record<string, string> = {}): LegworkProgram {
  const program = startLegwork(args, environment);
  started.push(program);
  return program;
}

function run(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  return runLegwork(args, { environment: { LEGWORK_DATA_FOLDER: agentFolder, ...environment } });
}

function startAgent(args: string[] = []): LegworkProgram {
  return start(['agent', '--json', '--max-concurrent-tasks', '1', '--drain-limit-ms', '60000', ...args], {
    LEGWORK_DATA_FOLDER: agentFolder,
  });
}

async function stopped(program: LegworkProgram): Promise<number | null> {
  program.child.kill('SIGTERM');
  return (await program.exited).code;
}

beforeAll(async () => {
  site = createServer((request, response) => {
    // Held open, so that a task is under way for as long as a test wants.
    if (request.url === '/hangs') return;
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>A page</title><p>Hello');
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  hub = start(['hub', '--json', '--port', '0', '--data', hubFolder, '--enrolment-token']);
  const [line] = await hub.line(/^\{"event":"listening".*$/m);
  const listening = JSON.parse(line) as { url: string; enrolmentToken: string; operatorKeyFile: string };
  ({ url: hubUrl, enrolmentToken: token } = listening);
  operatorKey = readFileSync(listening.operatorKeyFile, 'utf8').trim();
});

afterAll(async () => {
  for (const program of started) program.child.kill('SIGKILL');
  await Promise.all(started.map(({ exited }) => exited));
  site.closeAllConnections();
  site.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

describe('hub', () => {
  it.skipIf(process.platform === 'win32')('keeps the operator key that it made to its owner', () => {
    expect(statSync(join(hubFolder, 'operator-key')).mode & 0o777).toBe(0o600);
    expect(hub.output()).not.toContain(operatorKey);
  });

  it.skipIf(process.platform === 'win32')('keeps all that it makes to its owner', () => {
    const names = readdirSync(hubFolder, { recursive: true, encoding: 'utf8' });
    expect(names).toEqual(expect.arrayContaining(['hub.sqlite', 'logs', join('logs', 'legwork.log')]));
    for (const name of names) expect([name, statSync(join(hubFolder, name)).mode & 0o077]).toEqual([name, 0]);
  });

  it('names each wrong field of a payload once', async () => {
    const args = ['enqueue', 'nonsense', '--hub', hubUrl, '--key', operatorKey, '--payload', '{"screenShot": {}}'];
    const ended = await run(args);
    expect(ended.code).toBe(EXIT_CODES.hubRefused.code);
    expect(ended.stderr.match(/payload\.url/g)).toHaveLength(1);
    expect(ended.stderr.match(/payload\.screenShot/g)).toHaveLength(1);
    expect(ended.stderr).not.toContain('{');
  });

  it('says that its port is taken', async () => {
    const { port } = new URL(hubUrl);
    const ended = await run(['hub', '--port', port, '--data', join(folder, 'second')]);
    expect(ended.code).toBe(EXIT_CODES.alreadyRunning.code);
    expect(ended.stderr).toContain(`127.0.0.1:${port}`);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });

  it('says with its exit code why it does not start', async () => {
    const broken = join(folder, 'broken-hub');
    const hubOn = (data: string, ...args: string[]): Promise<Ended> =>
      run(['hub', '--port', '0', '--data', data, ...args]);
    mkdirSync(broken);
    writeFileSync(join(broken, 'hub.sqlite'), 'these are not the bytes of a database'.repeat(10));
    expect(await hubOn(broken)).toMatchObject({ code: EXIT_CODES.databaseRefused.code, stdout: '' });
    const newer = new Database(join(folder, 'newer.sqlite'));
    newer.pragma('user_version = 999');
    newer.close();
    renameSync(join(folder, 'newer.sqlite'), join(broken, 'hub.sqlite'));
    expect(await hubOn(broken)).toMatchObject({ code: EXIT_CODES.databaseRefused.code, stdout: '' });
    expect(await hubOn(hubFolder)).toMatchObject({ code: EXIT_CODES.alreadyRunning.code, stdout: '' });
    expect(await hubOn(join(folder, 'elsewhere'), '--host', '203.0.113.7')).toMatchObject({
      code: EXIT_CODES.usage.code,
      stdout: '',
    });
  });

  it('refuses a wrong operator key', async () => {
    for (const args of [['status'], ['enqueue', siteUrl]]) {
      const ended = await run([...args, '--hub', hubUrl, '--key', 'not-the-operator-key']);
      expect(ended.code).toBe(EXIT_CODES.hubRefused.code);
      expect(ended.stderr).toContain('does not accept the operator key');
    }
  });
});

describe('enrol', () => {
  it('stores what the hub gives, and prints no secret', async () => {
    const ended = await runLegwork(['enrol', '--hub', `${hubUrl}/`, '--token', '-', '--json'], {
      environment: { LEGWORK_DATA_FOLDER: agentFolder },
      input: `${token}\n`,
    });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const stored = readFileSync(join(agentFolder, 'secrets.json'), 'utf8');
    const { secret } = JSON.parse((JSON.parse(stored) as Record<string, string>)['hub-credentials'] ?? '{}') as {
      secret: string;
    };
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(ended.stdout).not.toContain(secret);
    expect(JSON.parse(ended.stdout)).toMatchObject({ hubUrl });
  });

  it('gives the same worker again to the same machine', async () => {
    const path = join(agentFolder, 'secrets.json');
    const before = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
    expect(await run(['enrol', '--hub', hubUrl, '--token', token])).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(before);
  });

  it('is refused to another machine with the same token', async () => {
    const ended = await run(['enrol', '--hub', hubUrl, '--token', token], {
      LEGWORK_DATA_FOLDER: join(folder, 'thief'),
    });
    expect(ended.code).toBe(EXIT_CODES.hubRefused.code);
    expect(ended.stderr).toContain('token_used');
  });
});

describe('agent', () => {
  it('does what the hub and the host give it, tells it in lines of JSON, and stops cleanly', async () => {
    const agent = startAgent();
    await agent.line(/"event":"link","link":\{"state":"connected"\}/);

    const ofHub = await run(['enqueue', `${siteUrl}/a`, '--hub', hubUrl, '--wait'], {
      LEGWORK_OPERATOR_KEY: operatorKey,
    });
    expect(ofHub).toMatchObject({ code: 0, stdout: expect.stringContaining('completed') as string });
    const local = await run(['enqueue', `${siteUrl}/b`, '--local', '--wait', '--json']);
    expect(local).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(local.stdout)).toMatchObject({ tasks: [{ url: `${siteUrl}/b`, status: 'completed' }] });

    const status = JSON.parse((await run(['status', '--json'])).stdout) as unknown;
    expect(status).toMatchObject({ agentRunning: true, hubUrl, epoch: 1, statistics: { completedLastHour: 2 } });
    const workers = await run(['status', '--hub', hubUrl, '--key', operatorKey, '--json']);
    expect(JSON.parse(workers.stdout)).toMatchObject({ workers: [{ state: 'online' }] });

    expect(await stopped(agent)).toBe(EXIT_CODES.ok.code);
    const lines = agent.output().trim().split('\n');
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('time');
    for (const event of ['ready', 'link', 'leased', 'started', 'finished', 'delivered', 'stopping']) {
      expect(lines.some((line) => line.includes(`"event":"${event}"`))).toBe(true);
    }
    expect(JSON.parse((await run(['status', '--json'])).stdout)).toMatchObject({ agentRunning: false });
  });

  it('passes the doctor, who does not disturb it', async () => {
    const agent = startAgent();
    await agent.line(/"state":"connected"/);
    const ended = await run(['doctor', '--json']);
    const { checks } = JSON.parse(ended.stdout) as { checks: { name: string; status: string }[] };
    for (const name of ['hub', 'clock', 'signature', 'database', 'chromium']) {
      expect(checks.find((check) => check.name === name)).toMatchObject({ status: 'ok' });
    }
    expect(ended.code).toBe(0);
    expect(agent.output()).not.toContain('superseded');
    expect(await stopped(agent)).toBe(0);
  });

  it('is the only one on its data folder', async () => {
    const agent = startAgent();
    await agent.line(/"event":"ready"/);
    const second = await run(['agent']);
    expect(second.code).toBe(EXIT_CODES.alreadyRunning.code);
    expect(second.stderr).toContain('Another agent is running');
    expect(await stopped(agent)).toBe(0);
  });

  it('ends with 130 when it is told twice while a task runs, and at once', async () => {
    const agent = startAgent();
    await agent.line(/"state":"connected"/);
    await run(['enqueue', `${siteUrl}/hangs`, '--local', '--payload', '{"timeoutMs": 120000}']);
    await agent.line(/"event":"started"/);
    agent.child.kill('SIGTERM');
    await agent.line(/"event":"stopping","how":"drain","running":1/);
    agent.child.kill('SIGTERM');
    expect((await agent.exited).code).toBe(EXIT_CODES.interrupted.code);
    expect(agent.output()).toContain('"how":"now"');
  });

  it('ends with 8 when another start of the same worker takes over', async () => {
    const first = startAgent();
    await first.line(/"state":"connected"/);
    const secrets = JSON.parse(readFileSync(join(agentFolder, 'secrets.json'), 'utf8')) as Record<string, string>;
    const { workerId, secret } = JSON.parse(secrets['hub-credentials'] ?? '{}') as Record<string, string>;
    const second = start(['agent', '--json'], {
      LEGWORK_DATA_FOLDER: join(folder, 'copy'),
      LARAVEL_INTERNAL_URL: hubUrl,
      WORKER_ID: workerId ?? '',
      LOCALBROWSER_SECRET: secret ?? '',
    });
    await second.line(/"state":"connected"/);
    expect((await first.exited).code).toBe(EXIT_CODES.superseded.code);
    expect(await stopped(second)).toBe(0);
  });

  it('ends with 7 when the operator revokes it', async () => {
    const agent = startAgent();
    await agent.line(/"state":"connected"/);
    const [, workerId] = await agent.line(/"workerId":"([^"]+)"/);
    await fetch(`${hubUrl}/api/workers/${workerId}/revoke`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${operatorKey}` },
    });
    expect((await agent.exited).code).toBe(EXIT_CODES.hubRefused.code);
    expect(agent.output()).toContain('"state":"revoked"');
  });
});

describe('hub, told to stop', () => {
  it('ends with 0', async () => {
    expect(await stopped(hub)).toBe(0);
  });
});
