import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_FOLDER } from './setup-paths.mjs';

/** Where the tests leave their counts for the last line; see `summary-reporter.ts`. */
const SUMMARY_FILE = join(PROJECT_FOLDER, 'node_modules', '.cache', 'legwork-test-summary.txt');

/** Prints `N passed, N failed` alone on the last line, which is what readers of a log look for. */
function printTestSummary() {
  const summary = existsSync(SUMMARY_FILE) ? readFileSync(SUMMARY_FILE, 'utf8').trim() : '';
  console.log(summary === '' ? 'The tests did not come to their end.' : summary);
}

const DOCUMENT_WRITERS = [
  'build/write-protocol-tables.ts',
  'build/write-operations-tables.ts',
  'build/write-control-tables.ts',
  'build/write-task-docs.ts',
];

const VITE = ['node_modules/vite/bin/vite.js', 'build', '--config'];

/** The headless program first, since its build empties the folder; then the desktop app and its page. */
export const BUILD_COMMANDS = ['build/vite.config.ts', 'build/vite.desktop.config.ts', 'build/vite.renderer.config.ts']
  .filter((path) => existsSync(join(PROJECT_FOLDER, path)))
  .map((path) => [...VITE, path]);

/**
 * What can be run: whether it needs a browser, and the arguments of Node for each command, one after another until one
 * fails. `rest` is what stood after the program's name.
 */
export const PROGRAMS = {
  setup: { needsBrowsers: true, commands: () => [] },
  demo: { needsBrowsers: true, commands: (rest) => [['main/cli.ts', 'demo', ...rest]] },
  legwork: { needsBrowsers: false, commands: (rest) => [['main/cli.ts', ...rest]] },
  test: {
    needsBrowsers: true,
    needsDocumentation: true,
    commands: (rest) => {
      rmSync(SUMMARY_FILE, { force: true });
      process.env.LEGWORK_TEST_SUMMARY = SUMMARY_FILE;
      const reporters = ['--reporter=default', '--reporter=./build/summary-reporter.ts'];
      return [['node_modules/vitest/vitest.mjs', 'run', '--config', 'build/vitest.config.ts', ...reporters, ...rest]];
    },
    afterwards: printTestSummary,
  },
  chaos: { needsBrowsers: true, commands: (rest) => [['test/chaos/chaos.ts', ...rest]] },
  bench: { needsBrowsers: true, commands: (rest) => [['test/bench/bench.ts', ...rest]] },
  build: {
    needsBrowsers: false,
    // Arguments are for the headless program, which can be built alone: `--outDir` puts it elsewhere.
    commands: (rest) => (rest.length === 0 ? BUILD_COMMANDS : [[...VITE, 'build/vite.config.ts', ...rest]]),
  },
  package: { needsBrowsers: false, commands: (rest) => [...BUILD_COMMANDS, ['build/package.ts', ...rest]] },
  'verify-package': { needsBrowsers: true, commands: (rest) => [['build/verify-package.ts', ...rest]] },
  screenshots: { needsBrowsers: true, commands: (rest) => [['build/take-screenshots.ts', ...rest]] },
  icons: { needsBrowsers: true, commands: (rest) => [['build/icons/render-icons.ts', ...rest]] },
  start: { needsBrowsers: false, commands: (rest) => [['build/start.mjs', ...rest]] },
  docs: {
    needsBrowsers: false,
    commands: (rest) =>
      DOCUMENT_WRITERS.filter((path) => existsSync(join(PROJECT_FOLDER, path))).map((path) => [path, ...rest]),
  },
  check: {
    needsBrowsers: false,
    commands: () => [
      ['node_modules/typescript/bin/tsc', '--noEmit'],
      ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'],
      ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
      ['build/check-layers.ts'],
      ...DOCUMENT_WRITERS.map((path) => [path, '--check']),
    ],
  },
};

export function programNames() {
  return Object.keys(PROGRAMS);
}
