import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentConfig } from '../../agent/config/config-schema.ts';
import { SANDBOX_ADVICE, sandboxObstacle } from '../../browser/chromium-sandbox.ts';
import { type BrowserSearch, findChromium, type FoundBrowser } from '../../browser/find-chromium.ts';
import { launchChromium } from '../../browser/launch-chromium.ts';
import { describeError } from '../../protocol/describe-error.ts';
import { LegworkError } from '../../protocol/error-table.ts';
import { type CheckResult, fail, ok, warn } from './check.ts';

/** Whether Chromium and its headless shell are there and start, and whether its sandbox is on. */
export async function checkBrowsers(config: AgentConfig): Promise<CheckResult[]> {
  let search: BrowserSearch;
  try {
    search = await findChromium(config);
  } catch (error) {
    if (!(error instanceof LegworkError)) throw error;
    return [fail('chromium', error.detail, 'Correct the setting, or remove it to have a browser looked for.')];
  }
  const getOne = search.advice === null ? '' : `Get it with: ${search.advice.command}`;
  const found = [search.chromium, search.headlessShell].filter((browser) => browser !== null);
  const obstacle = await sandboxObstacle(found);
  const sandbox = obstacle === null;
  const results = [
    search.chromium === null
      ? fail('chromium', 'No Chromium, Chrome or Edge was found.', getOne)
      : await checkStart('chromium', search.chromium, sandbox),
    search.headlessShell === null
      ? warn('headless shell', 'There is none, so pages render two to four times slower.', getOne)
      : await checkStart('headless shell', search.headlessShell, sandbox),
  ];
  return [...results, checkSandbox(obstacle, config.allowNoSandbox)];
}

async function checkStart(name: string, browser: FoundBrowser, sandbox: boolean): Promise<CheckResult> {
  const runFolder = await mkdtemp(join(tmpdir(), 'legwork-doctor-'));
  try {
    const startedAtMs = performance.now();
    const chromium = await launchChromium({ kind: browser.kind, executablePath: browser.path, runFolder, sandbox });
    const startMs = Math.round(performance.now() - startedAtMs);
    await chromium.close();
    return ok(name, `${browser.version} at ${browser.path} (${browser.source}) starts in ${startMs} ms.`);
  } catch (error) {
    const advice = 'Start it by hand to see what it lacks; on Linux often a package of libraries.';
    return fail(name, `${browser.path} does not start: ${describeError(error)}`, advice);
  } finally {
    await rm(runFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function checkSandbox(obstacle: string | null, allowNoSandbox: boolean): CheckResult {
  if (obstacle === null) return ok('sandbox', "Chromium's own sandbox works.");
  return allowNoSandbox
    ? warn('sandbox', `Chromium runs without its own sandbox, as allowed. ${obstacle}`, SANDBOX_ADVICE)
    : fail('sandbox', `The agent will not start: Chromium's own sandbox cannot be had. ${obstacle}`, SANDBOX_ADVICE);
}
