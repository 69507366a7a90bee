import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { missingPackages } from '../../build/setup-dependencies.mjs';
import { refusingPort } from '../support/refusing-port.ts';

const projectFolder = fileURLToPath(new URL('../..', import.meta.url));

describe('missingPackages', () => {
  const lock = {
    packages: {
      '': { version: '0.1.0' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
      'node_modules/c': { version: '3.0.0' },
    },
  };

  it('finds everything missing where nothing is installed, and nothing where all is', () => {
    expect(missingPackages(lock, null)).toEqual(['node_modules/a', 'node_modules/c']);
    expect(missingPackages(lock, lock)).toEqual([]);
  });

  it('finds a package of another version, and bears with optional ones of other platforms', () => {
    const installed = { packages: { 'node_modules/a': { version: '1.0.1' }, 'node_modules/c': { version: '3.0.0' } } };
    expect(missingPackages(lock, installed)).toEqual(['node_modules/a']);
  });

  it('is content with this very installation', () => {
    const read = (path: string): { packages: Record<string, { version?: string }> } =>
      JSON.parse(readFileSync(join(projectFolder, path), 'utf8')) as { packages: Record<string, { version?: string }> };
    expect(missingPackages(read('package-lock.json'), read('node_modules/.package-lock.json'))).toEqual([]);
  });
});

/** A clone in miniature: the set-up's own files, the installed packages, and a program in place of `legwork`. */
describe.skipIf(process.platform === 'win32')('run.mjs', () => {
  let clone: string;
  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'legwork-clone-'));
    cpSync(join(projectFolder, 'build'), join(clone, 'build'), { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) cpSync(join(projectFolder, name), join(clone, name));
    // Not the whole folder: an installation that went wrong would reach through the link.
    mkdirSync(join(clone, 'node_modules'));
    cpSync(join(projectFolder, 'node_modules/.package-lock.json'), join(clone, 'node_modules/.package-lock.json'));
    symlinkSync(join(projectFolder, 'node_modules/node'), join(clone, 'node_modules/node'));
    mkdirSync(join(clone, 'main'));
  });
  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  function startClone(
    programArguments: string[],
    source = '',
    environment: NodeJS.ProcessEnv = process.env,
  ): ReturnType<typeof spawn> {
    writeFileSync(join(clone, 'main', 'cli.ts'), source);
    const program = join(clone, 'build', 'run.mjs');
    return spawn(process.execPath, [program, ...programArguments], { cwd: tmpdir(), env: environment });
  }

  async function ended(
    child: ReturnType<typeof spawn>,
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const code = await new Promise<number | null>((resolve) => {
      child.once('close', resolve);
    });
    return { code, stdout, stderr };
  }

  it('passes arguments on, runs in the project’s folder on the project’s Node, and keeps the exit code', async () => {
    const source = `console.log(JSON.stringify([process.argv.slice(2), process.cwd(), process.version]));
      process.exitCode = 9;`;
    const { code, stdout, stderr } = await ended(startClone(['legwork', 'status', '--json', 'a b'], source));
    expect(JSON.parse(stdout)).toEqual([['status', '--json', 'a b'], clone, expect.stringMatching(/^v2[4-9]\./)]);
    expect(stderr).toBe('');
    expect(code).toBe(9);
  });

  it('says what can be run', async () => {
    const { code, stderr } = await ended(startClone(['dmeo']));
    expect(code).toBe(2);
    expect(stderr).toContain('There is no program "dmeo"');
    expect(stderr).toContain('demo|legwork|test');
  });

  it('passes a signal on and waits for the child’s own end', async () => {
    const source = `const timer = setInterval(() => undefined, 1000);
      process.once('SIGTERM', () => setTimeout(() => { console.log('in order'); clearInterval(timer); }, 200));
      console.log('up');`;
    const child = startClone(['legwork'], source);
    child.stdout?.once('data', () => child.kill('SIGTERM'));
    expect(await ended(child)).toMatchObject({ code: 0, stdout: 'up\nin order\n' });
  });

  it(
    'says in one line why the packages could not be installed, after what npm said',
    { timeout: 120_000 },
    async () => {
      rmSync(join(clone, 'node_modules'), { recursive: true });
      writeFileSync(
        join(clone, 'package-lock.json'),
        '{"name": "legwork", "lockfileVersion": 3, "packages": {"": {}, "node_modules/a": {"version": "1.0.0"}}}',
      );
      // Neither the network of this machine nor npm's patience with it.
      const environment = {
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_config_/i.test(name))),
        npm_config_registry: `http://127.0.0.1:${await refusingPort()}/`,
        npm_config_fetch_retries: '0',
      };
      const { code, stderr } = await ended(startClone(['legwork'], '', environment));
      expect(code).toBe(1);
      expect(stderr).toMatch(/^set-up: installing packages \(npm ci\) … failed/);
      expect(stderr).toContain('npm error');
      expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
        /^legwork: installing packages \(npm ci\) failed\. Check the/,
      );
      expect(existsSync(join(clone, 'node_modules', '.package-lock.json'))).toBe(false);
    },
  );
});
