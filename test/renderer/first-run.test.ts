import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { SceneBrowser } from './scenes/open-window.ts';

let browser: SceneBrowser;

beforeAll(async () => {
  browser = await SceneBrowser.launch();
});
afterEach(() => browser.closeWindows());
afterAll(() => browser.close());

const LINK = 'legwork://enrol?hub=https%3A%2F%2Fhub.example.org&token=one-time-token';
const DOING = ['changeSettings', 'setStartAtLogin', 'enrol', 'finishFirstRun'];

async function next(page: Page, heading: string): Promise<void> {
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: heading }).waitFor();
}

async function toLastStep(page: Page): Promise<void> {
  await next(page, 'When may it work');
  await next(page, 'Which browser');
  await next(page, 'Ready to start');
}

it('does nothing before the person agrees, and then what they chose, limits before the server', async () => {
  const { page, running } = await browser.open('first-run');
  await next(page, 'Who is it for?');
  expect(await page.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true);
  await page.getByLabel('Address or link').fill(LINK);
  await page.getByText('It will be able to').waitFor();
  await next(page, 'When may it work');
  await page.getByRole('textbox', { name: 'Pages side by side' }).fill('2');
  await page.getByRole('switch', { name: 'Only on mains power' }).click();
  await next(page, 'Which browser');
  await next(page, 'Ready to start');
  const start = page.getByRole('button', { name: 'Start Legwork' });
  expect(await start.isDisabled()).toBe(true);
  expect(running.calls.filter(({ name }) => DOING.includes(name))).toEqual([]);
  await page.getByRole('switch', { name: 'Start when you log in' }).click();
  await page.getByRole('checkbox').click();
  await start.click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  expect(running.calls.filter(({ name }) => DOING.includes(name))).toEqual([
    { name: 'changeSettings', argument: { values: { maxConcurrentTasks: 2, workOnMainsOnly: true } } },
    { name: 'setStartAtLogin', argument: { enabled: false } },
    { name: 'enrol', argument: { hubUrl: 'https://hub.example.org', token: 'one-time-token' } },
    { name: 'finishFirstRun', argument: null },
  ]);
});

it('works without a server', async () => {
  const { page, running } = await browser.open('first-run');
  await next(page, 'Who is it for?');
  await page.getByText('Use it without a server').click();
  await toLastStep(page);
  await page.getByRole('checkbox').click();
  await page.getByRole('button', { name: 'Start Legwork' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  expect(running.calls.some(({ name }) => name === 'enrol')).toBe(false);
});

it('takes an address and a token, and says when the way is not encrypted', async () => {
  const { page } = await browser.open('first-run');
  await next(page, 'Who is it for?');
  await page.getByLabel('Address or link').fill('http://hub.example.org');
  await page.getByText('The connection is not encrypted').waitFor();
  expect(await page.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true);
  await page.getByLabel('Token').fill('one-time-token');
  await next(page, 'When may it work');
});

it('keeps what was chosen when a step is gone back', async () => {
  const { page } = await browser.open('first-run');
  await next(page, 'Who is it for?');
  await page.getByLabel('Address or link').fill(LINK);
  await page.getByText('It will be able to').waitFor();
  await next(page, 'When may it work');
  await page.getByRole('button', { name: 'Back' }).click();
  expect(await page.getByLabel('Address or link').inputValue()).toBe(LINK);
  await page.getByText('It will be able to').waitFor();
  await next(page, 'When may it work');
});

it('says why the server refused, and leads back to it', async () => {
  const { page } = await browser.open('first-run', {
    change: (scene) => {
      scene.overrides.enrol = () => {
        throw new Error('The token was used before.');
      };
    },
  });
  await next(page, 'Who is it for?');
  await page.getByLabel('Address or link').fill(LINK);
  await page.getByText('It will be able to').waitFor();
  await toLastStep(page);
  await page.getByRole('checkbox').click();
  await page.getByRole('button', { name: 'Start Legwork' }).click();
  await page.getByText('The token was used before.').waitFor();
  await page.getByRole('button', { name: 'Change the server' }).click();
  await page.getByRole('heading', { name: 'Who is it for?' }).waitFor();
});

it('says that an address is none', async () => {
  const { page } = await browser.open('first-run');
  await next(page, 'Who is it for?');
  await page.getByLabel('Address or link').fill('https://:::');
  await page.getByText('This is not the address of a server.').waitFor();
});

it('asks before it follows a link, and shows what the server will be able to do', async () => {
  const { page, running } = await browser.open('busy');
  const offer = {
    hubUrl: 'https://other.example.net',
    host: 'other.example.net',
    isEncrypted: true,
    replaces: 'https://hub.example.org',
    abilities: ['Have pages opened.'],
    token: 'one-time-token',
  };
  running.emit('enrolmentOffered', offer);
  const dialog = page.getByRole('dialog', { name: 'Work for other.example.net?' });
  await dialog.getByText('It takes the place of').waitFor();
  await dialog.getByRole('button', { name: 'Do not connect' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(running.calls.some(({ name }) => name === 'enrol')).toBe(false);
  running.emit('enrolmentOffered', offer);
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText('Connected to other.example.net.').first().waitFor();
  expect(running.calls.find(({ name }) => name === 'enrol')?.argument).toEqual({
    hubUrl: 'https://other.example.net',
    token: 'one-time-token',
  });
});

it('keeps a link that is followed while another one is being carried out', async () => {
  let connected: () => void = () => undefined;
  const { page, running } = await browser.open('busy', {
    change: (scene) => {
      scene.overrides.enrol = () => new Promise((resolve) => (connected = () => resolve(null)));
    },
  });
  const offerOf = (host: string) => ({
    hubUrl: `https://${host}`,
    host,
    isEncrypted: true,
    replaces: null,
    abilities: [],
    token: 'one-time-token',
  });
  running.emit('enrolmentOffered', offerOf('first.example.net'));
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  while (!running.calls.some(({ name }) => name === 'enrol')) await page.waitForTimeout(20);
  running.emit('enrolmentOffered', offerOf('second.example.net'));
  const second = page.getByRole('dialog', { name: 'Work for second.example.net?' });
  await second.waitFor();
  connected();
  await page.getByText('Connected to first.example.net.').first().waitFor();
  expect(await second.isVisible()).toBe(true);
});

it.each([
  ['strong', 0],
  ['file', 1],
  ['weak', 1],
] as const)('tells who is about to connect of a key store that is %s', async (secretStore, notices) => {
  const { page } = await browser.open('first-run', {
    change: (scene) => {
      scene.snapshot.secretStore = secretStore;
    },
  });
  await next(page, 'Who is it for?');
  await page.getByLabel('Address or link').fill('hub.example.org');
  await page.getByText('It will be able to:').waitFor();
  expect(await page.getByText('There is no key ring here').count()).toBe(notices);
});

it('asks also about a link that has opened the window, which comes before anything is drawn', async () => {
  const { page, running } = await browser.open('busy');
  running.world.overrides.snapshot = () => {
    running.emit('enrolmentOffered', {
      hubUrl: 'https://other.example.net',
      host: 'other.example.net',
      isEncrypted: true,
      replaces: null,
      abilities: ['Have pages opened.'],
      token: 'one-time-token',
    });
    return running.world.snapshot();
  };
  await page.reload();
  await page.getByRole('dialog', { name: 'Work for other.example.net?' }).waitFor();
});
