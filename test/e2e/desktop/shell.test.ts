import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ListedProcess, listProcesses } from '../../../main/agent/process-tree.ts';
import { desktopRuntimeOrSkip } from '../../support/desktop/electron-runtime.ts';
import { DESKTOP_LIMITS, DesktopStack } from './desktop-stack.ts';

vi.setConfig(DESKTOP_LIMITS);
const runtime = desktopRuntimeOrSkip();
const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

describe.skipIf(runtime === null)('the shell of the desktop app', () => {
  let desktop: DesktopStack;
  beforeEach(async () => {
    if (runtime !== null) desktop = await DesktopStack.start(runtime);
  });
  afterEach(() => desktop.close());

  it('loses no result to kill -9 and leaves no process; the next start delivers, and takes up what ran', async () => {
    const { stack } = desktop;
    const hub = await stack.startHub();
    const app = await desktop.launchConnected({ programArguments: ['--hidden'] });
    const [finished = ''] = await stack.enqueue(
      { url: `${stack.siteUrl}/wait/1500` },
      { url: `${stack.siteUrl}/hang`, timeoutMs: 120_000 },
    );
    await Promise.all([stack.visits('/wait/1500'), stack.visits('/hang')]);
    hub.child.kill('SIGKILL');
    await hub.exited;
    await (await app.tray()).untilOffers(/^Last tasks › ✓/);
    const ofTheApp = new Set(app.processTree());
    // A number alone may be another process's by the time of the next look.
    const nameOf = ({ processId, commandLine }: ListedProcess): string => `${processId} ${commandLine}`;
    const listed = listProcesses().filter(({ processId }) => ofTheApp.has(processId));
    const processes = new Set(listed.map(nameOf));
    expect(processes.size).toBeGreaterThan(3);
    app.kill('SIGKILL');
    await app.exited;
    while (listProcesses().some((one) => processes.has(nameOf(one)))) await pause(50);
    await expect.poll(() => desktop.session.processes(), { timeout: 30_000 }).toEqual([]);

    await stack.startHub();
    await desktop.launch({ programArguments: ['--hidden'], environment: desktop.identity });
    expect(await stack.jobEnds(finished)).toBe('completed');
    const visits = (path: string): number => stack.visited.filter((visited) => visited === path).length;
    while (visits('/hang') < 2) await pause(50);
    expect(visits('/wait/1500')).toBe(1);
  });

  it('shows its window when it is started again, but not when that start is hidden', async () => {
    await desktop.stack.startHub();
    const app = await desktop.launchConnected({ programArguments: ['--hidden'] });
    expect(await desktop.startOnceMore('--hidden')).toBe(0);
    await pause(500);
    expect(await app.visibleWindows()).toBe(0);
    expect(await desktop.startOnceMore()).toBe(0);
    const window = await app.window();
    await window.getByRole('link', { name: 'Overview' }).waitFor();
    while ((await app.visibleWindows()) === 0) await pause(50);
    expect(await app.visibleWindows()).toBe(1);
    expect(app.electron.windows()).toHaveLength(1);
  });

  it('shows its window also when it is started again while it is still reading its settings', async () => {
    desktop.skipFirstRun();
    const settings = join(desktop.dataFolder, 'config.json');
    execFileSync('mkfifo', [settings]);
    const app = await desktop.launch({ programArguments: ['--hidden'] });
    expect(await desktop.startOnceMore()).toBe(0);
    // The pipe can be opened when its reader has come; the next reader finds a file.
    const pipe = await open(settings, 'w');
    renameSync(settings, `${settings}.pipe`);
    writeFileSync(settings, '{}');
    await pipe.writeFile('{}');
    await pipe.close();
    await (await app.window()).getByRole('link', { name: 'Overview' }).waitFor();
    while ((await app.visibleWindows()) === 0) await pause(50);
    expect(await app.visibleWindows()).toBe(1);
  });

  it('brings its window back after its page has crashed, while tasks go on', async () => {
    const { stack } = desktop;
    await stack.startHub();
    const app = await desktop.launchConnected();
    const window = await app.window();
    await window.getByRole('link', { name: 'Overview' }).waitFor();
    const [id = ''] = await stack.enqueue({ url: `${stack.siteUrl}/wait/2000` });
    await stack.visits('/wait/2000');
    await app.electron.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer();
    });
    // A question to a page that has just crashed is never answered.
    const shownText = async (): Promise<unknown> => {
      const answer = app.electron.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript('document.body.innerText'),
      );
      return Promise.race([answer.catch(() => ''), pause(1_000)]);
    };
    while (!String(await shownText()).includes('Overview')) await pause(100);
    expect(await stack.jobEnds(id)).toBe('completed');
  });

  it('writes the autostart file when that is switched on in the tray, and removes it when it is switched off', async () => {
    await desktop.stack.startHub();
    const app = await desktop.launchConnected({ programArguments: ['--hidden'] });
    const tray = await app.tray();
    const file = join(desktop.session.configFolder, 'autostart', 'legwork.desktop');
    const isOn = async (): Promise<boolean | null | undefined> =>
      (await tray.menu()).find(({ label }) => label === 'Start at login')?.checked;
    expect(await isOn()).toBe(false);
    await tray.choose('Start at login');
    while (!existsSync(file)) await pause(50);
    expect(readFileSync(file, 'utf8')).toMatch(/^Exec=.*--hidden/m);
    while ((await isOn()) !== true) await pause(50);
    await tray.choose('Start at login');
    while (existsSync(file)) await pause(50);
    while ((await isOn()) !== false) await pause(50);
  });

  it('asks before a followed link connects it to a server', async () => {
    const { stack } = desktop;
    const hub = await stack.startHub(['--enrolment-token']);
    const [token] = await hub.line(/lwt_[0-9a-f]{16}_[0-9a-f]{64}/);
    desktop.skipFirstRun();
    const app = await desktop.launch({ programArguments: ['--hidden'], environment: desktop.browser });
    await (await app.tray()).untilSays(/Ready for your own tasks/);
    const link = `legwork://enrol?hub=${encodeURIComponent(stack.hubUrl)}&token=${token}`;
    expect(await desktop.startOnceMore(link)).toBe(0);
    const window = await app.window();
    const dialog = window.getByRole('dialog', { name: /^Work for 127\.0\.0\.1/ });
    await dialog.waitFor();
    expect(await dialog.innerText()).toContain('cannot reach your files');
    await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
    await (await app.tray()).untilSays(/waiting for work/);
    const [id = ''] = await stack.enqueue({ url: `${stack.siteUrl}/page` });
    expect(await stack.jobEnds(id)).toBe('completed');
  });
});
