import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSilently } from './setup-child.mjs';
import { PROJECT_FOLDER, PROJECT_NODE } from './setup-paths.mjs';
import { showStep } from './setup-step.mjs';

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Packages that the lock file demands and that are not installed in that version, by their place. Compares contents,
 * not times: a checkout sets times anew. Optional packages are for some platforms only and may be missing.
 * @param lock `package-lock.json`, parsed
 * @param installed `node_modules/.package-lock.json`, which npm writes when it has finished; null when there is none
 * @returns {string[]}
 */
export function missingPackages(lock, installed) {
  return Object.entries(lock.packages)
    .filter(([place, wanted]) => place !== '' && wanted.link !== true && wanted.optional !== true)
    .filter(([place, wanted]) => installed?.packages?.[place]?.version !== wanted.version)
    .map(([place]) => place);
}

/** npm as a program with its first arguments: the one that started this, or the one on the PATH. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script !== undefined && /npm-cli\.[cm]?js$/.test(script)) return { program: process.execPath, first: [script] };
  // On Windows npm is a .cmd file, which only a shell can start.
  return { program: 'npm', first: [], shell: process.platform === 'win32' };
}

function runNpm(...npmArguments) {
  const { program, first, shell } = npmCommand();
  return runSilently(program, [...first, ...npmArguments], { shell });
}

const NETWORK_ADVICE = 'Check the connection to the npm registry, then run the same command again.';

/** Installs the packages when they are missing or not those of the lock file. */
export async function setUpDependencies() {
  const lock = readJson(join(PROJECT_FOLDER, 'package-lock.json'));
  if (lock === null) throw new Error('package-lock.json is missing or damaged. Get it back from the repository.');
  const installed = readJson(join(PROJECT_FOLDER, 'node_modules', '.package-lock.json'));
  if (missingPackages(lock, installed).length === 0) return;
  const why = installed === null ? '' : ', since package-lock.json has changed';
  await showStep(`installing packages (npm ci${why})`, () => runNpm('ci', '--no-fund', '--no-audit'), NETWORK_ADVICE);
}

const OLDEST_NODE_MAJOR = 22;

/** Whether the project's own Node runs, and in a version that runs the rest. */
async function projectNodeRuns() {
  if (!existsSync(PROJECT_NODE)) return false;
  const { exitCode, output } = await runSilently(PROJECT_NODE, ['--version']);
  return exitCode === 0 && Number(/^v(\d+)\./.exec(output.trim())?.[1] ?? 0) >= OLDEST_NODE_MAJOR;
}

/**
 * The path of a Node that runs the project: the dev dependency, whose program a script of its package fetches from the
 * registry (an npm that was told to run no scripts has left it out).
 * @returns {Promise<string>}
 */
export async function setUpNode() {
  if (await projectNodeRuns()) return PROJECT_NODE;
  await showStep('fetching Node 24', () => runNpm('rebuild', 'node', '--ignore-scripts=false'), NETWORK_ADVICE);
  if (await projectNodeRuns()) return PROJECT_NODE;
  const own = Number(process.versions.node.split('.')[0]);
  if (own >= 24) return process.execPath;
  throw new Error(`No usable Node 24 at ${PROJECT_NODE}. Install Node 24 or newer and run the same command again.`);
}
