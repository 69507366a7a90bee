import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LegworkError } from '../../main/protocol/error-table.ts';
import { startOutcomeSite, type OutcomeSite } from '../fixtures/outcome-site.ts';
import { RenderBench } from './render.ts';

let site: OutcomeSite;
let bench: RenderBench;

beforeAll(async () => {
  site = await startOutcomeSite();
  bench = new RenderBench();
});

afterAll(async () => {
  await bench.close();
  await site.close();
});

/** Resolves when the site has been asked for the path after `from` requests. @throws Error after a minute */
async function asked(path: string, from: number): Promise<void> {
  const endMs = performance.now() + 60_000;
  while (!site.requests.slice(from).some((request) => request.path === path)) {
    if (performance.now() > endMs) throw new Error(`Nobody asked for ${path}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Id of the bench's browser, which leads the process group of all that it starts. */
function browserLeader(): number {
  const profile = readdirSync(bench.settings.runFolder)[0] ?? '';
  return Number(readFileSync(join(bench.settings.runFolder, profile, 'legwork.pid'), 'utf8'));
}

/** Ids of the processes that draw the pages of the bench's browser (proc(5): `stat`, `cmdline`). */
function rendererProcesses(): number[] {
  const leader = String(browserLeader());
  return readdirSync('/proc')
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const group = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2];
        return group === leader && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('--type=renderer');
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function worksAfterwards(): Promise<void> {
  await bench.onlyReadyPageLeft();
  expect((await bench.render({ url: `${site.origin}/ok.html` })).result.title).toBe('A plain page');
}

describe('what a page opens', () => {
  test('dialogs are dismissed and listed', async () => {
    const { result, html } = await bench.render({ url: `${site.origin}/dialogs.html` });
    expect(result.dialogs).toEqual([
      { type: 'alert', message: 'an alert' },
      { type: 'confirm', message: 'a question' },
      { type: 'prompt', message: 'a prompt' },
    ]);
    expect(html).toContain('[null,false,null]');
  });

  test('popups are closed and listed', async () => {
    const { result } = await bench.render({ url: `${site.origin}/popups.html` });
    expect(result.popups).toEqual([`${site.origin}/ok.html?first`, `${site.origin}/ok.html?second`]);
    await bench.onlyReadyPageLeft();
  });

  test('dialogs and popups without end stop the page', async () => {
    const alerts = await bench.failure({ url: `${site.origin}/alert-loop.html` });
    expect(alerts).toMatchObject({ code: 'page_too_busy', detail: 'It opened more than 100 dialogs.' });
    const popups = await bench.failure({ url: `${site.origin}/popup-loop.html` });
    expect(popups).toMatchObject({ code: 'page_too_busy', detail: 'It opened more than 100 windows.' });
    await worksAfterwards();
  });
});

describe('what a page says', () => {
  test('errors of the console, and those that nobody caught', async () => {
    const { result } = await bench.render({ url: `${site.origin}/console.html`, waitUntil: 'networkidle' });
    expect(result.consoleErrors.map(({ text }) => text).sort()).toEqual([
      'Uncaught (in promise) TypeError: a rejection',
      'Uncaught RangeError: an exception',
      expect.stringMatching(/^Uncaught SyntaxError: Unexpected identifier/) as unknown,
      'an assertion',
      'an error Object 42',
    ]);
    expect(result.consoleErrors).toContainEqual({
      text: 'an error Object 42',
      url: `${site.origin}/console.html`,
      line: 4,
    });
  });

  test('50,000 errors are bounded', async () => {
    const { result } = await bench.render({ url: `${site.origin}/console-spam.html`, timeoutMs: 60_000 });
    expect(result.consoleErrors).toHaveLength(100);
    expect(result.consoleErrors[0]?.text).toHaveLength(1_000);
  });
});

describe('pages that do not stop', () => {
  test.each(['/endless-script.html', '/endless-script-later.html'])('%s is stopped and harms nobody', async (path) => {
    const neighbour = bench.render({ url: `${site.origin}/changes.html`, waitUntil: 'quiet', timeoutMs: 60_000 });
    const error = await bench.failure({ url: site.origin + path, timeoutMs: 1_500 });
    expect(error.code).toBe('page_timeout');
    expect((await neighbour).html).toContain('<p id="count">12</p>');
    await worksAfterwards();
    expect(bench.pool.browsers).toBe(1);
  });
});

test.each([0, 50, 100, 150])('a page that goes back to nothing after %d ms, while it is being read', async (ms) => {
  const error = await bench.failure({ url: `${site.origin}/goes-back.html?${ms}` });
  expect(error.code).toBe('navigation_aborted');
});

describe('being stopped', () => {
  const reason = new LegworkError('cancelled_by_operator');

  test('before it begins', async () => {
    const error = await bench.failure({ url: `${site.origin}/ok.html?never` }, AbortSignal.abort(reason));
    expect(error).toBe(reason);
    expect(site.requests.map(({ path }) => path)).not.toContain('/ok.html?never');
    await bench.onlyReadyPageLeft();
  });

  test.each([
    ['while it waits for the answer', '/hang', '/hang', {}],
    ['while it loads', '/hanging-image.html', '/hang', {}],
    ['while it waits for a selector', '/ok.html', '/ok.html', { waitForSelector: '.never' }],
    ['while it waits for quiet', '/ticks.html', '/ticks.html', { waitUntil: 'quiet' }],
    ['while a script keeps it busy', '/endless-script.html', '/endless-script.html', {}],
  ])('%s', async (_when, path, awaited, payload) => {
    const before = site.requests.length;
    const controller = new AbortController();
    const failing = bench.failure({ url: site.origin + path, ...payload }, controller.signal);
    await asked(awaited, before);
    controller.abort(reason);
    expect(await failing).toBe(reason);
    await bench.onlyReadyPageLeft();
  });

  test('while the browser starts', async () => {
    const fresh = new RenderBench();
    const controller = new AbortController();
    const failing = fresh.failure({ url: `${site.origin}/ok.html` }, controller.signal);
    controller.abort(reason);
    expect(await failing).toBe(reason);
    await fresh.close();
    expect(fresh.pool.browsers).toBe(0);
  });
});

describe.skipIf(process.platform !== 'linux')('crashes', () => {
  test('of the page cost the attempt', async () => {
    const before = site.requests.length;
    const failing = bench.failure({ url: `${site.origin}/hanging-image.html` });
    await asked('/hang', before);
    for (const processId of rendererProcesses()) process.kill(processId, 'SIGKILL');
    expect((await failing).code).toBe('page_crashed');
    await worksAfterwards();
  });

  test('of the browser cost the attempt; the next one gets a new browser', async () => {
    const before = site.requests.length;
    const failing = bench.failure({ url: `${site.origin}/hanging-image.html` });
    await asked('/hang', before);
    // Its own process only: its children have the same options, and a page that dies first is another failure.
    process.kill(browserLeader(), 'SIGKILL');
    expect((await failing).code).toBe('browser_crashed');
    await worksAfterwards();
  });
});
