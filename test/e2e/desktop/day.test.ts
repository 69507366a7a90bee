import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { desktopRuntimeOrSkip } from '../../support/desktop/electron-runtime.ts';
import { DESKTOP_LIMITS, DesktopStack } from './desktop-stack.ts';

vi.setConfig(DESKTOP_LIMITS);
const runtime = desktopRuntimeOrSkip();
async function goThroughFirstRun(window: Page, server: { hubUrl: string; token: string }): Promise<void> {
  const next = window.getByRole('button', { name: 'Continue' });
  await window.getByRole('heading', { name: 'Welcome to Legwork' }).waitFor();
  await next.click();
  await window.getByRole('heading', { name: 'Who is it for?' }).waitFor();
  expect(await next.isDisabled()).toBe(true);
  await window.getByLabel('Address or link').fill(server.hubUrl);
  await window.getByLabel('Token').fill(server.token);
  await window.getByText('It cannot reach your files').waitFor();
  await next.click();
  await window.getByRole('heading', { name: 'When may it work, and how much?' }).waitFor();
  await next.click();
  await window.getByRole('button', { name: 'Use it' }).first().click();
  await window.getByText('In use').first().waitFor();
  await next.click();
  await window.getByRole('heading', { name: 'Ready to start' }).waitFor();
  const start = window.getByRole('button', { name: 'Start Legwork' });
  expect(await start.isDisabled()).toBe(true);
  await window.getByRole('checkbox').click();
  await start.click();
  await window.getByRole('heading', { name: 'Overview' }).waitFor();
}

/** Goes to History and from there to the one task that is in it. */
async function findInHistory(window: Page): Promise<void> {
  await window.getByRole('link', { name: 'History' }).click();
  const row = window.getByRole('row').filter({ hasText: '127.0.0.1' });
  await row.waitFor();
  expect(await row.innerText()).toContain('Done');
  await row.click();
  await window.getByRole('heading', { name: /127\.0\.0\.1.*Website/ }).waitFor();
}

/** Of a page that waits until it is let go. */
const PAGE_LIMIT_MS = 120_000;
const SIDE_BY_SIDE = 2;

const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

describe.skipIf(runtime === null)('a day with the desktop app', () => {
  let desktop: DesktopStack;
  beforeEach(async () => {
    if (runtime !== null) desktop = await DesktopStack.start(runtime);
  });
  afterEach(() => desktop.close());

  it('goes from the first run to a job that window and tray show, and keeps its history over a restart', async () => {
    const { stack } = desktop;
    const hub = await stack.startHub(['--enrolment-token']);
    const [token] = await hub.line(/lwt_[0-9a-f]{16}_[0-9a-f]{64}/);
    const app = await desktop.launch();
    await goThroughFirstRun(await app.window(), { hubUrl: stack.hubUrl, token });

    const tray = await app.tray();
    await tray.untilSays(/Connected, waiting for work/);
    const window = await app.window();
    await window.getByText('Connected, waiting for work').first().waitFor();
    const autostart = join(desktop.session.configFolder, 'autostart', 'legwork.desktop');
    expect(existsSync(autostart)).toBe(true);

    const [id = ''] = await stack.enqueue({ url: `${stack.siteUrl}/held`, timeoutMs: PAGE_LIMIT_MS });
    await window
      .getByRole('link', { name: /127\.0\.0\.1/ })
      .first()
      .waitFor();
    await tray.untilSays(/Rendering 127\.0\.0\.1/);
    await stack.visits('/held');
    stack.letGo();
    expect(await stack.jobEnds(id)).toBe('completed');
    await tray.untilOffers(/^Last tasks › ✓ 127\.0\.0\.1/);
    await findInHistory(window);
    await tray.choose('Quit Legwork');
    expect(await app.exited).toEqual({ code: 0, signal: null });

    const again = await desktop.launch();
    await (await again.tray()).untilSays(/Connected, waiting for work/);
    await findInHistory(await again.window());
  });

  it('begins nothing after a pause from the tray, and goes on after resume', async () => {
    const { stack } = desktop;
    await stack.startHub();
    const app = await desktop.launchConnected({
      programArguments: ['--hidden'],
      environment: { MAX_CONCURRENT_TASKS: String(SIDE_BY_SIDE) },
    });
    const tray = await app.tray();
    const idleFace = await tray.face();
    const pages = Array.from({ length: 40 }, (_unused, index) => ({ url: `${stack.siteUrl}/wait/300/${index}` }));
    const ids = await stack.enqueue(...pages);
    const visits = (): number => stack.visited.filter((path) => path.startsWith('/wait/')).length;
    while (visits() < 3) await pause(20);
    let workingFace = await tray.face();
    while (!workingFace.toolTip.includes('Rendering 127.0.0.1')) {
      await pause(20);
      workingFace = await tray.face();
    }
    expect(workingFace.picture).not.toBe(idleFace.picture);

    await tray.choose('Pause', 'Until I resume');
    const visitsAtPause = visits();
    expect(await tray.untilSays(/Paused/)).not.toMatch(/left/);
    expect((await tray.face()).picture).not.toBe(workingFace.picture);
    // What ran is finished, and nothing else is begun; as many may have been begun while the click was on its way.
    await tray.untilSays(/Paused$/);
    const visitsAfterwards = visits();
    expect(visitsAfterwards - visitsAtPause).toBeLessThanOrEqual(2 * SIDE_BY_SIDE);
    expect(visitsAfterwards).toBeLessThan(ids.length);
    await pause(1_500);
    expect(visits()).toBe(visitsAfterwards);

    await tray.choose('Resume');
    for (const id of ids) expect(await stack.jobEnds(id)).toBe('completed');
    await tray.untilSays(/waiting for work/);
    expect(await tray.labels()).toContain('Last tasks › ✓ 127.0.0.1  completed');
  });

  it('finishes and delivers what runs before it quits, and says so', async () => {
    const { stack } = desktop;
    await stack.startHub();
    const app = await desktop.launchConnected({ environment: { LEGWORK_DRAIN_LIMIT_MS: String(PAGE_LIMIT_MS) } });
    const tray = await app.tray();
    const [id = ''] = await stack.enqueue({ url: `${stack.siteUrl}/held`, timeoutMs: PAGE_LIMIT_MS });
    await stack.visits('/held');
    await tray.choose('Quit Legwork');
    await tray.untilSays(/Stopping: 1 task to finish/);
    const window = await app.window();
    await window.getByText('1 task will be finished first').waitFor();
    await tray.untilOffers(/Quit now/);
    stack.letGo();
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect((await stack.operator.job(id)).status).toBe('completed');
    await expect.poll(() => desktop.session.processes(), { timeout: 30_000 }).toEqual([]);
  });
});
