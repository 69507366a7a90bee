import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { findChromium } from '../../main/browser/find-chromium.ts';
import { UiStack } from './ui-stack.ts';

let browser: Browser;
let stack: UiStack;
beforeAll(async () => {
  const found = await findChromium();
  const executablePath = (found.headlessShell ?? found.chromium)?.path;
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath, args, timeout: 120_000 });
});
afterAll(() => browser.close());
beforeEach(async () => {
  stack = await new UiStack().start();
});
afterEach(() => stack.close());

it.each([
  ['page', 'website_html', 'page.html', []],
  ['report', 'lighthouse_html', 'report.html', ['report']],
] as const)(
  'shows a %s in a frame: its scripts and its network are what it may have',
  async (as, type, name, titles) => {
    const { url } = await stack.serve();
    const taskId = await stack.done('/ok', type);
    const blobs = (await stack.call('task', { taskId }))?.attemptHistory[0]?.blobs ?? [];
    const sha256 = blobs.find((blob) => blob.name === name)?.sha256 ?? '';
    writeFileSync(
      join(stack.folder, 'page/index.html'),
      `<!doctype html><title>Legwork</title><iframe src="blob/${as}/${sha256}"></iframe>`,
    );
    const page = await browser.newPage();
    const foreign: Request[] = [];
    const messages: string[] = [];
    page.on('request', (request) => {
      if (new URL(request.url()).hostname !== '127.0.0.1') foreign.push(request);
    });
    await page.exposeFunction('heard', (message: string) => void messages.push(message));
    await page.addInitScript(`addEventListener('message', ({ data }) => heard(String(data)));`);
    await page.goto(url, { waitUntil: 'load' });
    const frame = page.frames().find((one) => one !== page.mainFrame());
    await frame?.waitForLoadState('load');

    expect(messages).toEqual([]);
    // The debugger hears of a request also when the policy has kept it from being sent.
    await expect
      .poll(() => foreign.map((request) => request.failure()?.errorText), { timeout: 30_000 })
      .toEqual(foreign.map(() => 'csp'));
    // A frame that may run nothing does not even tell the debugger its title.
    if (titles.length > 0) expect(await frame?.title()).toBe(titles[0]);
    // Its origin is its own: it can neither reach the page around it nor open the socket.
    const origin = await page.evaluate(
      `(() => { try { return document.querySelector('iframe').contentDocument === null } catch { return true } })()`,
    );
    expect(origin).toBe(true);
    await page.close();
  },
);

it('gives the page its socket, and no other page', async () => {
  const { url } = await stack.serve();
  const socketUrl = new URL('socket', url).href.replace('http:', 'ws:');
  const opens = `new Promise((resolve) => {
    const socket = new WebSocket(${JSON.stringify(socketUrl)});
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve('refused');
  })`;
  const own = await browser.newPage();
  await own.goto(url);
  expect(await own.evaluate(opens)).toBe('open');
  const foreign = await browser.newPage();
  await foreign.goto('data:text/html,<title>foreign</title>');
  expect(await foreign.evaluate(opens)).toBe('refused');
  await Promise.all([own.close(), foreign.close()]);
});
