import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { HTML_TEXT, INJECTED_ID, TURNED_TEXT } from './scenes/hostile-history.ts';
import { SceneBrowser } from './scenes/open-window.ts';
import { sceneLogLines } from './scenes/scene-answers.ts';

let browser: SceneBrowser;

beforeAll(async () => {
  browser = await SceneBrowser.launch();
});
afterEach(() => browser.closeWindows());
afterAll(() => browser.close());

it.each(['#/overview', '#/history', '#/task/hostile-0'])('HTML of a page is shown as text at %s', async (hash) => {
  const { page, errors } = await browser.open('hostile', { hash });
  await page.getByText(HTML_TEXT).first().waitFor();
  expect(await page.locator(`#${INJECTED_ID}`).count()).toBe(0);
  expect(await page.title()).not.toBe('owned');
  expect(errors).toEqual([]);
});

it('characters that turn the direction of text are made visible', async () => {
  const { page } = await browser.open('hostile', { hash: '#/history' });
  await page.getByText(TURNED_TEXT.replace('\u202e', '\\u202e')).first().waitFor();
  expect(await page.locator('body').textContent()).not.toContain('\u202e');
});

it('lines of the log that hold markup and control characters are text', async () => {
  const { page, running } = await browser.open('empty', { hash: '#/logs' });
  const [line] = sceneLogLines(Date.now(), 1);
  if (line === undefined) throw new Error('There is no line.');
  running.emit('logLines', [{ ...line, sequence: 9_000, message: HTML_TEXT, fields: { url: TURNED_TEXT } }]);
  await page.getByRole('log').getByText(HTML_TEXT).waitFor();
  expect(await page.locator(`#${INJECTED_ID}`).count()).toBe(0);
});

it('an address that is no web address is refused before it is sent', async () => {
  const { page, running } = await browser.open('busy');
  for (const text of ['javascript:alert(1)', 'file:///etc/passwd', 'https://', '   ']) {
    await page.keyboard.press('n');
    await page.getByRole('textbox', { name: 'Address' }).fill(text);
    await page.getByRole('button', { name: 'Add task' }).click();
    await page.getByText('Enter the address of a page').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  expect(running.calls.some(({ name }) => name === 'enqueue')).toBe(false);
});

it('an address of the window that makes no sense leads to a view that says so', async () => {
  const { page } = await browser.open('busy', { hash: '#/<script>alert(1)</script>/%E0%A4%A?x=%zz' });
  await page.getByRole('heading', { name: 'There is no such view' }).waitFor();
  await page.goto(`${page.url().split('#')[0]}#/task/${encodeURIComponent('../../etc/passwd')}`);
  await page.getByText('This task is no longer there').waitFor();
});
