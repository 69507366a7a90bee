import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { SceneBrowser } from './scenes/open-window.ts';
import { historyRowAt } from './scenes/scene-history.ts';

let browser: SceneBrowser;

beforeAll(async () => {
  browser = await SceneBrowser.launch();
});
afterEach(() => browser.closeWindows());
afterAll(() => browser.close());

/** Waits until every place in view has its row. @returns the numbers of the rows in view, from the first */
async function untilDrawn(page: Page): Promise<number[]> {
  const shown = await page.waitForFunction(() => {
    const grid = document.querySelector('[role="grid"]');
    const [head, body] = document.querySelectorAll('[role="grid"] > [role="rowgroup"]');
    if (grid === null || head === undefined || body === undefined) return null;
    const rowHeight = document.querySelector<HTMLElement>('[data-index]')?.offsetHeight ?? 0;
    const first = Math.floor(grid.scrollTop / rowHeight);
    const last = Math.ceil((grid.scrollTop + grid.clientHeight - head.clientHeight) / rowHeight) - 1;
    const wanted = Array.from({ length: last - first + 1 }, (_, step) => first + step);
    return wanted.every((index) => body.querySelector(`[data-index="${index}"]`) !== null) ? wanted : null;
  });
  return (await shown.jsonValue()) ?? [];
}

async function openLong(): Promise<{ page: Page; grid: Locator; newestMs: number }> {
  const { page, running } = await browser.open('long', { hash: '#/history' });
  await page.locator('[data-index="0"]').waitFor();
  return { page, grid: page.getByRole('grid'), newestMs: running.world.nowMs - 2_000 };
}

it('draws few rows in any frame, however the list is moved, and in the end all that are in view', async () => {
  const { page, grid, newestMs } = await openLong();
  await untilDrawn(page);
  const most = await grid.evaluate(async (element) => {
    const drawnNow = () =>
      new Set([...element.querySelectorAll('[data-index]')].map((row) => row.getAttribute('data-index')));
    const steps = [
      ...Array.from({ length: 20 }, () => 1_440),
      ...Array.from({ length: 20 }, () => 540),
      ...Array.from({ length: 20 }, (_, step) => (step % 5 === 0 ? 777_000 : 0)),
    ];
    let before = drawnNow();
    let largest = 0;
    for (const step of steps) {
      await new Promise(requestAnimationFrame);
      const now = drawnNow();
      largest = Math.max(largest, [...now].filter((index) => !before.has(index)).length);
      before = now;
      element.scrollTop += step;
    }
    return largest;
  });
  expect(most).toBeLessThanOrEqual(12);
  for (const index of await untilDrawn(page)) {
    expect(await page.locator(`[data-index="${index}"]`).textContent()).toContain(historyRowAt(index, newestMs).host);
  }
});

it('has its rows in the order of the list for screen readers, once it rests', async () => {
  const { page, grid } = await openLong();
  await untilDrawn(page);
  for (let step = 0; step < 7; step += 1) {
    await grid.evaluate((element) => {
      element.scrollTop += 130;
    });
    await untilDrawn(page);
  }
  await page.waitForFunction(() => {
    const rows = [...document.querySelectorAll('[role="grid"] [role="row"]')];
    const numbers = rows.map((row) => Number(row.getAttribute('aria-rowindex')));
    return numbers[1] !== 2 && numbers.every((number, place) => place === 0 || number > (numbers[place - 1] ?? 0));
  });
});

it('keeps the chosen row in full view, whichever way keys move it', async () => {
  const { page, grid } = await openLong();
  await untilDrawn(page);
  await grid.focus();
  const isInView = (index: number) =>
    page.waitForFunction((index) => {
      const row = document.querySelector(`[data-index="${index}"][aria-selected="true"]`)?.getBoundingClientRect();
      const head = document.querySelector('[role="grid"] > [role="rowgroup"]')?.getBoundingClientRect();
      const box = document.querySelector('[role="grid"]')?.getBoundingClientRect();
      if (row === undefined || head === undefined || box === undefined) return false;
      return row.top >= head.bottom - 0.5 && row.bottom <= box.bottom + 0.5;
    }, index);
  for (let step = 1; step <= 25; step += 1) await page.keyboard.press('ArrowDown');
  await isInView(25);
  for (let step = 1; step <= 20; step += 1) await page.keyboard.press('ArrowUp');
  await isInView(5);
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  await page.keyboard.press('End');
  await isInView(99_999);
});

it('says that rows are still to come, and shows nothing in their place', async () => {
  let answer = () => {};
  const isAnswered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { page } = await browser.open('long', {
    hash: '#/history',
    change: (scene) => {
      scene.overrides.history = async ({ filter, offset, limit }) => {
        if (offset > 0) await isAnswered;
        return scene.history.page(filter, offset, limit);
      };
    },
  });
  await untilDrawn(page);
  await page.getByRole('grid').evaluate((element) => {
    element.scrollTop = 40_000 * 36;
  });
  await page.locator('[role="grid"][aria-busy="true"]').waitFor();
  const inView = await page.evaluate(() => {
    const box = document.querySelector('[role="grid"]')?.getBoundingClientRect();
    return [...document.querySelectorAll('[data-index]')].filter((row) => {
      const place = row.getBoundingClientRect();
      return box !== undefined && place.bottom > box.top && place.top < box.bottom;
    }).length;
  });
  expect(inView).toBe(0);
  answer();
  expect(await untilDrawn(page)).toContain(40_001);
  await page.locator('[role="grid"][aria-busy="false"]').waitFor();
});
