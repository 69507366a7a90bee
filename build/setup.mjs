import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from './setup-child.mjs';
import { setUpDependencies, setUpNode } from './setup-dependencies.mjs';
import { setUpDocumentation } from './setup-documentation.mjs';
import { PROJECT_FOLDER } from './setup-paths.mjs';

const OLDEST_NODE = 20;

/**
 * Makes a fresh clone runnable: packages, Node 24 and, where it is needed, Chromium. Does nothing that is done already.
 * @param {{ needsBrowsers: boolean, needsDocumentation?: boolean }} needs
 * @returns {Promise<string>} the path of the Node to run the project with
 * @throws Error in one sentence that says what to do
 */
export async function setUp({ needsBrowsers, needsDocumentation = false }) {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    throw new Error(`Node ${process.versions.node} is too old to start with; ${OLDEST_NODE} or newer is needed.`);
  }
  if (!existsSync(join(PROJECT_FOLDER, 'package.json')))
    throw new Error(`There is no package.json in ${PROJECT_FOLDER}.`);
  await setUpDependencies();
  const node = await setUpNode();
  if (needsBrowsers) {
    const exitCode = await runToEnd(node, ['build/setup-browsers.mjs']);
    if (exitCode !== 0) throw new Error('No browser to work with; see above.');
  }
  if (needsDocumentation) await setUpDocumentation();
  return node;
}
