import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SceneBrowser } from './scenes/open-window.ts';

let browser: SceneBrowser;

beforeAll(async () => {
  browser = await SceneBrowser.launch();
});
afterEach(() => browser.closeWindows());
afterAll(() => browser.close());

describe('a broken connection', () => {
  it('is said, mended by itself, and what was missed is read again', async () => {
    const { page, running } = await browser.open('busy');
    running.breakConnections(true);
    await page.getByText('Connection lost.').waitFor();
    // Buttons say at once that it does not work, in place of waiting.
    await page.getByRole('button', { name: 'Stop shop.example.com' }).click();
    await page.getByText('The connection to Legwork was lost').first().waitFor();
    running.world.change({
      activity: 'paused',
      tray: 'paused',
      running: [],
      pause: { by: 'host', note: '', untilMs: null },
    });
    running.acceptConnections();
    await page.getByText('Connection lost.').waitFor({ state: 'detached' });
    await page.getByText('Nothing runs at the moment.').waitFor();
    await page.getByRole('main').getByRole('button', { name: 'Resume' }).waitFor();
  });

  it('of a program that was started anew shows its state, although it counts from the start again', async () => {
    const { page, running } = await browser.open('busy');
    running.world.change({ sequence: 5_000, statusLine: 'The state before' });
    await page.getByText('The state before').waitFor();
    running.breakConnections(false);
    running.world.change({ sequence: 0, statusLine: 'The state after' });
    await page.getByText('The state after').waitFor();
  });
});

it('a snapshot that comes late is dropped', async () => {
  const { page, running } = await browser.open('busy');
  running.world.change({ statusLine: 'The newest' });
  await page.getByText('The newest').waitFor();
  running.emit('snapshot', { ...running.world.snapshot(), sequence: 0, statusLine: 'An old one' });
  running.world.change({ version: '9.9.9' });
  await page.goto(`${running.url}#/settings/about`);
  await page.getByText('Version 9.9.9').waitFor();
  await page.goto(`${running.url}#/overview`);
  await page.getByText('The newest').waitFor();
  expect(await page.getByText('An old one').count()).toBe(0);
});

it('messages that do not fit the contract do not take the window with them', async () => {
  const { page, running } = await browser.open('busy');
  running.emit('snapshot', { sequence: 'x' } as never);
  running.emit('historyChanged', null as never);
  running.emit('nonsense' as never, {} as never);
  running.world.change({ statusLine: 'Still here' });
  await page.getByText('Still here').waitFor();
});

it('progress, elapsed time and the end of tasks are followed', async () => {
  const { page, running } = await browser.open('busy');
  const bar = page.getByRole('progressbar', { name: 'Progress of docs.example.net' });
  expect(await bar.getAttribute('aria-valuenow')).toBe('20');
  const tasks = running.world.snapshot().running;
  running.world.change({
    running: tasks.map((task) => ({ ...task, progress: { percent: 77, stage: 'writing the result' } })),
  });
  await page.getByText('Writing the result').first().waitFor();
  await expect.poll(() => bar.getAttribute('aria-valuenow'), { timeout: 30_000 }).toBe('77');
  running.world.change({ running: [], activity: 'idle', tray: 'idle' });
  await page.getByText('Nothing runs at the moment.').waitFor();
});

it('nothing is asked while nothing happens', async () => {
  const { page, running } = await browser.open('busy', { hash: '#/history' });
  await page.getByText('400 attempts').waitFor();
  let before = 0;
  while (before !== running.calls.length) {
    before = running.calls.length;
    await page.waitForTimeout(1_000);
  }
  await page.waitForTimeout(3_000);
  expect(running.calls.length).toBe(before);
});

it('stops one task, and everything after asking', async () => {
  const { page, running } = await browser.open('busy');
  await page.getByRole('button', { name: 'Stop shop.example.com' }).click();
  await page.getByRole('link', { name: 'shop.example.com Website' }).first().waitFor({ state: 'detached' });
  await page.getByRole('main').getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('menuitem', { name: 'Stop everything now…' }).click();
  await page.getByRole('dialog', { name: 'Stop everything now?' }).getByText('1 running task will be').waitFor();
  expect(running.calls.some(({ name }) => name === 'stopAllNow')).toBe(false);
  await page.getByRole('button', { name: 'Stop everything', exact: true }).click();
  await page.getByText('Nothing runs at the moment.').waitFor();
});

describe('problems are shown in words', () => {
  it.each([
    ['offline', 'The server cannot be reached', 'The connection to hub.example.org was refused.'],
    ['wrong-secret', 'The server does not accept this machine', 'Ask its operator for a new link, and connect again.'],
    ['disk-full', 'The disk is nearly full', 'Free some space, or let Legwork keep less.'],
    ['crashed', 'Legwork ended by itself', 'Its log says why.'],
    ['limited', 'Waiting', 'It is outside the hours in which you let Legwork work.'],
    ['draining', 'Finishing', '2 tasks will be finished first.'],
  ])('%s', async (scene, title, sentence) => {
    const { page } = await browser.open(scene);
    await page.getByRole('main').getByText(title).first().waitFor();
    await page.getByText(sentence).first().waitFor();
  });
});
