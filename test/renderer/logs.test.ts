import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { LogLine } from '../../preload/contract.ts';
import { SceneBrowser } from './scenes/open-window.ts';

let browser: SceneBrowser;

beforeAll(async () => {
  browser = await SceneBrowser.launch();
});
afterEach(() => browser.closeWindows());
afterAll(() => browser.close());

function line(sequence: number, message: string, level: LogLine['level'] = 'info'): LogLine {
  return { sequence, atMs: Date.now(), level, message, fields: { host: 'example.org' } };
}

it('follows new lines, once each although they overlap what was read', async () => {
  const { page, running } = await browser.open('busy', { hash: '#/logs' });
  await page.getByRole('log').waitFor();
  running.emit('logLines', [line(400, 'task finished'), line(401, 'the newest line')]);
  await page.getByText('the newest line').waitFor();
  running.emit('logLines', [line(402, 'one more line')]);
  await page.getByText('one more line').waitFor();
  expect(await page.getByText('the newest line').count()).toBe(1);
});

it('follows also when lines come quicker than they are drawn', async () => {
  const { page, running } = await browser.open('busy', { hash: '#/logs' });
  await page.getByRole('log').waitFor();
  for (let sequence = 401; sequence < 1_000; sequence += 10)
    running.emit(
      'logLines',
      Array.from({ length: 10 }, (_, index) => line(sequence + index, `line ${sequence + index}`)),
    );
  await page.getByText('line 1000', { exact: false }).waitFor();
  expect(await page.getByRole('button', { name: /Follow|new/ }).count()).toBe(0);
});

it('stays where somebody reads, and says how many lines are new', async () => {
  const { page, running } = await browser.open('busy', { hash: '#/logs' });
  const log = page.getByRole('log');
  await log.waitFor();
  const scrollTop = () => log.evaluate((element) => element.scrollTop);
  // The newest line is in view: the list has come to where it follows from.
  await page.waitForFunction(() => {
    const list = document.querySelector('[role="log"]');
    return list !== null && list.scrollTop > 1_000 && list.scrollTop + list.clientHeight >= list.scrollHeight - 1;
  });
  await log.evaluate((element) => {
    element.scrollTop = 1_000;
  });
  await page.getByRole('button', { name: 'Follow' }).waitFor();
  running.emit('logLines', [line(401, 'a'), line(402, 'the very newest')]);
  await page.getByRole('button', { name: '2 new' }).waitFor();
  expect(await scrollTop()).toBe(1_000);
  await page.getByRole('button', { name: '2 new' }).click();
  await page.getByText('the very newest').waitFor();
});

it('filters by level and by text, fields included', async () => {
  const { page } = await browser.open('busy', { hash: '#/logs' });
  await page.getByRole('combobox', { name: 'Level' }).click();
  await page.getByRole('option', { name: 'Errors', exact: true }).click();
  await page.getByRole('log').getByText('task finished').first().waitFor({ state: 'detached' });
  await page.getByText('connection to the site failed').first().waitFor();
  await page.getByRole('searchbox').fill('taskId=task-40 ');
  await expect
    .poll(() => page.getByRole('listitem').filter({ hasText: 'connection' }).count(), { timeout: 30_000 })
    .toBe(1);
  await page.getByRole('searchbox').fill('no such text');
  await page.getByText('No line fits').waitFor();
});

it('says where the diagnostics went', async () => {
  const { page } = await browser.open('busy', { hash: '#/logs' });
  await page.getByRole('button', { name: 'Save diagnostics…' }).click();
  await page.getByText('/home/anna/Documents/legwork-diagnostics.zip').first().waitFor();
});
