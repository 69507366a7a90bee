import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageConfiguration } from '../../build/packaging/configuration.ts';
import { findPackedModules, importedPackages, packedFiles } from '../../build/packaging/packed-modules.ts';
import { stageApp } from '../../build/packaging/stage-app.ts';

const NATIVE = { platform: 'linux', architectures: ['x64'], ownBuild: false };
let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'legwork-packaging-'));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function write(path: string, content: unknown = ''): void {
  const file = join(project, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}

describe('packages that built files import', () => {
  it('are found in every way of importing, without Electron, Node’s modules and files', () => {
    const source = `import { z } from "zod"; import 'side-effect'; export * from "@scope/part/deep/file.js";
      const late = import("late"); const old = require('old/x'); import fs from "node:fs"; import path from 'path';
      import { app } from 'electron'; import own from "./own.js"; import '../up.js';`;
    expect(importedPackages([source])).toEqual(['@scope/part', 'late', 'old', 'side-effect', 'zod']);
  });

  it('bring what they depend on, from where Node would take it, and not what is left out', () => {
    write('node_modules/lighthouse/package.json', { dependencies: { ws: '7', yargs: '1', shared: '1' } });
    write('node_modules/lighthouse/node_modules/ws/package.json', {});
    write('node_modules/ws/package.json', {});
    write('node_modules/yargs/package.json', {});
    write('node_modules/shared/package.json', {
      optionalDependencies: { absent: '1' },
      peerDependencies: { lighthouse: '1' },
    });
    write('node_modules/never-imported/package.json', {});
    expect(findPackedModules(project, ['lighthouse']).map(({ folder }) => folder)).toEqual([
      'node_modules/lighthouse',
      'node_modules/lighthouse/node_modules/ws',
      'node_modules/shared',
    ]);
  });

  it('that are not installed are an error which names them and who needs them', () => {
    write('node_modules/a/package.json', { dependencies: { b: '1' } });
    expect(() => findPackedModules(project, ['a'])).toThrow('b, which node_modules/a needs, is not installed');
    expect(() => findPackedModules(project, ['c'])).toThrow('c, which the app needs, is not installed');
  });
});

describe('files of a package', () => {
  const files = (name: string, native = NATIVE): string[] =>
    packedFiles({ name, folder: `node_modules/${name}` }, join(project, 'node_modules', name), native).sort();

  it('are those that run, with the licence', () => {
    for (const file of [
      'package.json',
      'LICENSE',
      'lib/a.js',
      'lib/a.js.map',
      'lib/a.d.ts',
      'README.md',
      'test/a.js',
    ]) {
      write(`node_modules/some/${file}`);
    }
    write('node_modules/some/node_modules/other/index.js');
    expect(files('some')).toEqual(['LICENSE', 'lib/a.js', 'package.json']);
  });

  it('hold the native binary of the system that is packaged for, or the own build alone', () => {
    for (const file of ['lib/index.js', 'deps/sqlite3.c', 'build/Release/better_sqlite3.node', 'build/Makefile']) {
      write(`node_modules/better-sqlite3/${file}`);
    }
    for (const system of ['linux-x64', 'darwin-x64', 'darwin-arm64', 'win32-x64']) {
      write(`node_modules/better-sqlite3/prebuilds/${system}.node`);
    }
    expect(files('better-sqlite3')).toEqual(['lib/index.js', 'prebuilds/linux-x64.node']);
    expect(files('better-sqlite3', { platform: 'darwin', architectures: ['x64', 'arm64'], ownBuild: false })).toEqual([
      'lib/index.js',
      'prebuilds/darwin-arm64.node',
      'prebuilds/darwin-x64.node',
    ]);
    expect(files('better-sqlite3', { ...NATIVE, ownBuild: true })).toEqual([
      'build/Release/better_sqlite3.node',
      'lib/index.js',
    ]);
  });
});

it('says what to run when the project has not been built', () => {
  expect(() => stageApp(project, join(project, 'out'), NATIVE)).toThrow('Run `npm run build` first');
});

describe('configuration', () => {
  const configuration = (environment: NodeJS.ProcessEnv) =>
    packageConfiguration({ projectFolder: project, appFolder: join(project, 'out'), electron: null, environment });

  it('has no place for updates unless one is given, and demands signatures only when told so', () => {
    expect(configuration({})).toMatchObject({ publish: null, forceCodeSigning: false });
    expect(
      configuration({ LEGWORK_UPDATE_URL: 'https://updates.example/', LEGWORK_REQUIRE_SIGNING: '1' }),
    ).toMatchObject({
      publish: [{ provider: 'generic', url: 'https://updates.example/', channel: 'latest' }],
      forceCodeSigning: true,
    });
  });

  it('registers the links of enrolment', () => {
    expect(configuration({}).protocols).toMatchObject([{ schemes: ['legwork'] }]);
  });
});
