import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../main/agent/config/configuration-error.ts';
import { CONFIG_KEYS, settingMeta } from '../../../main/agent/config/config-schema.ts';
import { type ConfigInputs, loadConfig } from '../../../main/agent/config/load-config.ts';
import { describeConfig, formatConfig } from '../../../main/agent/config/print-config.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legwork-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Loads with the temporary data folder, so that no file of this machine's user takes part. */
function load(inputs: ConfigInputs = {}): ReturnType<typeof loadConfig> {
  return loadConfig({ ...inputs, environment: { LEGWORK_DATA_FOLDER: folder, ...inputs.environment } });
}

async function problemsOf(inputs: ConfigInputs): Promise<readonly string[]> {
  const error = await load(inputs).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConfigurationError);
  return (error as ConfigurationError).problems;
}

async function writeConfig(values: unknown): Promise<string> {
  const path = join(folder, 'config.json');
  await writeFile(path, typeof values === 'string' ? values : JSON.stringify(values));
  return path;
}

describe('precedence', () => {
  it('lets flags win over environment, environment over file, file over defaults', async () => {
    const path = await writeConfig({ maxConcurrentTasks: 2, waitSeconds: 20, taskCleanupDays: 3 });
    const { config, sources } = await load({
      flags: { maxConcurrentTasks: '4' },
      environment: { MAX_CONCURRENT_TASKS: '3', LEGWORK_WAIT_SECONDS: '30' },
    });
    expect(config).toMatchObject({ maxConcurrentTasks: 4, waitSeconds: 30, taskCleanupDays: 3, deliveryMaxDays: 14 });
    expect(sources.maxConcurrentTasks).toEqual({ kind: 'flag', place: '--max-concurrent-tasks' });
    expect(sources.waitSeconds).toEqual({ kind: 'environment', place: 'LEGWORK_WAIT_SECONDS' });
    expect(sources.taskCleanupDays).toEqual({ kind: 'file', place: `taskCleanupDays in ${path}` });
    expect(sources.deliveryMaxDays.kind).toBe('default');
  });

  it('reads a switch that was turned off as off, not as missing', async () => {
    await writeConfig({ taskProcessorEnabled: true });
    const { config } = await load({ environment: { ENABLE_TASK_PROCESSOR: 'false' } });
    expect(config.taskProcessorEnabled).toBe(false);
    expect((await load({ flags: { allowPlainHttp: true } })).config.allowPlainHttp).toBe(true);
  });

  it.each(['constructor', '__proto__', 'toString'])('takes %s for no word of a switch', async (word) => {
    expect(await problemsOf({ environment: { ENABLE_TASK_PROCESSOR: word } })).toEqual([
      `ENABLE_TASK_PROCESSOR: "${word}" is not allowed; it must be true or false (also yes/no, on/off, 1/0).`,
    ]);
    expect(await problemsOf({ flags: { allowPlainHttp: word } })).toHaveLength(1);
  });

  it('refuses a text of the file that is none, and says that it must be one', async () => {
    const path = await writeConfig({ label: 5 });
    expect(await problemsOf({})).toEqual([
      `label in ${path}: 5 is not allowed; it must be a text of at most 100 characters.`,
    ]);
  });

  it('takes the names that operators have in their environment already', async () => {
    const { config } = await load({
      environment: {
        LARAVEL_INTERNAL_URL: 'https://hub.example.org/legwork/',
        LOCALBROWSER_SECRET: 'pre-shared-secret-1',
        WORKER_ID: 'worker-7',
        ENABLE_TASK_PROCESSOR: '0',
        MAX_CONCURRENT_TASKS: '5',
        STUCK_TASK_CHECK_INTERVAL_MS: '5000',
        STUCK_TASK_THRESHOLD_MINUTES: '7',
        TASK_CLEANUP_INTERVAL_MS: '60000',
        TASK_CLEANUP_DAYS: '9',
        HMAC_DEBUG: 'true',
        NODE_ENV: 'development',
      },
    });
    expect(config).toMatchObject({
      hubUrl: 'https://hub.example.org/legwork',
      secret: 'pre-shared-secret-1',
      workerId: 'worker-7',
      taskProcessorEnabled: false,
      maxConcurrentTasks: 5,
      stuckTaskCheckIntervalMs: 5_000,
      stuckTaskThresholdMinutes: 7,
      taskCleanupIntervalMs: 60_000,
      taskCleanupDays: 9,
      hmacDebug: true,
    });
  });

  it('counts an empty variable as not set', async () => {
    const { config } = await load({ environment: { WORKER_ID: '', MAX_CONCURRENT_TASKS: ' ' } });
    expect(config.workerId).toBeNull();
    expect(config.maxConcurrentTasks).toBeGreaterThan(0);
  });

  it('takes no secret from the command line, where every user of the machine sees it', async () => {
    const { config } = await load({ flags: { secret: 'visible-to-everybody' } });
    expect(config.secret).toBeNull();
    expect(settingMeta('secret').flag).toBeNull();
  });
});

describe('wrong values', () => {
  it('names the setting as it was written, the value, and what is allowed, for all of them at once', async () => {
    const path = await writeConfig({ deliveryMaxDays: 'many', maxStoreBytes: 1.5 });
    const problems = await problemsOf({
      flags: { waitSeconds: '51' },
      environment: { MAX_CONCURRENT_TASKS: '0', LARAVEL_INTERNAL_URL: 'hub.example.org' },
    });
    expect(problems).toEqual([
      'LARAVEL_INTERNAL_URL: "hub.example.org" is not allowed; it must be an http(s) URL without user, query and ' +
        'fragment, such as https://hub.example.org.',
      'MAX_CONCURRENT_TASKS: 0 is not allowed; it must be a whole number from 1 to 32.',
      '--wait-seconds: 51 is not allowed; it must be a whole number from 0 to 50 seconds.',
      expect.stringMatching(`^maxStoreBytes in ${path}: 1.5 is not allowed; it must be a whole number`),
      `deliveryMaxDays in ${path}: "many" is not allowed; it must be a whole number from 1 to 365 days.`,
    ]);
  });

  it('never repeats a secret, nor the password of an address', async () => {
    const problems = await problemsOf({
      environment: { LOCALBROWSER_SECRET: 'hunter2', LARAVEL_INTERNAL_URL: 'https://me:hunter3@hub.example.org' },
    });
    expect(problems.join('\n')).toContain('LOCALBROWSER_SECRET');
    expect(problems.join('\n')).not.toMatch(/hunter/);
  });

  it('does not read 1e3, 0x10 or half a number as a number', async () => {
    for (const text of ['1e1', '0x10', '3pages', '4.5']) {
      expect(await problemsOf({ environment: { MAX_CONCURRENT_TASKS: text } })).toHaveLength(1);
    }
  });

  it('refuses an unknown key of the file and suggests the one that was meant', async () => {
    const path = await writeConfig({ maxConcurentTasks: 2, colour: 'red' });
    const problems = await problemsOf({});
    expect(problems[0]).toBe(
      `maxConcurentTasks in ${path}: there is no such setting; did you mean maxConcurrentTasks?`,
    );
    expect(problems[1]).toContain('colour');
  });

  it('says where a file is not JSON', async () => {
    const path = await writeConfig('{\n  "waitSeconds": 5,\n  oops\n}');
    expect(await problemsOf({})).toEqual([expect.stringContaining(`${path}: this is not JSON (line 3, column 3)`)]);
    await writeConfig('[]');
    expect(await problemsOf({})).toEqual([expect.stringContaining('must hold one JSON object')]);
    await writeConfig('');
    expect(await problemsOf({})).toEqual([expect.stringContaining('the file is empty')]);
  });

  it('demands a file that was named, but not the default one', async () => {
    await load({});
    const missing = join(folder, 'none.json');
    expect(await problemsOf({ configFile: missing })).toEqual([`${missing}: there is no such file.`]);
  });

  it('refuses a data folder named by the file that lies in it', async () => {
    await writeConfig({ dataFolder: '/elsewhere' });
    expect(await problemsOf({})).toEqual([expect.stringContaining('this file lies in the data folder itself')]);
  });

  it('warns of a misspelt variable instead of ignoring it silently', async () => {
    const { warnings } = await load({ environment: { LEGWORK_WAIT_SECOND: '5' } });
    expect(warnings.join('\n')).toContain(
      'LEGWORK_WAIT_SECOND (environment) is not a setting and is ignored; did you mean LEGWORK_WAIT_SECONDS?',
    );
  });
});

describe('rules of safety', () => {
  it('refuses plain HTTP to another machine unless the host allows it', async () => {
    const environment = { LARAVEL_INTERNAL_URL: 'http://192.168.1.5:8000' };
    expect((await problemsOf({ environment }))[0]).toContain('LARAVEL_INTERNAL_URL: "http://192.168.1.5:8000"');
    const allowed = await load({ environment: { ...environment, LEGWORK_ALLOW_PLAIN_HTTP: 'yes' } });
    expect(allowed.config.hubUrl).toBe('http://192.168.1.5:8000');
    expect(allowed.warnings.join('\n')).toContain('plain HTTP');
  });

  it('accepts plain HTTP to this machine, and is not fooled by names that only look like it', async () => {
    for (const url of ['http://127.0.0.1:4817', 'http://localhost', 'http://[::1]:80', 'http://127.9.9.9']) {
      await expect(load({ environment: { LARAVEL_INTERNAL_URL: url } })).resolves.toBeDefined();
    }
    for (const url of ['http://127.0.0.1.example.org', 'http://localhost.example.org', 'http://128.0.0.1']) {
      await problemsOf({ environment: { LARAVEL_INTERNAL_URL: url } });
    }
  });

  it('leaves HMAC_DEBUG off outside development, and says so', async () => {
    const { config, warnings } = await load({ environment: { HMAC_DEBUG: '1' } });
    expect(config.hmacDebug).toBe(false);
    expect(warnings.join('\n')).toContain('HMAC_DEBUG is ignored');
  });

  it.skipIf(process.platform === 'win32')('warns of a secret in a file that others can read', async () => {
    const path = await writeConfig({ secret: 'a-secret-in-a-file' });
    await chmod(path, 0o644);
    expect((await load({})).warnings.join('\n')).toContain(`chmod 600 ${path}`);
    await chmod(path, 0o600);
    expect((await load({})).warnings.join('\n')).not.toContain('chmod');
  });
});

describe('what pages may reach', () => {
  it('is a list: separated by commas in a variable, an array in the file', async () => {
    const environment = {
      LEGWORK_ALLOWED_PRIVATE_HOSTS: ' intranet.example:8081, 10.1.0.0/16 ,',
      LEGWORK_BLOCKED_HOSTS: 'bücher.example',
    };
    const { config } = await load({ environment });
    expect(config.allowedPrivateHosts).toEqual(['intranet.example:8081', '10.1.0.0/16']);
    expect(config.blockedHosts).toEqual(['bücher.example']);
    await writeConfig({ allowedPrivateHosts: ['[fd00::5]'] });
    expect((await load({})).config.allowedPrivateHosts).toEqual(['[fd00::5]']);
  });

  it('is refused with the entry that is wrong and why', async () => {
    const environment = {
      LEGWORK_ALLOWED_PRIVATE_HOSTS: 'a.example,0.0.0.0/0',
      LEGWORK_BLOCKED_HOSTS: 'https://b.example',
    };
    expect(await problemsOf({ environment })).toEqual([
      expect.stringMatching(/^LEGWORK_ALLOWED_PRIVATE_HOSTS: "0.0.0.0\/0" is too wide/),
      expect.stringMatching(/^LEGWORK_BLOCKED_HOSTS: "https:\/\/b.example" is a URL/),
    ]);
    await writeConfig({ blockedHosts: 'not-a-list' });
    expect(await problemsOf({})).toEqual([expect.stringContaining('"not-a-list" is not allowed')]);
  });

  it('may go through a proxy, whose password is never shown', async () => {
    const loaded = await load({ environment: { LEGWORK_UPSTREAM_PROXY: 'http://kim:sesame@proxy.example:3128' } });
    expect(loaded.config.upstreamProxy).toBe('http://kim:sesame@proxy.example:3128');
    expect(formatConfig(loaded)).toContain('http://[redacted]@proxy.example:3128');
    expect(JSON.stringify(describeConfig(loaded))).not.toContain('sesame');
    for (const text of ['socks5://kim:sesame@proxy.example', 'http://kim:sesame@proxy.example/path', 'kim:sesame@p']) {
      const problems = await problemsOf({ environment: { LEGWORK_UPSTREAM_PROXY: text } });
      expect(problems.join()).toContain('LEGWORK_UPSTREAM_PROXY');
      expect(problems.join()).not.toContain('sesame');
    }
  });
});

describe('printing', () => {
  it('masks the secret and says where each value came from', async () => {
    const loaded = await load({
      environment: { LOCALBROWSER_SECRET: 'pre-shared-secret-1', WORKER_ID: 'worker-7' },
      flags: { waitSeconds: '5' },
    });
    const text = formatConfig(loaded);
    expect(text).not.toContain('pre-shared-secret-1');
    expect(text).toMatch(/^secret +\*{8} +from LOCALBROWSER_SECRET$/m);
    expect(text).toMatch(/^waitSeconds +5 +from --wait-seconds$/m);
    expect(JSON.stringify(describeConfig(loaded))).not.toContain('pre-shared-secret-1');
    expect(describeConfig(loaded)).toHaveLength(CONFIG_KEYS.length);
  });

  it('shows no secret where there is none', async () => {
    expect(formatConfig(await load({}))).toMatch(/^secret +\(none\)$/m);
  });
});

describe('the table of settings', () => {
  it('gives every setting its own variable and flag', () => {
    const metas = CONFIG_KEYS.map(settingMeta);
    const variables = metas.map((meta) => meta.environment);
    const flags = metas.flatMap((meta) => meta.flag ?? []);
    expect(new Set(variables).size).toBe(CONFIG_KEYS.length);
    expect(new Set(flags).size).toBe(flags.length);
    const withoutFlag = CONFIG_KEYS.filter((key) => settingMeta(key).flag === null);
    expect(withoutFlag).toEqual(['secret', 'upstreamProxy']);
    for (const meta of metas) expect(meta.description.length).toBeGreaterThan(10);
  });
});
