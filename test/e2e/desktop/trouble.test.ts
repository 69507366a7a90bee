import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { APPLICATION_ID } from '../../../main/agent/queue/migrate.ts';
import { desktopRuntimeOrSkip } from '../../support/desktop/electron-runtime.ts';
import { WORKER_ID } from '../stack.ts';
import { DESKTOP_LIMITS, DesktopStack } from './desktop-stack.ts';
import { startShiftedHub } from './shifted-hub.ts';

vi.setConfig(DESKTOP_LIMITS);
const runtime = desktopRuntimeOrSkip();
const HOUR_MS = 3_600_000;

describe.skipIf(runtime === null)('trouble that the desktop app shows', () => {
  let desktop: DesktopStack;
  beforeEach(async () => {
    if (runtime !== null) desktop = await DesktopStack.start(runtime);
  });
  afterEach(() => desktop.close());

  /** The text of a problem in Overview, as soon as it is there. */
  async function problemText(window: Page, title: string): Promise<string> {
    const item = window.getByRole('list', { name: 'Problems' }).getByRole('listitem').filter({ hasText: title });
    await item.waitFor();
    return item.innerText();
  }

  async function launch(environment: Record<string, string>): Promise<Page> {
    desktop.skipFirstRun();
    const app = await desktop.launch({ environment: { ...desktop.identity, ...environment } });
    return app.window();
  }

  it('a server that is down, until it is back', async () => {
    const hub = await desktop.stack.startHub();
    hub.child.kill('SIGKILL');
    await hub.exited;
    const window = await launch({});
    expect(await problemText(window, 'The server does not answer')).toContain('Legwork keeps trying by itself');
    const tray = await desktop.session.trayIcon();
    await tray.untilSays(/does not answer/);
    await desktop.stack.startHub();
    await tray.untilSays(/waiting for work/);
    await window.getByRole('heading', { name: 'The server does not answer' }).waitFor({ state: 'hidden' });
  });

  it('a secret that the server does not know', async () => {
    await desktop.stack.startHub();
    const window = await launch({ LOCALBROWSER_SECRET: 'another-secret-than-the-hub-has-0123456789' });
    const text = await problemText(window, 'The server does not accept this machine');
    expect(text).toContain('ask the operator for a new token');
  });

  it('a clock that is an hour off, with which it works all the same', async () => {
    const hub = await startShiftedHub(join(desktop.session.folder, 'shifted-hub'), HOUR_MS);
    try {
      const window = await launch({ LARAVEL_INTERNAL_URL: hub.url, LOCALBROWSER_SECRET: hub.secret, WORKER_ID });
      const text = await problemText(window, 'The clock of this machine is wrong');
      expect(text).toContain('60 minutes behind');
      await (await desktop.session.trayIcon()).untilSays(/waiting for work/);
    } finally {
      await hub.close();
    }
  });

  it('a disk that is full', async () => {
    await desktop.stack.startHub();
    const window = await launch({ LEGWORK_MINIMUM_FREE_DISK_BYTES: '1000000000000' });
    expect(await problemText(window, 'The disk is full')).toMatch(/Free|free/);
  });

  it('a database from a newer version, which it leaves alone', async () => {
    await desktop.stack.startHub();
    desktop.skipFirstRun();
    const file = join(desktop.dataFolder, 'legwork.sqlite');
    const database = new Database(file);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma('user_version = 1000000');
    database.close();
    const window = await launch({});
    const text = await problemText(window, 'The data is from a newer Legwork');
    expect(text).toContain('Update Legwork. Your data is untouched.');
    const after = new Database(file, { readonly: true });
    expect(after.pragma('user_version', { simple: true })).toBe(1_000_000);
    after.close();
  });
});
