import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { SceneBrowser } from './scenes/open-window.ts';

let browser: SceneBrowser;

beforeAll(async () => {
  browser = await SceneBrowser.launch();
});
afterEach(() => browser.closeWindows());
afterAll(() => browser.close());

it('shows the HTML of a page without running its scripts', async () => {
  const { page } = await browser.open('busy', { hash: '#/task/task-0' });
  await page.getByRole('tab', { name: 'Page' }).click();
  const frame = page.locator('iframe[title="The page of example.org"]');
  expect(await frame.getAttribute('sandbox')).toBe('');
  await page.frameLocator('iframe').getByRole('heading', { name: 'Rye' }).waitFor();
  expect(await page.frameLocator('iframe').getByText('the script ran').count()).toBe(0);
  expect(await page.evaluate(() => 'scriptRan' in window)).toBe(false);
});

it("shows the whole report with its own scripts, which do not reach the window's", async () => {
  const { page } = await browser.open('busy', { hash: '#/task/task-3' });
  await page.getByRole('img', { name: 'Performance: 87 of 100' }).waitFor();
  await page.getByRole('tab', { name: 'Report' }).click();
  await page.frameLocator('iframe').getByText('112 audits were carried out.').waitFor();
  const origin = await page.frames()[1]?.evaluate(() => window.origin);
  expect(origin).toBe('null');
});

it('tells the picture, console errors, failed requests, the request, attempts and files apart', async () => {
  const { page } = await browser.open('busy', { hash: '#/task/task-6' });
  await page.getByRole('img', { name: 'What' }).waitFor();
  for (const [tab, text] of [
    ['Loading', 'Largest contentful paint'],
    ['Console', 'Cannot read properties of null'],
    ['Failed requests', 'net::ERR_BLOCKED_BY_CLIENT'],
    ['Request', '"waitUntil": "load"'],
    ['Attempts', 'The connection to the site failed.'],
    ['Files', 'page.html'],
    ['JSON', '"transferredBytes"'],
  ] as const) {
    await page.getByRole('tab', { name: tab === 'Request' ? /^Request$/ : tab }).click();
    await page.getByRole('tabpanel').getByText(text).first().waitFor();
  }
});

it('says what an error means and what to do, and tries once more', async () => {
  const { page, running } = await browser.open('busy', { hash: '#/task/task-4' });
  const error = page.getByRole('region', { name: 'Error' });
  await error.getByText('The host name could not be resolved.').waitFor();
  await error.getByText('Trying again may help.').waitFor();
  await error.getByText('What to do:').waitFor();
  await page.getByRole('button', { name: 'Try once more' }).click();
  await page.getByText('It will be tried once more.').first().waitFor();
  expect(running.calls.find(({ name }) => name === 'retryTask')?.argument).toEqual({ taskId: 'task-4' });
});

it('copies all of it as JSON', async () => {
  const { page } = await browser.open('busy', { hash: '#/task/task-0' });
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Copy as JSON' }).click();
  await page.getByText('Copied.').first().waitFor();
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as { taskId: string };
  expect(copied.taskId).toBe('task-0');
});

it('runs a task again as a new one, and shows that', async () => {
  const { page, running } = await browser.open('busy', { hash: '#/task/task-9' });
  await page.getByRole('button', { name: 'Run again' }).click();
  await page.waitForURL(/#\/task\/task-0$/);
  expect(running.calls.find(({ name }) => name === 'runAgain')?.argument).toEqual({ taskId: 'task-9' });
});

it('follows a running task, and lets it be cancelled', async () => {
  const { page, running } = await browser.open('busy', {
    hash: '#/task/running-1',
    change: (scene) => {
      const first = scene.history.page(
        { text: '', type: null, outcome: null, host: null, fromMs: null, toMs: null },
        0,
        1,
      ).rows[0];
      if (first !== undefined) {
        scene.history.add({
          ...first,
          taskId: 'running-1',
          attemptId: 'running-1',
          outcome: 'running',
          durationMs: null,
        });
      }
    },
  });
  await page.getByRole('progressbar', { name: 'Progress' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => running.calls.some(({ name }) => name === 'cancelTask'), { timeout: 30_000 }).toBe(true);
});

it('a result that is not as expected is still shown as JSON', async () => {
  const { page } = await browser.open('busy', {
    hash: '#/task/odd',
    change: (scene) => {
      scene.overrides.task = () => ({
        taskId: 'odd',
        type: 'website_html',
        url: 'https://example.org/',
        host: 'example.org',
        lane: 'page',
        status: 'completed',
        priority: 5,
        attempts: 1,
        maxAttempts: 3,
        origin: 'local',
        jobId: null,
        createdAtMs: 1,
        runAtMs: 1,
        progress: { percent: 100, stage: '' },
        payload: {},
        result: { html: 42, timings: 'none', consoleErrors: [{ nothing: true }], surprise: 'kept' },
        attemptHistory: [],
        timeline: [],
        delivery: null,
        canCancel: false,
        canRetry: false,
      });
    },
  });
  await page.getByRole('tab', { name: 'JSON' }).click();
  await page.getByText('"surprise": "kept"').waitFor();
});
