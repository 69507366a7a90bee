import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SceneBrowser, showPlace, untilRead } from './scenes/open-window.ts';
import { VIEWS } from './scenes/views.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let browser: SceneBrowser;

beforeAll(async () => {
  browser = await SceneBrowser.launch();
});
afterEach(() => browser.closeWindows());
afterAll(() => browser.close());

/** What axe finds serious or critical, a line each. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(`window.axe === undefined && (() => { ${axeSource} })()`);
  const results = (await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'], iframes: false })`,
  )) as AxeResults;
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`));
}

/** High enough for whole views: axe takes what is scrolled out of sight for hidden, and leaves it out. */
const TALL = { width: 1_280, height: 2_400 };

const STATES: [scene: string, views: string[]][] = [
  ['busy', VIEWS],
  ['empty', ['#/overview', '#/history', '#/scores', '#/logs', '#/settings/usage']],
  ['failing', ['#/overview', '#/history', '#/scores', '#/logs', '#/task/task-1', '#/settings/limits']],
  ['wrong-secret', ['#/overview', '#/settings/server', '#/settings/privacy']],
  ['without-server', ['#/overview', '#/settings/server']],
  ['crashed', ['#/overview']],
  ['draining', ['#/overview']],
  ['limited', ['#/overview']],
];

/** Looking at a view takes a busy machine seconds, and a scene has up to fifteen. */
const TEST_LIMIT_MS = 240_000;

describe.each(['light', 'dark'] as const)('in %s', { timeout: TEST_LIMIT_MS }, (theme) => {
  it.each(STATES)('nothing of the scene %s is serious', async (scene, views) => {
    const { page, errors } = await browser.open(scene, { theme, size: TALL });
    const findings: Record<string, string[]> = {};
    for (const view of views) {
      await showPlace(page, view);
      await untilRead(page);
      const found = await seriousFindings(page);
      if (found.length > 0) findings[view] = found;
    }
    expect(findings).toEqual({});
    expect(errors).toEqual([]);
  });

  it('nothing is serious in the smallest window, where names are scrolled out of sight', async () => {
    const { page } = await browser.open('busy', { theme, size: { width: 900, height: 600 } });
    const findings: Record<string, string[]> = {};
    for (const view of VIEWS) {
      await showPlace(page, view);
      await untilRead(page);
      const found = await seriousFindings(page);
      if (found.length > 0) findings[view] = found;
    }
    expect(findings).toEqual({});
  });

  it('the dialog for a new task has nothing serious, all its options included', async () => {
    const { page } = await browser.open('busy', { theme });
    await page.getByRole('button', { name: 'New task' }).click();
    await page.getByText('Options').click();
    await page.getByRole('switch', { name: 'Screenshot' }).click();
    await page.getByRole('dialog').getByText('Full page').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('every step of the first run has nothing serious', async () => {
    const { page } = await browser.open('first-run', { theme });
    expect(await seriousFindings(page)).toEqual([]);
    for (const heading of ['Who is it for?', 'When may it work', 'Which browser', 'Ready to start']) {
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('heading', { name: heading }).waitFor();
      const without = page.getByRole('radio', { name: 'Use it without a server' });
      if (heading.startsWith('Who')) await without.check({ force: true });
      await untilRead(page);
      expect(await seriousFindings(page)).toEqual([]);
    }
  });

  it('the menu of a row has nothing serious', async () => {
    const { page } = await browser.open('busy', { hash: '#/history', theme });
    await page.getByText('400 attempts').waitFor();
    await page.getByRole('row').nth(3).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Run again' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });
});
