import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SceneBrowser, showPlace, untilRead } from './scenes/open-window.ts';
import { VIEWS } from './scenes/views.ts';

let browser: SceneBrowser;

beforeAll(async () => {
  browser = await SceneBrowser.launch();
});
afterEach(() => browser.closeWindows());
afterAll(() => browser.close());

/** What scrolls or is cut off where it should not: the window itself, panes to the side, and buttons outside the view. */
async function overflows(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push('the window scrolls to the side');
    if (root.scrollHeight > root.clientHeight) found.push('the window scrolls');
    for (const element of document.querySelectorAll<HTMLElement>('main, main *')) {
      const { overflowX } = getComputedStyle(element);
      if (overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1) {
        const isText =
          getComputedStyle(element).textOverflow === 'ellipsis' || element.closest('[class*="hidden"]') !== null;
        if (!isText && element.querySelector('button, a, input') !== null)
          found.push(`cut off: ${element.className} (${element.scrollWidth} in ${element.clientWidth})`);
      }
    }
    for (const control of document.querySelectorAll<HTMLElement>('main button, main input:not([aria-hidden])')) {
      const box = control.getBoundingClientRect();
      const isInScroller = control.closest('[role="tablist"], nav, [class*="scroll"]') !== null;
      if (box.width > 0 && !isInScroller && (box.left < 0 || box.right > window.innerWidth + 1)) {
        found.push(`outside: ${control.textContent ?? ''} ${control.getAttribute('aria-label') ?? ''}`);
      }
    }
    return found;
  });
}

async function overflowsOf(page: Page, views: readonly string[]): Promise<Record<string, string[]>> {
  const findings: Record<string, string[]> = {};
  for (const view of views) {
    await showPlace(page, view);
    await untilRead(page);
    const found = await overflows(page);
    if (found.length > 0) findings[view] = found;
  }
  return findings;
}

describe('no view has a scroll bar to the side, nor one around the whole window', () => {
  it.each([
    ['the smallest window', { width: 900, height: 600 }],
    ['the smallest window at 200 %', { width: 450, height: 300 }],
    ['a screen of 4K', { width: 3_840, height: 2_160 }],
  ])('in %s', async (_name, size) => {
    const { page } = await browser.open('busy', { size });
    expect(await overflowsOf(page, VIEWS)).toEqual({});
  });

  it('with text of twice the size', async () => {
    const { page } = await browser.open('busy', { size: { width: 1_280, height: 800 } });
    const session = await page.context().newCDPSession(page);
    await session.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    const rootSize = await page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
    expect(rootSize).toBe('32px');
    expect(await overflowsOf(page, VIEWS)).toEqual({});
  });

  it('and buttons leave room for the name of a task, at text of twice the size, too', async () => {
    const { page, running } = await browser.open('busy', { size: { width: 900, height: 600 } });
    const session = await page.context().newCDPSession(page);
    await session.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
    await page.goto(`${running.url}#/task/task-4`);
    await page.reload();
    const host = page.locator('main h1 bdi').first();
    await host.waitFor();
    await page.getByRole('button', { name: 'Try once more' }).waitFor();
    const width = await host.evaluate((element) => element.getBoundingClientRect().width);
    expect(width).toBeGreaterThan(100);
  });

  it('with texts that go on for ever', async () => {
    const { page } = await browser.open('hostile', { size: { width: 900, height: 600 } });
    expect(await overflowsOf(page, ['#/overview', '#/history', '#/task/hostile-2'])).toEqual({});
  });
});

it('every view has a heading of its own, and the window a title', async () => {
  const { page } = await browser.open('busy');
  for (const [view, title] of [
    ['overview', 'Overview'],
    ['history', 'History'],
    ['scores', 'Scores'],
    ['settings', 'Settings'],
    ['logs', 'Logs'],
  ]) {
    await showPlace(page, `#/${view}`);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    await expect.poll(() => page.title(), { timeout: 30_000 }).toBe(`${title} – Legwork`);
  }
});
