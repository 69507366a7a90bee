import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SceneBrowser } from './scenes/open-window.ts';

let browser: SceneBrowser;

beforeAll(async () => {
  browser = await SceneBrowser.launch();
});
afterEach(() => browser.closeWindows());
afterAll(() => browser.close());

describe('shortcuts', () => {
  it('go to every view', async () => {
    const { page } = await browser.open('busy');
    for (const [key, title] of [
      ['2', 'History'],
      ['3', 'Scores'],
      ['4', 'Settings'],
      ['5', 'Logs'],
      ['1', 'Overview'],
    ]) {
      await page.keyboard.press(`Control+${key}`);
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
      await page
        .getByRole('link', { name: title, exact: false })
        .and(page.locator('[aria-current="page"]'))
        .first()
        .waitFor();
    }
  });

  it('put the cursor into the search field, also from a view without one', async () => {
    const { page } = await browser.open('busy');
    await page.keyboard.press('Control+f');
    const field = page.getByRole('searchbox', { name: 'Search address or task id' });
    await field.and(page.locator(':focus')).waitFor();
    await page.keyboard.type('shop');
    expect(await field.inputValue()).toBe('shop');
    await page.keyboard.press('Escape');
    await expect.poll(() => field.inputValue(), { timeout: 30_000 }).toBe('');
  });

  it('open the dialog for a new task, which Esc closes; the letter alone does not disturb typing', async () => {
    const { page } = await browser.open('busy', { hash: '#/history' });
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'New task' });
    await dialog.getByPlaceholder('example.org').and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.keyboard.press('Control+f');
    await page.getByRole('searchbox').and(page.locator(':focus')).waitFor();
    await page.keyboard.type('news n');
    expect(await page.getByRole('searchbox').inputValue()).toBe('news n');
    expect(await dialog.count()).toBe(0);
  });

  it('go on from a button that opens the dialog for a new task to its address, with and without a port', async () => {
    const { page, running } = await browser.open('busy');
    const button = page.getByRole('button', { name: 'New task' });
    // The first time, the types are still to be read while the dialog is there.
    for (const address of ['example.org:8080/prices', 'http://example.org']) {
      await button.click();
      await page.getByPlaceholder('example.org').and(page.locator(':focus')).waitFor();
      await page.keyboard.type(address);
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'New task' }).waitFor({ state: 'detached' });
    }
    const urls = running.calls
      .filter(({ name }) => name === 'enqueue')
      .map(({ argument }) => (argument as { payload: { url: string } }).payload.url);
    expect(urls).toEqual(['https://example.org:8080/prices', 'http://example.org']);
  });

  it('go back from a task with Esc, but not while a menu is open', async () => {
    const { page } = await browser.open('busy', { hash: '#/history' });
    await page.getByText('400 attempts').waitFor();
    await page.getByRole('row').nth(2).click();
    await page.waitForURL(/#\/task\//);
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Copy as JSON' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('menuitem', { name: 'Copy as JSON' }).waitFor({ state: 'detached' });
    expect(page.url()).toContain('#/task/');
    await page.keyboard.press('Escape');
    await page.waitForURL(/#\/history/);
  });
});

it('a task is made without a mouse', async () => {
  const { page, running } = await browser.open('busy');
  await page.keyboard.press('n');
  await page.getByRole('dialog').getByPlaceholder('example.org').and(page.locator(':focus')).waitFor();
  await page.keyboard.type('example.org/page');
  await page.keyboard.press('Enter');
  await page.getByText('The task waits in the queue.').first().waitFor();
  expect(running.calls.find(({ name }) => name === 'enqueue')?.argument).toEqual({
    type: 'website_html',
    payload: { url: 'https://example.org/page' },
  });
});

it('pausing works by keys, and the state is told to screen readers', async () => {
  const { page, running } = await browser.open('busy');
  const button = page.getByRole('main').getByRole('button', { name: 'Pause' });
  await button.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem').and(page.locator(':focus')).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('[aria-live="polite"]', { hasText: 'Legwork: Paused' }).waitFor({ state: 'attached' });
  expect(running.calls.some(({ name }) => name === 'pause')).toBe(true);
});

it('every control can be reached, and the focus is seen', async () => {
  const { page } = await browser.open('busy');
  const reached = new Set<string>();
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press('Tab');
    const { name, hasRing } = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return { name: '', hasRing: true };
      const style = getComputedStyle(element);
      const name = element.getAttribute('aria-label') ?? element.textContent ?? '';
      return { name, hasRing: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0 };
    });
    expect(hasRing, `the focus on ${name}`).toBe(true);
    reached.add(name);
  }
  for (const name of ['History', 'Logs', 'New task', 'Stop shop.example.com']) {
    expect(
      [...reached].some((one) => one.includes(name)),
      name,
    ).toBe(true);
  }
});
