import { TaskTraffic } from '../../main/browser/network-guard/page-network.ts';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium } from '../../main/browser/launch-chromium.ts';
import type { PageSession } from '../../main/browser/page-session.ts';
import { sweepProfiles } from '../../main/browser/sweep-profiles.ts';
import { toLegworkError } from '../../main/protocol/error-table.ts';
import { CHROMIUM_PATH, HEADLESS_SHELL_PATH, RenderBench } from './render.ts';

const benches: RenderBench[] = [];

function newBench(overrides: ConstructorParameters<typeof RenderBench>[0] = {}): RenderBench {
  const bench = new RenderBench(overrides);
  benches.push(bench);
  return bench;
}

const recycle = { afterPages: 1_000, afterMs: 3_600_000, memoryBytes: 8e9 };

function open(bench: RenderBench): Promise<PageSession> {
  return bench.pool.openPage({ engine: 'any', signal: new AbortController().signal, traffic: new TaskTraffic() });
}

async function addOne(page: PageSession): Promise<unknown> {
  return (await page.send('Runtime.evaluate', { expression: '1 + 1', returnByValue: true })).result.value;
}

/** @throws Error after a minute */
async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error('It did not come to pass.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function processIdOf(bench: RenderBench): number {
  const profile = readdirSync(bench.settings.runFolder)[0] ?? '';
  return Number(readFileSync(join(bench.settings.runFolder, profile, 'legwork.pid'), 'utf8'));
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

beforeEach(() => {
  benches.length = 0;
});

afterEach(async () => {
  await Promise.all(benches.map((bench) => bench.close()));
});

describe('the pool', () => {
  test('keeps a blank page ready and hands it out', async () => {
    const bench = newBench();
    await bench.pool.warmUp();
    await until(() => bench.pool.contexts === 1);
    expect(bench.pool.openPages).toBe(0);
    const page = await open(bench);
    expect(await addOne(page)).toBe(2);
    expect(bench.pool.openPages).toBe(1);
    page.close();
    await bench.onlyReadyPageLeft();
    await expect(page.send('Runtime.enable')).rejects.toThrow('closed');
  });

  test('gives each page a context of its own', async () => {
    const bench = newBench();
    const [one, other] = await Promise.all([open(bench), open(bench)]);
    expect(one.identity.browserContextId).not.toBe(other.identity.browserContextId);
    expect(bench.pool.browsers).toBe(1);
  });

  test.each([
    ['count', { ...recycle, afterPages: 2 }],
    ['age', { ...recycle, afterMs: 1 }],
    ['memory', { ...recycle, memoryBytes: 1 }],
  ])('replaces a browser by its %s, and its open page goes on', async (_by, limits) => {
    const bench = newBench({ recycle: limits });
    const page = await open(bench);
    const first = processIdOf(bench);
    for (let round = 0; round < 3; round += 1) (await open(bench)).close();
    await until(() => bench.log.lines.some(({ message }) => message === 'A browser was replaced.'));
    expect(await addOne(page)).toBe(2);
    expect(isRunning(first)).toBe(true);
    page.close();
    await until(() => !isRunning(first));
    expect(await addOne(await open(bench))).toBe(2);
  });

  test('starts a new browser when the one it had has died between two pages', async () => {
    const bench = newBench();
    (await open(bench)).close();
    process.kill(-processIdOf(bench), 'SIGKILL');
    // Before that it is a page of the dead browser that may be handed out.
    await until(() => bench.pool.browsers === 0);
    expect(await addOne(await open(bench))).toBe(2);
  });

  test('leaves no browser behind that is about to replace another when it closes', async () => {
    const bench = newBench({ recycle: { ...recycle, afterMs: 1 } });
    await open(bench);
    await bench.pool.close();
    expect(bench.pool.browsers).toBe(0);
    expect(readdirSync(bench.settings.runFolder)).toEqual([]);
  });

  test('gives the machine free for an exclusive task', async () => {
    const bench = newBench();
    (await open(bench)).close();
    const processId = processIdOf(bench);
    await bench.pool.closeWarm();
    expect(isRunning(processId)).toBe(false);
    expect(bench.pool.browsers).toBe(0);
    expect(await addOne(await open(bench))).toBe(2);
  });

  test('gives the machine free also of a browser that is just being started', async () => {
    const bench = newBench();
    const warming = bench.pool.warmUp();
    await bench.pool.closeWarm();
    expect(bench.pool.browsers).toBe(0);
    await warming;
    expect(await addOne(await open(bench))).toBe(2);
  });

  test('leaves no process and no profile behind when it closes, and opens nothing after that', async () => {
    const bench = newBench();
    const page = await open(bench);
    const processId = processIdOf(bench);
    await bench.pool.close();
    expect(isRunning(processId)).toBe(false);
    expect(readdirSync(bench.settings.runFolder)).toEqual([]);
    expect(toLegworkError(await addOne(page).catch((error: unknown) => error)).code).toBe('shutdown');
    expect(toLegworkError(await open(bench).catch((error: unknown) => error)).code).toBe('shutdown');
  });

  test('says so when there is no browser', async () => {
    const none = newBench({ chromiumPath: null, headlessShellPath: null });
    expect(toLegworkError(await open(none).catch((error: unknown) => error)).code).toBe('browser_missing');
    const wrong = newBench({ headlessShellPath: '/nowhere/chromium' });
    expect(toLegworkError(await open(wrong).catch((error: unknown) => error))).toMatchObject({
      code: 'browser_missing',
      detail: '/nowhere/chromium (ENOENT).',
    });
  });
});

describe('launching', () => {
  test('a program that is no browser fails with its last words and leaves nothing', async () => {
    const { settings } = newBench();
    mkdirSync(settings.runFolder, { recursive: true });
    const program = join(settings.runFolder, 'no-browser');
    writeFileSync(program, '#!/bin/sh\necho "cannot open display" >&2\nexit 3\n', { mode: 0o755 });
    const failing = launchChromium({
      kind: 'chromium',
      executablePath: program,
      runFolder: settings.runFolder,
      sandbox: true,
    });
    const error = toLegworkError(await failing.catch((thrown: unknown) => thrown));
    expect(error.code).toBe('browser_failed');
    expect(error.detail).toContain('cannot open display');
    expect(readdirSync(settings.runFolder)).toEqual(['no-browser']);
  });

  test('a browser that does not answer in time is killed', async () => {
    const { settings } = newBench();
    mkdirSync(settings.runFolder, { recursive: true });
    const program = join(settings.runFolder, 'mute');
    writeFileSync(program, '#!/bin/sh\nsleep 600\n', { mode: 0o755 });
    const failing = launchChromium({
      kind: 'chromium',
      executablePath: program,
      runFolder: settings.runFolder,
      sandbox: true,
      startTimeoutMs: 300,
    });
    expect(toLegworkError(await failing.catch((thrown: unknown) => thrown)).code).toBe('browser_failed');
    expect(readdirSync(settings.runFolder)).toEqual(['mute']);
  });

  test('a DevTools port beside the pipe', async () => {
    const { settings } = newBench();
    const launched = await launchChromium({
      kind: HEADLESS_SHELL_PATH === null ? 'chromium' : 'headless_shell',
      executablePath: HEADLESS_SHELL_PATH ?? CHROMIUM_PATH ?? '',
      runFolder: settings.runFolder,
      sandbox: settings.sandbox,
      debuggingPort: true,
    });
    const answer = await fetch(`http://127.0.0.1:${launched.debuggingPort ?? 0}/json/version`);
    expect(await answer.json()).toHaveProperty('webSocketDebuggerUrl');
    await launched.close();
    expect(readdirSync(settings.runFolder)).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux')('after a hard end', () => {
  test('a sweep kills what uses a left profile, and nobody whose process id it merely has', async () => {
    const { settings } = newBench();
    const { runFolder } = settings;
    const [used, reused] = [join(runFolder, 'profile-used'), join(runFolder, 'profile-reused')];
    mkdirSync(used, { recursive: true });
    mkdirSync(reused, { recursive: true });
    const orphan = spawn('/bin/sh', ['-c', 'sleep 600; true', used], { detached: true, stdio: 'ignore' });
    const stranger = spawn('/bin/sleep', ['600'], { detached: true, stdio: 'ignore' });
    const gone = new Promise((resolve) => orphan.once('exit', (_code, signal) => resolve(signal)));
    writeFileSync(join(used, 'legwork.pid'), String(orphan.pid));
    writeFileSync(join(reused, 'legwork.pid'), String(stranger.pid));
    expect(await sweepProfiles(runFolder)).toBe(2);
    expect(await gone).toBe('SIGKILL');
    expect(isRunning(stranger.pid ?? 0)).toBe(true);
    stranger.kill('SIGKILL');
    expect(readdirSync(runFolder)).toEqual([]);
  });

  test('the browser ends by itself when its owner is killed', async () => {
    const { settings } = newBench();
    const source = `
      import { launchChromium } from ${JSON.stringify(new URL('../../main/browser/launch-chromium.ts', import.meta.url).href)};
      const launched = await launchChromium(${JSON.stringify({
        kind: HEADLESS_SHELL_PATH === null ? 'chromium' : 'headless_shell',
        executablePath: HEADLESS_SHELL_PATH ?? CHROMIUM_PATH,
        runFolder: settings.runFolder,
        sandbox: settings.sandbox,
      })});
      console.log(launched.processId);
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const processId = await new Promise<number>((resolve) => {
      owner.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
    });
    expect(isRunning(processId)).toBe(true);
    owner.kill('SIGKILL');
    await until(() => !isRunning(processId) || !existsSync(`/proc/${processId}/exe`));
  });
});
