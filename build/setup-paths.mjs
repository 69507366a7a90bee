import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json, whatever folder this was started in. */
export const PROJECT_FOLDER = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/** The program of the dev dependency `node`: one that runs our TypeScript and better-sqlite3, whatever started this. */
export const PROJECT_NODE = join(
  PROJECT_FOLDER,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);
