import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { SceneBrowser } from './scenes/open-window.ts';

let browser: SceneBrowser;

/** Bounds what is awaited as long as the browser's own waits are bounded. */
const WITHIN = { timeout: 30_000 };

beforeAll(async () => {
  browser = await SceneBrowser.launch();
});
afterEach(() => browser.closeWindows());
afterAll(() => browser.close());

it('changes a setting at once, and says so', async () => {
  const { page, running } = await browser.open('busy', { hash: '#/settings/limits' });
  await page.getByRole('switch', { name: 'Only on mains power' }).click();
  await page.getByText('Applied.').waitFor();
  expect(running.calls.find(({ name }) => name === 'changeSettings')?.argument).toEqual({
    values: { workOnMainsOnly: true },
  });
  const field = page.getByRole('textbox', { name: 'Pages side by side' });
  await field.fill('5');
  await field.press('Enter');
  await expect
    .poll(() => running.calls, WITHIN)
    .toContainEqual({ name: 'changeSettings', argument: { values: { maxConcurrentTasks: 5 } } });
  await page.getByRole('button', { name: 'Reset Pages side by side' }).click();
  await expect.poll(() => field.inputValue(), WITHIN).toBe('3');
});

it('refuses a number out of its limits with a sentence, and sends nothing', async () => {
  const { page, running } = await browser.open('busy', { hash: '#/settings/limits' });
  const field = page.getByRole('textbox', { name: 'Pages side by side' });
  await field.fill('99');
  await field.press('Enter');
  await page.getByText('Enter a number from 1 to 32.').waitFor();
  await expect.poll(() => field.getAttribute('aria-invalid'), WITHIN).toBe('true');
  await field.fill('many');
  await field.press('Enter');
  await page.getByText('Enter a number.').waitFor();
  expect(running.calls.some(({ name }) => name === 'changeSettings')).toBe(false);
});

it('shows why the agent refused a value', async () => {
  const { page } = await browser.open('busy', {
    hash: '#/settings/privacy',
    change: (scene) => {
      scene.overrides.changeSettings = () => ({
        kind: 'refused',
        issues: [{ key: 'blockedHosts', sentence: '“not a host” is no domain.' }],
      });
    },
  });
  const field = page.getByRole('textbox', { name: 'Never visit' });
  await field.fill('not a host');
  await field.blur();
  await page.getByText('“not a host” is no domain.').waitFor();
});

it('says when a change applies later', async () => {
  const { page } = await browser.open('busy', {
    hash: '#/settings/advanced',
    change: (scene) => {
      scene.overrides.changeSettings = ({ values }) => ({
        kind: 'changed',
        applied: [],
        afterRestart: Object.keys(values),
      });
    },
  });
  const field = page.getByRole('textbox', { name: 'Chromium path' });
  await field.fill('/usr/bin/chromium');
  await field.press('Enter');
  await page.getByText('Saved. It applies once nothing runs.').waitFor();
});

it('edits sizes and times in units of people', async () => {
  const { page, running } = await browser.open('busy', { hash: '#/settings/storage' });
  const field = page.getByRole('textbox', { name: 'Keep at most' });
  expect(await field.inputValue()).toBe('5');
  await field.fill('1.5');
  await field.press('Enter');
  await page.getByText('Applied.').waitFor();
  expect(running.calls).toContainEqual({
    name: 'changeSettings',
    argument: { values: { maxStoreBytes: 1.5 * 1024 ** 3 } },
  });
});

it('does not let be changed what the environment sets, and says why', async () => {
  const { page } = await browser.open('busy', { hash: '#/settings/advanced' });
  const field = page.getByRole('textbox', { name: 'Recycle after pages' });
  await page.getByText('Set by an environment variable').waitFor();
  expect(await field.isDisabled()).toBe(true);
});

it('switches a kind of work off', async () => {
  const { page, running } = await browser.open('busy', { hash: '#/settings/limits' });
  await page.getByRole('switch', { name: 'Lighthouse' }).click();
  await expect
    .poll(() => running.calls.find(({ name }) => name === 'changeSettings')?.argument, WITHIN)
    .toEqual({
      values: { disabledTaskTypes: ['lighthouse_html'] },
    });
});

it('leaves the server only after asking, with or without deleting', async () => {
  const { page, running } = await browser.open('busy', { hash: '#/settings/server' });
  await page.getByRole('button', { name: 'Leave…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Leave hub.example.org?' });
  await dialog.getByRole('checkbox').click();
  await dialog.getByRole('button', { name: 'Leave and delete' }).click();
  await page.getByText('No server', { exact: true }).first().waitFor();
  expect(running.calls.find(({ name }) => name === 'leaveHub')?.argument).toEqual({ wipe: true });
});

it('keeps the chosen theme over a restart of the window', async () => {
  const { page } = await browser.open('busy', { hash: '#/settings/app' });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.getByText('Dark', { exact: true }).click();
  await expect.poll(background, WITHIN).not.toBe(light);
  const dark = await background();
  await page.reload();
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  expect(await background()).toBe(dark);
});

it('shows what the system says of starting at login, not what was asked for', async () => {
  const { page } = await browser.open('busy', {
    hash: '#/settings/app',
    change: (scene) => {
      scene.overrides.setStartAtLogin = () => ({ enabled: true });
    },
  });
  const toggle = page.getByRole('switch', { name: 'Start when you log in' });
  await toggle.click();
  await page.getByText('Legwork starts when you log in.').first().waitFor();
  await expect.poll(() => toggle.getAttribute('aria-checked'), WITHIN).toBe('true');
});

it('shows what was used by kind of work in a month', async () => {
  const { page } = await browser.open('busy', { hash: '#/settings/usage' });
  const month = page.getByRole('button', { name: 'November 2026' });
  await month.click();
  await expect.poll(() => month.getAttribute('aria-expanded'), WITHIN).toBe('true');
  await page.getByRole('rowheader', { name: 'Lighthouse' }).waitFor();
});

it.each([
  [{ state: 'unknown' }, 'Not checked yet'],
  [{ state: 'available', version: '0.3.0', notes: null }, 'Version 0.3.0 is there'],
  [{ state: 'downloading', version: '0.3.0', percent: 40 }, 'Downloading version 0.3.0'],
  [{ state: 'ready', version: '0.3.0' }, 'Version 0.3.0 is ready'],
  [{ state: 'failed', sentence: 'The signature is wrong.' }, 'The signature is wrong.'],
  [{ state: 'unsupported', sentence: 'apt keeps it up to date.' }, 'apt keeps it up to date.'],
] as const)('shows the update that is %o', async (update, text) => {
  const { page } = await browser.open('busy', {
    hash: '#/settings/about',
    change: (scene) => {
      scene.snapshot = { ...scene.snapshot, update };
    },
  });
  await page.getByText(text).waitFor();
});
