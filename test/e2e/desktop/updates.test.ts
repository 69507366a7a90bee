import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Bridge, UpdateState } from '../../../preload/contract.ts';
import { desktopRuntimeOrSkip } from '../../support/desktop/electron-runtime.ts';
import { DESKTOP_LIMITS, DesktopStack } from './desktop-stack.ts';
import { UpdateFeed } from './update-feed.ts';

vi.setConfig(DESKTOP_LIMITS);
const runtime = desktopRuntimeOrSkip();

describe.skipIf(runtime === null)('updates of the desktop app', () => {
  let desktop: DesktopStack;
  let feed: UpdateFeed;
  /** In the place of the AppImage that runs. */
  let appImage: string;
  let page: Page;
  let isRunAfterwards: string;

  beforeEach(async () => {
    if (runtime === null) return;
    desktop = await DesktopStack.start(runtime);
    appImage = join(desktop.session.folder, 'Legwork.AppImage');
    isRunAfterwards = join(desktop.session.folder, 'new-version-ran');
    writeFileSync(appImage, '#!/bin/sh\n# old\n');
    chmodSync(appImage, 0o755);
    feed = new UpdateFeed(`#!/bin/sh\ntouch '${isRunAfterwards}'\n`);
    desktop.skipFirstRun();
    const app = await desktop.launch({
      environment: {
        APPIMAGE: appImage,
        LEGWORK_UPDATE_FEED: await feed.start(),
        LEGWORK_UPDATE_PUBLIC_KEY: feed.publicKey,
      },
    });
    page = await app.window();
    await page.waitForFunction(() => 'legwork' in window);
    exited = app.exited;
  });
  let exited: Promise<{ code: number | null }>;
  afterEach(async () => {
    await feed.close();
    await desktop.close();
  });

  async function call(name: string): Promise<void> {
    await page.evaluate(async (callName) => {
      const { legwork } = window as unknown as { legwork: Bridge };
      await legwork.call(callName, null);
    }, name);
  }

  async function update(): Promise<UpdateState> {
    return page.evaluate(async () => {
      const { legwork } = window as unknown as { legwork: Bridge };
      const outcome = (await legwork.call('snapshot', null)) as { answer: { update: UpdateState } };
      return outcome.answer.update;
    });
  }

  it('are found, fetched only when asked for, and put in place when the app ends', async () => {
    expect(await update()).toEqual({ state: 'unknown' });
    await call('checkForUpdate');
    expect(await update()).toEqual({ state: 'available', version: feed.version, notes: null });
    await call('downloadUpdate');
    expect(await update()).toEqual({ state: 'ready', version: feed.version });
    expect(readFileSync(appImage, 'utf8')).toContain('# old');
    void call('installUpdate').catch(() => {});
    expect((await exited).code).toBe(0);
    expect(readFileSync(appImage, 'utf8')).toBe(feed.program);
    while (!existsSync(isRunAfterwards)) await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it('that are not signed, or not what was signed, are refused and the next good one is taken', async () => {
    feed.isSigned = false;
    await call('checkForUpdate');
    expect(await update()).toMatchObject({ state: 'failed', sentence: expect.stringContaining('not signed') });
    feed.isSigned = true;
    feed.isTampered = true;
    await call('checkForUpdate');
    await call('downloadUpdate');
    expect(await update()).toMatchObject({
      state: 'failed',
      sentence: expect.stringContaining('could not be fetched'),
    });
    feed.isTampered = false;
    await call('checkForUpdate');
    await call('downloadUpdate');
    expect(await update()).toEqual({ state: 'ready', version: feed.version });
  });

  it('whose server does not answer are a state that says so', async () => {
    await feed.close();
    await call('checkForUpdate');
    expect(await update()).toMatchObject({ state: 'failed' });
    await feed.start();
  });
});
