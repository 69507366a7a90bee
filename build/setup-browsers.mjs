import { join } from 'node:path';
import { findChromium } from '../main/browser/find-chromium.ts';
import { runSilently } from './setup-child.mjs';
import { PROJECT_FOLDER } from './setup-paths.mjs';
import { showStep } from './setup-step.mjs';

/**
 * Sees to it that there is a Chromium and a headless shell: takes what is there, else Debian's packages as root, else
 * what Playwright's own installer downloads. Ends with 1, and says which command gets one, when none could be had.
 */
const configured = {
  chromiumPath: process.env['LEGWORK_CHROMIUM_PATH'] || null,
  headlessShellPath: process.env['LEGWORK_HEADLESS_SHELL_PATH'] || null,
};

async function installDebianPackages(command) {
  const [program = '', ...programArguments] = command;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await showStep(`installing Chromium (${command.join(' ')})`, async () => {
    // One unreachable source of several fails the update, yet the install may work.
    const update = await runSilently(program, ['update'], { env });
    const install = await runSilently(program, programArguments, { env });
    return { exitCode: install.exitCode, output: update.output + install.output };
  });
}

async function downloadWithPlaywright(search) {
  const playwright = join(PROJECT_FOLDER, 'node_modules', 'playwright-core', 'cli.js');
  const what = search.chromium === null ? ['chromium'] : ['--only-shell', 'chromium'];
  await showStep(`downloading Chromium (playwright-core install ${what.join(' ')})`, () =>
    runSilently(process.execPath, [playwright, 'install', ...what]),
  );
}

async function install(search) {
  const runnable = search.advice?.runnable ?? null;
  await (runnable === null ? downloadWithPlaywright(search) : installDebianPackages(runnable));
}

const before = await findChromium(configured);
if (before.advice !== null) {
  try {
    await install(before);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  const after = await findChromium(configured);
  if (after.chromium === null) {
    console.error(`No Chromium was found. Get one with:  ${after.advice?.command ?? ''}`);
    process.exitCode = 1;
  } else if (after.headlessShell === null) {
    console.error(
      `There is no headless shell, so pages render two to four times slower. Get it with:  ${after.advice?.command ?? ''}`,
    );
  }
}
