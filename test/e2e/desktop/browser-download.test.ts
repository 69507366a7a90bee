import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Bridge, BrowserState, CallOutcome } from '../../../preload/contract.ts';
import { LocalMirror } from '../../browser/chromium-download/local-mirror.ts';
import { desktopRuntimeOrSkip } from '../../support/desktop/electron-runtime.ts';
import { DESKTOP_LIMITS, DesktopStack } from './desktop-stack.ts';

vi.setConfig(DESKTOP_LIMITS);
const runtime = desktopRuntimeOrSkip();
const VERSION = '199.0.1000.2';

describe.skipIf(runtime === null)('the browser for tasks', () => {
  let desktop: DesktopStack;
  let mirror: LocalMirror;
  let page: Page;
  beforeEach(async () => {
    if (runtime === null) return;
    desktop = await DesktopStack.start(runtime);
    desktop.skipFirstRun();
    mirror = new LocalMirror();
    mirror.addVersion(VERSION);
    const app = await desktop.launch({ environment: { LEGWORK_BROWSER_MIRROR: await mirror.start() } });
    page = await app.window();
    await page.waitForFunction(() => 'legwork' in window);
  });
  afterEach(async () => {
    await mirror.close();
    await desktop.close();
  });

  function call(name: string): Promise<CallOutcome> {
    return page.evaluate((callName) => (Reflect.get(window, 'legwork') as Bridge).call(callName, null), name);
  }

  async function browser(): Promise<BrowserState> {
    const outcome = await call('snapshot');
    if ('failure' in outcome) throw new Error(outcome.failure.message);
    return (outcome.answer as { browser: BrowserState }).browser;
  }

  it('is not one that others have installed, unless the person says so, and can be downloaded', async () => {
    expect((await browser()).state).toBe('missing');
    mirror.hold = new Promise(() => {});
    const download = call('downloadBrowser');
    // Which version it comes to is known once the mirror has been asked for several.
    await expect.poll(browser, { timeout: 60_000 }).toMatchObject({ state: 'downloading', version: VERSION });
    await call('cancelBrowserDownload');
    expect(await download).toMatchObject({ failure: { code: 'browser_download_cancelled' } });
    expect((await browser()).state).toBe('missing');
    mirror.hold = null;
    expect(await call('downloadBrowser')).toEqual({ answer: null });
    expect(await browser()).toMatchObject({ state: 'ready', version: VERSION });
  });

  it('that cannot be had is said in words', async () => {
    await mirror.close();
    const outcome = await call('downloadBrowser');
    expect(outcome).toMatchObject({ failure: { code: 'browser_download_network' } });
    expect(await browser()).toMatchObject({ state: 'failed', sentence: expect.stringContaining('cannot be reached') });
    await mirror.start();
  });
});
