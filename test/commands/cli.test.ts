import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMMANDS } from '../../main/commands/command-table.ts';
import { EXIT_CODES } from '../../main/commands/exit-codes.ts';
import { PROGRAM_LIMITS } from '../support/legwork-program.ts';
import { type Ended, runLegwork } from './run-legwork.ts';

vi.setConfig(PROGRAM_LIMITS);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legwork-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function run(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  return runLegwork(args, { environment: { LEGWORK_DATA_FOLDER: folder, ...environment } });
}

/** What every failure must look like: nothing on standard output, a clear line, no stack. */
function expectClearFailure(ended: Ended, exit: keyof typeof EXIT_CODES): void {
  expect(ended.stderr).not.toMatch(/\n\s+at |Error:/);
  expect(ended).toMatchObject({ code: EXIT_CODES[exit].code, stdout: '' });
  expect(ended.stderr).toMatch(/^legwork: \S/);
}

describe('help', () => {
  it('lists every command and every exit code', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const { name, summary, hidden } of COMMANDS) {
      if (hidden === true) expect(stdout).not.toContain(name);
      else expect(stdout).toContain(summary.slice(0, 30));
    }
    for (const name of Object.keys(EXIT_CODES)) expect(stdout).toContain(name);
  });

  it.each(COMMANDS.filter(({ hidden }) => hidden !== true).map(({ name }) => name))(
    'of %s gives examples',
    async (name) => {
      const { code, stdout } = await run([name, '--help']);
      expect(code).toBe(0);
      expect(stdout).toContain(`Usage: legwork ${name}`);
      expect(stdout).toContain('Examples:');
    },
  );

  it('is the same with `help <command>`, and goes to standard error when nothing was said', async () => {
    expect((await run(['help', 'doctor'])).stdout).toBe((await run(['doctor', '--help'])).stdout);
    const nothing = await run([]);
    expect(nothing).toMatchObject({ code: 2, stdout: '' });
    expect(nothing.stderr).toContain('Usage: legwork');
  });

  it('prints the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('wrong arguments', () => {
  it.each([
    [['agnet'], /Did you mean agent\?/],
    [['agent', '--max-concurent-tasks', '3'], /Did you mean --max-concurrent-tasks\?/],
    [['agent', '--data', '--json'], /--data.*A value is missing/],
    [['agent', 'https://site.example'], /too many arguments/],
    [['hub', '--port', '70000'], /--port.*whole number from 0 to 65535/],
    [['hub', '--worker', 'w1:short'], /--worker.*at least 16 characters/],
    [['enrol', '--hub', 'https://hub.example.org'], /--token/],
    [['enrol', '--token', 'lwt_x'], /--hub/],
    [['enrol', '--hub', 'https://hub.example.org', '--token', 'nonsense'], /lwt_<16 hex digits>/],
    [
      ['enqueue', 'https://site.example', '--local', '--hub', 'https://hub.example.org'],
      /--hub URL or --local, not both/,
    ],
    [['enqueue', '--local'], /missing required argument/],
    [['enqueue', 'https://site.example', '--local', '--payload', '{'], /--payload.*not JSON/],
    [['enqueue', 'https://site.example', '--local', '--payload', '[]'], /--payload.*JSON object/],
    [['enqueue', 'https://site.example', '--local', '--priority', '11'], /--priority.*from 1 to 10/],
    [['status', '--hub', 'http://192.0.2.1', '--key', 'k'], /would send the operator key readably/],
    [['demo', 'ftp://site.example'], /"ftp:\/\/site.example" is not an http\(s\) address/],
  ])('%j end with 2 and say what was meant', async (args, message) => {
    const ended = await run(args);
    expectClearFailure(ended, 'usage');
    expect(ended.stderr).toMatch(message);
  });

  it('name the wrong field of a payload, and enqueue nothing', async () => {
    const args = ['enqueue', 'https://site.example', '--local', '--payload', '{"timeoutMs": "long"}'];
    const ended = await run(args);
    expectClearFailure(ended, 'usage');
    expect(ended.stderr).toContain('payload.timeoutMs');
    expect((await run(['status'])).stdout).toContain('0 in all');
    expect((await run(['enqueue', 'https://site.example', '--local', '--type', 'webpage'])).stderr).toContain(
      'known are website_html, lighthouse_html',
    );
  });
});

describe('wrong configuration', () => {
  it('ends with 3 and a line for each wrong setting', async () => {
    const ended = await run(['agent', '--wait-seconds', '99'], { MAX_CONCURRENT_TASKS: 'many' });
    expectClearFailure(ended, 'configuration');
    expect(ended.stderr.trim().split('\n')).toEqual([
      'legwork: MAX_CONCURRENT_TASKS: "many" is not allowed; it must be a whole number from 1 to 32.',
      'legwork: --wait-seconds: 99 is not allowed; it must be a whole number from 0 to 50 seconds.',
    ]);
  });

  it('is what half of a worker’s identity is', async () => {
    const ended = await run(['agent'], { LARAVEL_INTERNAL_URL: 'https://hub.example.org', WORKER_ID: 'w1' });
    expectClearFailure(ended, 'configuration');
    expect(ended.stderr).toContain('lacks the secret (LOCALBROWSER_SECRET, or `legwork enrol`)');
  });

  it('is a browser path that leads to no browser', async () => {
    const ended = await run(['agent', '--chromium', '/nowhere/chrome']);
    expectClearFailure(ended, 'browserMissing');
    expect(ended.stderr).toContain('/nowhere/chrome');
  });

  it('is a task type to switch off that does not exist: a slip would leave it on', async () => {
    const ended = await run(['agent', '--disabled-task-types', 'lighthouse_html, lighthouse']);
    expectClearFailure(ended, 'configuration');
    expect(ended.stderr).toContain('there is no task type lighthouse; known are website_html, lighthouse_html');
  });

  it('refuses a local task of a type that is switched off', async () => {
    const environment = { LEGWORK_DISABLED_TASK_TYPES: 'website_html' };
    const ended = await run(['enqueue', 'https://site.example', '--local'], environment);
    expectClearFailure(ended, 'usage');
    expect(ended.stderr).toContain('switched off');
  });

  it('shows its stack only to who asks for it', async () => {
    const ended = await run(['agent'], { WORKER_ID: 'w1', LEGWORK_DEBUG: '1' });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/\n\s+at /);
  });
});

describe('agent --print-config', () => {
  it('masks the secret, in both forms, and starts nothing', async () => {
    const secret = 'the-secret-of-this-worker';
    const environment = { LOCALBROWSER_SECRET: secret, WORKER_ID: 'w1', LARAVEL_INTERNAL_URL: 'http://localhost:1' };
    const text = await run(['agent', '--print-config', '--label', 'den'], environment);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/^label +den +from --label$/m);
    const json = await run(['agent', '--print-config', '--json'], environment);
    const printed = JSON.parse(json.stdout) as { settings: { name: string; value: unknown }[] };
    expect(printed.settings.find(({ name }) => name === 'secret')?.value).toBe('********');
    expect(text.stdout + json.stdout).not.toContain(secret);
  });
});

describe('the store', () => {
  it('is refused and left untouched when it is not Legwork’s', async () => {
    const path = join(folder, 'legwork.sqlite');
    await writeFile(path, 'these are not the bytes of a database'.repeat(10));
    const before = readFileSync(path);
    for (const args of [['agent'], ['status'], ['enqueue', 'https://site.example', '--local']]) {
      expectClearFailure(await run(args), 'databaseRefused');
    }
    expect(readFileSync(path)).toEqual(before);
  });

  it('is refused by `status` when a newer version wrote it, or a page of it is damaged', async () => {
    const path = join(folder, 'legwork.sqlite');
    expect((await run(['enqueue', 'https://site.example', '--local'])).code).toBe(0);
    const sound = readFileSync(path);
    const newer = Buffer.from(sound);
    newer.writeUInt32BE(999, 60);
    // The first 4,096 bytes hold the table of tables, so that it opens, and only a query meets the damage.
    const damaged = Buffer.concat([sound.subarray(0, 4_096), Buffer.alloc(sound.length - 4_096, 0xa5)]);
    for (const bytes of [newer, damaged]) {
      await writeFile(path, bytes);
      expectClearFailure(await run(['status']), 'databaseRefused');
    }
  });

  it('is reported on although the lock file beside it is damaged', async () => {
    await writeFile(join(folder, 'agent.lock'), 'no lock at all'.repeat(100));
    const ended = await run(['status', '--json']);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('agent.lock');
    expect(JSON.parse(ended.stdout)).toMatchObject({ agentRunning: null, statistics: null });
  });

  it('is read before the first start, and does not come into being by that', async () => {
    const ended = await run(['status', '--json'], { LEGWORK_DATA_FOLDER: join(folder, 'none') });
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ agentRunning: false, epoch: null, statistics: null });
    expect((await run(['status'])).stdout).toContain('There is no task yet');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a data folder', () => {
  const commands: readonly (readonly string[])[] = [
    ['agent', '--data'],
    ['hub', '--port', '0', '--data'],
    ['enqueue', 'https://site.example', '--local', '--data'],
  ];

  it('that is a file, or lies in one, is refused in one sentence', async () => {
    const file = join(folder, 'file');
    await writeFile(file, 'mine');
    for (const args of commands) {
      for (const path of [file, join(file, 'below')]) {
        const ended = await run([...args, path]);
        expectClearFailure(ended, 'configuration');
        expect(ended.stderr).toContain(`${file} is not a folder`);
      }
    }
    const examined = await run(['doctor', '--json', '--chromium', '/nowhere/chrome', '--data', file]);
    expect(examined.code).toBe(1);
    expect(examined.stdout).toContain(`${file} is not a folder`);
  });

  it.skipIf(process.platform !== 'linux')('in which nothing can be made ends the command at once', async () => {
    for (const args of commands) {
      const ended = await run([...args, '/proc/legwork/data']);
      expectClearFailure(ended, 'failure');
      expect(ended.stderr).toContain('/proc/legwork/data cannot be made');
    }
  });

  it.skipIf(process.platform === 'win32')('is its owner’s alone, with all that is made in it', async () => {
    const made = join(folder, 'made');
    expect((await run(['enqueue', 'https://site.example', '--local', '--data', made])).code).toBe(0);
    expect(statSync(made).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(made)) expect([name, statSync(join(made, name)).mode & 0o077]).toEqual([name, 0]);
  });
});

describe('a hub that does not answer', () => {
  it('ends with 6 for every command that needs it', async () => {
    const hub = 'http://127.0.0.1:9';
    const token = `lwt_${'0'.repeat(16)}_${'0'.repeat(64)}`;
    for (const args of [
      ['status', '--hub', hub, '--key', 'some-operator-key'],
      ['enqueue', 'https://site.example', '--hub', hub, '--key', 'some-operator-key'],
      ['enrol', '--hub', hub, '--token', token],
    ]) {
      const ended = await run(args);
      expectClearFailure(ended, 'hubUnreachable');
      expect(ended.stderr).toContain(hub);
    }
  });
});

describe('doctor', () => {
  it('ends with 1 when a check fails, and says what to do, in JSON too', async () => {
    const ended = await run(['doctor', '--json', '--chromium', '/nowhere/chrome'], {
      LARAVEL_INTERNAL_URL: 'http://127.0.0.1:9',
    });
    expect(ended.code).toBe(1);
    const { ok, checks } = JSON.parse(ended.stdout) as {
      ok: boolean;
      checks: { name: string; status: string; detail: string; advice: string }[];
    };
    expect(ok).toBe(false);
    const failed = checks.filter(({ status }) => status === 'fail');
    expect(failed.map(({ name }) => name)).toEqual(['chromium', 'hub']);
    for (const { advice } of failed) expect(advice).not.toBe('');
    expect(checks.find(({ name }) => name === 'database')?.status).toBe('ok');
  });

  it('reports wrong settings and a damaged lock file as failed checks, and goes on', async () => {
    await writeFile(join(folder, 'agent.lock'), 'no lock at all'.repeat(100));
    const ended = await run(['doctor', '--json', '--chromium', '/nowhere/chrome'], { MAX_CONCURRENT_TASKS: 'abc' });
    expect(ended.code).toBe(1);
    const { checks } = JSON.parse(ended.stdout) as { checks: { name: string; status: string; detail: string }[] };
    const failed = checks.filter(({ status }) => status === 'fail');
    expect(failed.map(({ name }) => name)).toEqual(['configuration', 'chromium', 'data folder']);
    expect(failed[0]?.detail).toContain('MAX_CONCURRENT_TASKS: "abc"');
    expect(failed[2]?.detail).toContain('agent.lock');
    expect(checks.find(({ name }) => name === 'database')?.status).toBe('ok');
    expect(checks.find(({ name }) => name === 'hub')?.status).toBe('warn');
  });
});
