import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sandboxObstacle } from '../../main/browser/chromium-sandbox.ts';
import { CHROMIUM_PATH, HEADLESS_SHELL_PATH } from './render.ts';

const ORDINARY_USER = { platform: 'linux', userId: 1_000 } as const;
const SHELL = HEADLESS_SHELL_PATH ?? CHROMIUM_PATH ?? '';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-test-sandbox-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that takes the place of the browser. */
function program(script: string): { kind: 'headless_shell'; path: string } {
  const path = join(folder, 'browser.sh');
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { kind: 'headless_shell', path };
}

describe('the obstacle to the sandbox', () => {
  it('is root on Linux, without a browser being tried', async () => {
    const never = program(`touch ${folder}/was-started`);
    expect(await sandboxObstacle([never], { platform: 'linux', userId: 0 })).toContain('root');
    expect(readdirSync(folder)).toEqual(['browser.sh']);
  });

  it('is none on systems whose sandbox always works', async () => {
    expect(await sandboxObstacle([program('exit 1')], { platform: 'darwin', userId: 0 })).toBeNull();
    expect(await sandboxObstacle([program('exit 1')], { platform: 'win32', userId: undefined })).toBeNull();
  });

  it.skipIf(process.platform !== 'linux')('is found out by starting a browser that needs --no-sandbox', async () => {
    const withoutNamespaces = program(`case " $* " in
      *" --no-sandbox "*) exec '${SHELL}' "$@" ;;
    esac
    echo 'FATAL: No usable sandbox!' >&2
    exit 1`);
    const obstacle = await sandboxObstacle([withoutNamespaces], ORDINARY_USER);
    expect(obstacle).toContain('only without its sandbox');
    expect(obstacle).toContain('No usable sandbox!');
  });

  it.skipIf(process.platform !== 'linux')('is none when the browser starts with its sandbox', async () => {
    // Stands in for a machine with user namespaces, where the tests themselves may run as root.
    const works = program(`exec '${SHELL}' --no-sandbox "$@"`);
    expect(await sandboxObstacle([works], ORDINARY_USER)).toBeNull();
  });

  it('is not what keeps a browser from starting that starts in no way', async () => {
    expect(await sandboxObstacle([program('echo broken >&2; exit 3')], ORDINARY_USER)).toBeNull();
  });
});
