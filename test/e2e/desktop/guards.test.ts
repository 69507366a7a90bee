import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Bridge, CallOutcome, UiSnapshot } from '../../../preload/contract.ts';
import type { DesktopApp } from '../../support/desktop/desktop-app.ts';
import { desktopRuntimeOrSkip } from '../../support/desktop/electron-runtime.ts';
import { DESKTOP_LIMITS, DesktopStack } from './desktop-stack.ts';

vi.setConfig(DESKTOP_LIMITS);
const runtime = desktopRuntimeOrSkip();
const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

describe.skipIf(runtime === null)('the borders of the desktop app', () => {
  let desktop: DesktopStack;
  let app: DesktopApp;
  let page: Page;
  beforeEach(async () => {
    if (runtime === null) return;
    desktop = await DesktopStack.start(runtime);
    desktop.skipFirstRun();
    app = await desktop.launch({ environment: desktop.browser });
    page = await app.window();
    await page.waitForFunction(() => 'legwork' in window);
  });
  afterEach(() => desktop.close());

  it('let the page have its own files and nothing else', async () => {
    writeFileSync(join(desktop.dataFolder, 'canary.json'), '{}');
    const answers = await page.evaluate(
      async (paths) => {
        const fetched: Record<string, string> = {};
        for (const path of paths) {
          fetched[path] = await fetch(path).then(
            ({ status }) => String(status),
            () => 'refused',
          );
        }
        return fetched;
      },
      [
        'app://legwork/',
        'app://legwork/../desktop/main.js',
        'app://legwork/..%2fdesktop%2fmain.js',
        'app://legwork/%2e%2e/%2e%2e/package.json',
        `app://legwork/blob/page/${'0'.repeat(64)}`,
        'app://legwork/blob/file/..%2f..%2fcanary.json',
        'app://other/',
        'https://example.org/',
        'file:///etc/passwd',
      ],
    );
    expect(Object.values(answers)).toEqual([
      '200',
      ...Array.from({ length: 5 }, () => '404'),
      ...Array.from({ length: 3 }, () => 'refused'),
    ]);
  });

  it('give the page neither Node, nor permissions, nor code from texts, nor another place', async () => {
    const found = await page.evaluate(async () => ({
      node: [typeof Reflect.get(window, 'require'), typeof Reflect.get(window, 'process')],
      bridge: Object.keys(Reflect.get(window, 'legwork') as object),
      geolocation: (await navigator.permissions.query({ name: 'geolocation' })).state,
      notifications: await Notification.requestPermission(),
      evaluated: ((): string => {
        try {
          // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval
          return String(new Function('return "ran"')());
        } catch {
          return 'refused';
        }
      })(),
    }));
    expect(found).toEqual({
      node: ['undefined', 'undefined'],
      bridge: ['call', 'subscribe'],
      geolocation: 'denied',
      notifications: 'denied',
      evaluated: 'refused',
    });
    await page.evaluate(() => window.location.assign('https://example.org/'));
    await pause(300);
    expect(page.url()).toMatch(/^app:\/\/legwork\//);
    await page.evaluate(() => window.location.assign('about:blank'));
    await page.getByRole('link', { name: 'Overview' }).waitFor();
    expect(page.url()).toMatch(/^app:\/\/legwork\//);
  });

  it('answer calls of the own window only, whatever page another window shows', async () => {
    const preload = join(desktop.appFolder, 'dist', 'desktop', 'preload.cjs');
    const outcome = await app.electron.evaluate(async ({ BrowserWindow }, preloadFile) => {
      const other = new BrowserWindow({ show: false, webPreferences: { preload: preloadFile, sandbox: true } });
      await other.loadURL('app://legwork/');
      const answer: unknown = await other.webContents.executeJavaScript("window.legwork.call('snapshot', null)");
      other.destroy();
      return answer;
    }, preload);
    expect(outcome).toMatchObject({ failure: { code: 'foreign_sender' } });
  });

  it('bring an agent that fails back, and say so meanwhile; and let it rest while the machine sleeps', async () => {
    const statusLine = async (): Promise<string> => {
      const outcome = await page.evaluate<CallOutcome>(() =>
        (Reflect.get(window, 'legwork') as Bridge).call('snapshot', null),
      );
      return 'answer' in outcome ? (outcome.answer as { statusLine: string }).statusLine : outcome.failure.message;
    };
    while (!(await statusLine()).startsWith('Ready')) await pause(50);
    await page.evaluate(() => {
      const told: string[] = [];
      Reflect.set(window, 'told', told);
      (Reflect.get(window, 'legwork') as Bridge).subscribe((name, data) => {
        if (name === 'snapshot') told.push((data as UiSnapshot).statusLine);
      });
    });
    const told = (): Promise<string[]> => page.evaluate(() => Reflect.get(window, 'told') as string[]);
    const logFile = join(desktop.dataFolder, 'logs', 'legwork.log');
    const failures = (): number =>
      existsSync(logFile) ? readFileSync(logFile, 'utf8').split('something nobody foresaw').length - 1 : 0;
    // How long it rests after a failure is random, and may be too short for anybody to be told of it.
    while (!(await told()).includes('Stopped unexpectedly; starting again')) {
      const failuresBefore = failures();
      await app.electron.evaluate(() => {
        setTimeout(() => {
          throw new Error('something nobody foresaw');
        }, 0);
      });
      while (failures() === failuresBefore) await pause(50);
      while (!(await statusLine()).startsWith('Ready')) await pause(50);
    }
    while (!(await statusLine()).startsWith('Ready')) await pause(50);

    await app.electron.evaluate(({ powerMonitor }) => powerMonitor.emit('suspend'));
    while ((await statusLine()) !== 'Starting') await pause(20);
    await pause(300);
    expect(await statusLine()).toBe('Starting');
    await app.electron.evaluate(({ powerMonitor }) => powerMonitor.emit('resume'));
    while (!(await statusLine()).startsWith('Ready')) await pause(50);
  });
});
