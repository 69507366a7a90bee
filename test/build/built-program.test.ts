import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEGWORK_VERSION } from '../../main/protocol/version.ts';
import { runLegwork } from '../commands/run-legwork.ts';

const run = promisify(execFile);
const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
// Within the project, where the built file finds its packages.
const outputFolder = join(projectFolder, 'node_modules', '.cache', 'legwork-built-program-test');
const program = join(outputFolder, 'legwork.js');
const dataFolder = mkdtempSync(join(tmpdir(), 'legwork-built-'));
let site: Server;

beforeAll(async () => {
  const vite = join(projectFolder, 'node_modules/vite/bin/vite.js');
  await run(process.execPath, [vite, 'build', '--config', 'build/vite.config.ts', '--outDir', outputFolder], {
    cwd: projectFolder,
  });
  site = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>A page</title><p>Hello');
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
}, 240_000);

afterAll(() => {
  site.closeAllConnections();
  site.close();
  rmSync(outputFolder, { recursive: true, force: true });
  rmSync(dataFolder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

describe('the built program', () => {
  it(
    'is one file that can be run by itself, with the little that it needs beside it',
    { timeout: 120_000 },
    async () => {
      expect(readdirSync(outputFolder).sort()).toEqual(['audit-thread.js', 'legwork.js', 'sample-site']);
      expect(statSync(program).mode & 0o111).toBe(0o111);
      expect(await runLegwork(['--version'], { program })).toEqual({
        code: 0,
        stdout: `${LEGWORK_VERSION}\n`,
        stderr: '',
      });
    },
  );

  it('renders and audits a page, so nothing is missing in it', { timeout: 240_000 }, async () => {
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
    const ended = await runLegwork(['demo', url, '--json', '--results', join(dataFolder, 'results')], { program });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const { outcomes } = JSON.parse(ended.stdout) as { outcomes: { type: string; isAsExpected: boolean }[] };
    expect(outcomes.map(({ type, isAsExpected }) => [type, isAsExpected])).toEqual([
      ['website_html', true],
      ['lighthouse_html', true],
    ]);
  });

  it.skipIf(oldNode() === null)('tells an old Node what it needs instead of breaking somewhere', async () => {
    const ended = await run(oldNode() ?? '', [program, '--version']).catch((error: unknown) => error);
    expect(ended).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^legwork: Node 2\d\..* too old/),
    });
  });
});

/** A Node on this machine that is too old for Legwork, if there is one. */
function oldNode(): string | null {
  for (const path of ['/usr/bin/node', '/usr/local/bin/node']) {
    const version = /^v(\d+)\./.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? '');
    if (version !== null && Number(version[1]) >= 20 && Number(version[1]) < 22) return path;
  }
  return null;
}
