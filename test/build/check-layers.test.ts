import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { forbiddenImports } from '../../build/check-layers.ts';

describe('forbiddenImports', () => {
  it.each([
    ['main/agent/a.ts', "import { x } from '../hub/x.ts';"],
    ['main/agent/a.ts', "import type { X } from '../hub/x.ts';"],
    ['main/agent/a.ts', "import '../browser/x.ts';"],
    ['main/agent/a.ts', "import {\n  x,\n  y,\n} from '../browser/x.ts';"],
    ['main/agent/server/a.ts', "const x = await import('../../hub/x.ts');"],
    ['main/agent/server/a.ts', "type X = typeof import('../../hub/x.ts');"],
    ['main/hub/a.ts', "export { x } from '../agent/x.ts';"],
    ['main/hub/a.ts', "export * from '../agent/x.ts';"],
    ['main/browser/tasks/a.ts', "import { x } from '../../agent/x.ts';"],
    ['main/protocol/a.ts', "import { x } from '../agent/x.ts';"],
    ['main/protocol/a.ts', "import { x } from '../cli.ts';"],
    ['main/cli.ts', "import { x } from './desktop/x.ts';"],
    ['main/commands/a.ts', "import { x } from '../desktop/x.ts';"],
    ['main/agent/a.ts', "import { x } from '../commands/x.ts';"],
    ['renderer/a.tsx', "import { x } from '../main/protocol/x.ts';"],
    ['main/agent/a.ts', "import { x } from '../../test/x.ts';"],
    ['main/agent/a.ts', "import { app } from 'electron';"],
    ['main/agent/a.ts', "import { app } from 'electron/main';"],
    ['main/agent/a.ts', "import { chromium } from 'playwright-core';"],
    ['main/agent/a.ts', "import x from 'lighthouse/core/index.js';"],
    ['main/protocol/a.ts', "import Database from 'better-sqlite3';"],
    ['main/browser/a.ts', "import Database from 'better-sqlite3';"],
    ['main/hub/a.ts', "import { app } from 'electron';"],
    ['main/commands/a.ts', "import { app } from 'electron';"],
  ])('finds in %s: %s', (file, source) => {
    const found = forbiddenImports(file, source);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(file);
  });

  it.each([
    ['main/agent/server/a.ts', "import { x } from '../../protocol/x.ts';"],
    ['main/agent/server/a.ts', "import { x } from '../queue/x.ts';"],
    ['main/agent/queue/a.ts', "import Database from 'better-sqlite3';"],
    ['main/hub/a.ts', "import fastify from 'fastify';\nimport { x } from './x.ts';"],
    ['main/browser/tasks/a.ts', "import { chromium } from 'playwright-core';"],
    ['main/cli.ts', "import { x } from './agent/x.ts';\nimport { y } from './hub/y.ts';"],
    ['main/commands/a.ts', "import { x } from '../browser/x.ts';"],
    ['main/desktop/a.ts', "import { app } from 'electron';\nimport { x } from '../agent/x.ts';"],
    ['main/agent/a.ts', "const text = 'electron'; // nothing is imported from there"],
    ['test/agent/a.test.ts', "import { x } from '../../main/hub/x.ts';"],
  ])('finds nothing in %s: %s', (file, source) => {
    expect(forbiddenImports(file, source)).toEqual([]);
  });

  it('finds each of several', () => {
    const source = "import { x } from '../hub/x.ts';\nimport { app } from 'electron';\nimport { y } from './y.ts';";
    expect(forbiddenImports('main/agent/a.ts', source)).toHaveLength(2);
  });
});

it('finds no forbidden import in the project', () => {
  const program = fileURLToPath(new URL('../../build/check-layers.ts', import.meta.url));
  const folder = fileURLToPath(new URL('../..', import.meta.url));
  expect(execFileSync(process.execPath, [program], { cwd: folder, encoding: 'utf8' })).toContain('right way');
});
