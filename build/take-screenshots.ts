import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { builtRenderer } from '../test/renderer/scenes/built-renderer.ts';
import { launchBrowser } from '../test/renderer/scenes/launch-browser.ts';
import { type RunningScene, serveScene } from '../test/renderer/scenes/serve-scene.ts';
import { SCENES } from '../test/renderer/scenes/scenes.ts';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));
const outputFolder = join(projectFolder, '.artefacts/screenshots');
const documentationFolder = join(projectFolder, 'docs/screenshots');

interface Shot {
  name: string;
  scene: string;
  hash?: string;
  size?: { width: number; height: number };
  /** Of the text, 1 is 100 %. */
  zoom?: number;
  themes?: ('light' | 'dark')[];
  before?: (page: Page) => Promise<void>;
  /** Also kept with the documentation, in these themes. */
  documented?: ('light' | 'dark')[];
}

const NARROW = { width: 900, height: 600 };

const SHOTS: Shot[] = [
  { name: 'overview-busy', scene: 'busy', documented: ['light', 'dark'] },
  { name: 'overview-empty', scene: 'empty' },
  { name: 'overview-paused', scene: 'paused', themes: ['light'] },
  { name: 'overview-limited', scene: 'limited', themes: ['dark'] },
  { name: 'overview-offline', scene: 'offline', themes: ['light'] },
  { name: 'overview-crashed', scene: 'crashed' },
  { name: 'overview-draining', scene: 'draining', themes: ['dark'] },
  { name: 'overview-narrow', scene: 'busy', size: NARROW, themes: ['light'] },
  { name: 'overview-zoomed', scene: 'busy', size: { width: 450, height: 300 }, themes: ['light'] },
  { name: 'overview-text-200', scene: 'busy', zoom: 2, themes: ['light'] },
  { name: 'overview-4k', scene: 'busy', size: { width: 3_840, height: 2_160 }, themes: ['dark'] },
  { name: 'overview-failing', scene: 'failing', themes: ['light'] },
  { name: 'history', scene: 'long', hash: '#/history', documented: ['light'] },
  { name: 'history-narrow', scene: 'long', hash: '#/history', size: NARROW, themes: ['dark'] },
  { name: 'history-empty', scene: 'empty', hash: '#/history', themes: ['light'] },
  { name: 'history-failing', scene: 'failing', hash: '#/history', themes: ['dark'] },
  { name: 'history-hostile', scene: 'hostile', hash: '#/history', themes: ['light'] },
  {
    name: 'history-menu',
    scene: 'busy',
    hash: '#/history',
    themes: ['light'],
    before: (page) => page.getByRole('row').nth(4).click({ button: 'right' }),
  },
  {
    name: 'new-task',
    scene: 'busy',
    before: async (page) => {
      await page.getByRole('button', { name: 'New task' }).click();
      await page.getByText('Options').click();
    },
  },
  { name: 'task-website', scene: 'busy', hash: '#/task/task-0', documented: ['light'] },
  { name: 'task-lighthouse', scene: 'busy', hash: '#/task/task-3', documented: ['dark'] },
  { name: 'task-failed', scene: 'busy', hash: '#/task/task-4' },
  { name: 'task-missing', scene: 'busy', hash: '#/task/none', themes: ['light'] },
  { name: 'scores', scene: 'busy', hash: '#/scores', documented: ['light'] },
  { name: 'scores-empty', scene: 'empty', hash: '#/scores', themes: ['dark'] },
  ...['server', 'limits', 'usage', 'app', 'storage', 'privacy', 'advanced', 'about'].map((section) => ({
    name: `settings-${section}`,
    scene: 'busy',
    hash: `#/settings/${section}`,
  })),
  { name: 'settings-narrow', scene: 'busy', hash: '#/settings/limits', size: NARROW, themes: ['light'] },
  { name: 'logs', scene: 'busy', hash: '#/logs' },
  { name: 'first-run-1', scene: 'first-run' },
  {
    name: 'first-run-2',
    scene: 'first-run',
    before: async (page) => {
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByLabel('Address or link').fill('legwork://enrol?hub=https%3A%2F%2Fhub.example.org&token=abc');
      await page.getByText('It will be able to').waitFor();
    },
  },
];

async function show(page: Page, running: RunningScene, shot: Shot): Promise<void> {
  await page.setViewportSize(shot.size ?? { width: 1_280, height: 800 });
  await page.goto(`${running.url}${shot.hash ?? ''}`);
  if (shot.zoom !== undefined) {
    const size = `${shot.zoom * 100}%`;
    await page.evaluate((value) => document.documentElement.style.setProperty('font-size', value), size);
  }
  await page.locator('main').waitFor();
  await page.waitForTimeout(500);
  await shot.before?.(page);
  await page.waitForTimeout(350);
}

/**
 * `take-screenshots.ts [start of a name…]`: draws the window in many states, sizes and both themes into `.artefacts/screenshots`,
 * and those of the documentation into `docs/screenshots`.
 */
async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const shots = SHOTS.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.startsWith(part)));
  const folder = await builtRenderer();
  if (wanted.length === 0) await rm(outputFolder, { recursive: true, force: true });
  await mkdir(outputFolder, { recursive: true });
  await mkdir(documentationFolder, { recursive: true });
  const browser = await launchBrowser();
  try {
    for (const theme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme: theme, reducedMotion: 'reduce' });
      for (const shot of shots.filter(({ themes }) => themes === undefined || themes.includes(theme))) {
        const makeScene = SCENES[shot.scene];
        if (makeScene === undefined) throw new Error(`There is no scene ${shot.scene}.`);
        const running = await serveScene(folder, makeScene(Date.now()));
        const page = await context.newPage();
        try {
          await show(page, running, shot);
          const file = join(outputFolder, `${shot.name}-${theme}.png`);
          await page.screenshot({ path: file });
          if (shot.documented?.includes(theme) === true) {
            await copyFile(file, join(documentationFolder, `${shot.name}-${theme}.png`));
          }
        } catch (error) {
          console.error(`${shot.name} (${theme}): ${(error as Error).message}`);
          process.exitCode = 1;
        } finally {
          await page.close();
          await running.close();
        }
      }
      await context.close();
    }
  } finally {
    await browser.close();
  }
  console.log(`The pictures are in ${outputFolder}`);
}

await main();
