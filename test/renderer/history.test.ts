import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { formatClock } from '../../renderer/format/time.ts';
import { readableUrl } from '../../renderer/format/words.ts';
import { SceneBrowser } from './scenes/open-window.ts';
import { historyRowAt } from './scenes/scene-history.ts';

let browser: SceneBrowser;

beforeAll(async () => {
  browser = await SceneBrowser.launch();
});
afterEach(() => browser.closeWindows());
afterAll(() => browser.close());

/** The text of the row at a place of the whole list, once it is there. */
async function rowText(page: Page, index: number): Promise<string> {
  const row = page.locator(`[data-index="${index}"]`);
  await row
    .getByText(/Done|Failed|Cancelled|Running/)
    .first()
    .waitFor();
  return (await row.textContent()) ?? '';
}

/**
 * The rows that are in view, from the first, once the list stands still at a place and rows fill its view: they are drawn
 * some time after it was scrolled.
 * @param scrollTop where it comes to rest, in pixels from its top
 */
async function rowsInView(page: Page, scrollTop: number): Promise<number[]> {
  const rows = await page.waitForFunction((wantedTop) => {
    const grid = document.querySelector('[role="grid"]');
    const head = document.querySelector('[role="columnheader"]');
    if (grid === null || head === null || Math.abs(grid.scrollTop - wantedTop) > 1) return null;
    const box = grid.getBoundingClientRect();
    const top = head.getBoundingClientRect().bottom + 10;
    const places = [...document.querySelectorAll<HTMLElement>('[data-index]')]
      .map((row) => ({ index: Number(row.dataset.index), place: row.getBoundingClientRect() }))
      .filter(({ place }) => place.bottom > top && place.top < box.bottom)
      .sort((a, b) => a.index - b.index);
    const isFull =
      places.some(({ place }) => place.top <= top) && places.some(({ place }) => place.bottom >= box.bottom);
    return isFull ? places.map(({ index }) => index) : null;
  }, scrollTop);
  return (await rows.jsonValue()) ?? [];
}

describe('a history of 100,000 attempts', () => {
  it('shows the right rows after jumps, and keeps few of them in the document', async () => {
    const { page, running } = await browser.open('long', { hash: '#/history' });
    await page.getByText('100,000 attempts').waitFor();
    const grid = page.getByRole('grid', { name: 'Attempts' });
    const newestMs = running.world.nowMs - 2_000;
    for (const place of [0.5, 0.013, 0.999, 0.25, 1, 0]) {
      const scrollTop = await grid.evaluate((element, part) => {
        element.scrollTop = (element.scrollHeight - element.clientHeight) * part;
        return element.scrollTop;
      }, place);
      const shown = await rowsInView(page, scrollTop);
      expect(Math.abs((shown[0] ?? 0) - place * 99_999)).toBeLessThan(60);
      const middle = shown[Math.floor(shown.length / 2)] ?? 0;
      const expected = historyRowAt(middle, newestMs);
      const text = await rowText(page, middle);
      expect(text).toContain(expected.host);
      if (expected.error === null) expect(text).toContain(readableUrl(expected.url).slice(expected.host.length));
      if (middle < 500) expect(text).toContain(formatClock(expected.startedAtMs));
      // Rows follow one another without gaps.
      expect(shown).toEqual(Array.from({ length: shown.length }, (_, index) => (shown[0] ?? 0) + index));
    }
    expect(await page.locator('[data-index]').count()).toBeLessThan(80);
  });

  it('reads pages in place of everything, and not those that fly by', async () => {
    const { page, running } = await browser.open('long', { hash: '#/history' });
    await rowText(page, 0);
    await page.getByRole('grid').hover();
    for (let step = 0; step < 20; step += 1) await page.mouse.wheel(0, 60_000);
    // Each turn of the wheel is added to where the list is on its way to.
    const [first = 0] = await rowsInView(page, 20 * 60_000);
    await rowText(page, first);
    const reads = running.calls.filter(({ name }) => name === 'history');
    expect(reads.every(({ argument }) => (argument as { limit: number }).limit <= 200)).toBe(true);
    // Of the 1,000 pages only those around places where the list came to rest.
    expect(reads.length).toBeLessThan(100);
  });

  it('moves by keys, and opens the chosen task', async () => {
    const { page } = await browser.open('long', { hash: '#/history' });
    await rowText(page, 0);
    const grid = page.getByRole('grid');
    await grid.focus();
    await page.keyboard.press('End');
    await rowText(page, 99_999);
    expect(await grid.getAttribute('aria-activedescendant')).toBe('attempt-99999');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await rowText(page, 2);
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/task\/task-2$/);
  });
});

describe('filters', () => {
  it('narrows by text, outcome and host, keeps that in the address, and clears it', async () => {
    const { page } = await browser.open('busy', { hash: '#/history' });
    await page.getByText('400 attempts').waitFor();
    await page.getByRole('combobox', { name: 'Outcome' }).click();
    await page.getByRole('option', { name: 'Failed' }).click();
    await page.getByText('24 attempts').waitFor();
    await page.waitForURL(/outcome=failed/);
    await page.getByRole('searchbox').fill('no such page');
    await page.getByText('Nothing fits these filters').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByText('400 attempts').waitFor();
    await page.waitForURL((url) => !url.href.includes('outcome'));
  });

  it('starts with what the address says', async () => {
    const { page } = await browser.open('busy', { hash: '#/history?type=lighthouse_html' });
    await page.getByText('80 attempts').waitFor();
    expect(await page.getByRole('combobox', { name: 'Type' }).textContent()).toContain('Lighthouse');
  });

  it('exports what the list shows', async () => {
    const { page, running } = await browser.open('busy', { hash: '#/history?outcome=failed' });
    await page.getByText('24 attempts').waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'As CSV' }).click();
    await page.getByText('/home/anna/Documents/legwork-history.csv').first().waitFor();
    const call = running.calls.find(({ name }) => name === 'exportHistory');
    expect(call?.argument).toMatchObject({ format: 'csv', filter: { outcome: 'failed' } });
  });
});

describe('new attempts', () => {
  const addRow = (running: Awaited<ReturnType<SceneBrowser['open']>>['running'], name: string) => {
    running.world.history.add({ ...historyRowAt(0, Date.now()), taskId: name, host: name, url: `https://${name}/` });
    running.emit('historyChanged', { taskIds: [name] });
  };

  it('appear by themselves at the top of the list', async () => {
    const { page, running } = await browser.open('busy', { hash: '#/history' });
    await rowText(page, 0);
    addRow(running, 'new.example');
    await page.locator('[data-index="0"]', { hasText: 'new.example' }).waitFor();
    await page.getByText('401 attempts').waitFor();
  });

  it('do not shift the rows that somebody looks at further down', async () => {
    const { page, running } = await browser.open('busy', { hash: '#/history' });
    await rowText(page, 0);
    await page.getByRole('grid').evaluate((element) => {
      element.scrollTop = 4_000;
    });
    const [first = 0] = await rowsInView(page, 4_000);
    const before = await rowText(page, first + 3);
    addRow(running, 'new.example');
    const button = page.getByRole('button', { name: 'Show new attempts' });
    await button.waitFor();
    expect(await rowText(page, first + 3)).toBe(before);
    await button.click();
    await page.locator('[data-index="0"]', { hasText: 'new.example' }).waitFor();
  });
});

it('says what went wrong, and shows the list once it can be read', async () => {
  let isBroken = true;
  const { page } = await browser.open('busy', {
    hash: '#/history',
    change: (scene) => {
      scene.overrides.history = ({ filter, offset, limit }) => {
        if (isBroken) throw new Error('The database is in use by another program.');
        return scene.history.page(filter, offset, limit);
      };
    },
  });
  await page.getByText('The database is in use by another program.').waitFor();
  isBroken = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('400 attempts').waitFor();
});
