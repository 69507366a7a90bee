import { describe, expect, test } from 'vitest';
import { installAdvice } from '../../main/browser/chromium-search/install-advice.ts';
import type { Machine } from '../../main/browser/chromium-search/machine.ts';
import { findChromium } from '../../main/browser/find-chromium.ts';

const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n';
const UBUNTU = 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n';

interface MadeUpMachine {
  platform?: NodeJS.Platform;
  isRoot?: boolean;
  environment?: Record<string, string>;
  /** Programs by path: what they print on `--version`; null: they fail or never end. */
  programs?: Record<string, string | null>;
  /** Paths of programs that are start scripts. */
  scripts?: string[];
  /** Entries by folder. */
  folders?: Record<string, string[]>;
  osRelease?: string;
  playwrightChromium?: string;
}

/** A machine that has only what is said, and the list of programs that were run on it. */
function machineWith(made: MadeUpMachine): Machine & { ran: string[]; askedPlaywright: () => boolean } {
  const programs = made.programs ?? {};
  const ran: string[] = [];
  let askedPlaywright = false;
  return {
    platform: made.platform ?? 'linux',
    isRoot: made.isRoot ?? false,
    homeFolder: made.platform === 'win32' ? 'C:\\Users\\kim' : '/home/kim',
    environment: { PATH: '/usr/bin:/usr/local/bin', ...made.environment },
    isExecutable: async (path) => Object.hasOwn(programs, path),
    isScript: async (path) => made.scripts?.includes(path) === true,
    listFolder: async (path) => made.folders?.[path] ?? [],
    readOsRelease: async () => made.osRelease ?? DEBIAN,
    run: async (path) => {
      ran.push(path);
      return programs[path] ?? null;
    },
    playwrightChromiumPath: async () => {
      askedPlaywright = true;
      return made.playwrightChromium ?? null;
    },
    ran,
    askedPlaywright: () => askedPlaywright,
  };
}

const NOTHING = { chromiumPath: null, headlessShellPath: null };

describe('configured paths', () => {
  test('count before everything else', async () => {
    const machine = machineWith({
      programs: { '/opt/own/chrome': 'Chromium 150.0.1.2', '/usr/bin/chromium': 'Chromium 156.0.8078.79' },
    });
    const { chromium } = await findChromium({ ...NOTHING, chromiumPath: '/opt/own/chrome' }, machine);
    expect(chromium).toEqual({
      kind: 'chromium',
      path: '/opt/own/chrome',
      version: '150.0.1.2',
      source: 'configured',
    });
  });

  test('that lead nowhere are refused by the name of their setting, though another browser is there', async () => {
    const machine = machineWith({ programs: { '/usr/bin/chromium': 'Chromium 156.0.8078.79' } });
    await expect(findChromium({ ...NOTHING, chromiumPath: '/opt/gone' }, machine)).rejects.toMatchObject({
      code: 'browser_missing',
      detail: 'Setting chromiumPath: /opt/gone is not a file that can be run.',
    });
    await expect(findChromium({ ...NOTHING, headlessShellPath: '/opt/gone' }, machine)).rejects.toMatchObject({
      detail: expect.stringContaining('Setting headlessShellPath:'),
    });
  });

  test('that lead to another program are refused', async () => {
    const machine = machineWith({ programs: { '/bin/true': '' } });
    await expect(findChromium({ ...NOTHING, chromiumPath: '/bin/true' }, machine)).rejects.toMatchObject({
      code: 'browser_missing',
      detail: expect.stringContaining('did not answer --version'),
    });
  });
});

describe("Playwright's browsers", () => {
  const registry = '/home/kim/.cache/ms-playwright';
  const chromiumOf = (revision: number): string => `${registry}/chromium-${revision}/chrome-linux64/chrome`;
  const shellFolder = (revision: number): string => `${registry}/chromium_headless_shell-${revision}`;
  const shellOf = (revision: number): string =>
    `${shellFolder(revision)}/chrome-headless-shell-linux64/chrome-headless-shell`;

  test('of the revision that Playwright is made for are taken before newer ones and before those of the system', async () => {
    const machine = machineWith({
      playwrightChromium: chromiumOf(1255),
      folders: {
        [registry]: ['chromium-1300', 'chromium-1255', 'chromium_headless_shell-1255', 'ffmpeg-1011'],
        [shellFolder(1255)]: ['chrome-headless-shell-linux64', 'INSTALLATION_COMPLETE'],
      },
      programs: {
        [chromiumOf(1300)]: 'Google Chrome for Testing 165.0.1.1',
        [chromiumOf(1255)]: 'Google Chrome for Testing 159.0.8154.6',
        [shellOf(1255)]: 'Google Chrome for Testing 159.0.8154.6',
        '/usr/bin/google-chrome': 'Google Chrome 160.0.0.1',
      },
    });
    const found = await findChromium(NOTHING, machine);
    expect(found.chromium).toMatchObject({ path: chromiumOf(1255), source: 'playwright', version: '159.0.8154.6' });
    expect(found.headlessShell).toMatchObject({ path: shellOf(1255), source: 'playwright' });
    expect(found.advice).toBeNull();
  });

  test('of another revision are taken when the expected one is not installed', async () => {
    const machine = machineWith({
      playwrightChromium: chromiumOf(1255),
      folders: { [registry]: ['chromium-1100', 'chromium-1200'] },
      programs: {
        [chromiumOf(1100)]: 'Chromium 140.0.0.1',
        [chromiumOf(1200)]: 'Chromium 155.0.0.1',
      },
    });
    expect((await findChromium(NOTHING, machine)).chromium?.path).toBe(chromiumOf(1200));
  });

  test('are not asked for, which would load Playwright, where its folder is not', async () => {
    const machine = machineWith({ programs: { '/usr/bin/chromium': 'Chromium 156.0.8078.79' } });
    await findChromium(NOTHING, machine);
    expect(machine.askedPlaywright()).toBe(false);
  });

  test('are found where PLAYWRIGHT_BROWSERS_PATH says', async () => {
    const path = '/srv/browsers/chromium-1255/chrome-linux64/chrome';
    const machine = machineWith({
      environment: { PLAYWRIGHT_BROWSERS_PATH: '/srv/browsers' },
      playwrightChromium: path,
      folders: { '/srv/browsers': ['chromium-1255'] },
      programs: { [path]: 'Chromium 159.0.8154.6' },
    });
    expect((await findChromium(NOTHING, machine)).chromium?.path).toBe(path);
  });
});

describe("the system's browsers", () => {
  test("on Debian are the programs behind the start scripts, which hide the browser's process", async () => {
    const machine = machineWith({
      scripts: ['/usr/bin/chromium', '/usr/bin/chromium-headless-shell'],
      programs: {
        '/usr/bin/chromium': 'Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)',
        '/usr/bin/chromium-headless-shell': 'Chromium 156.0.8078.79',
        '/usr/lib/chromium/chromium': 'Chromium 156.0.8078.79 ',
        '/usr/lib/chromium/chromium-headless-shell': 'Chromium 156.0.8078.79',
      },
    });
    const found = await findChromium(NOTHING, machine);
    expect(found.chromium?.path).toBe('/usr/lib/chromium/chromium');
    expect(found.headlessShell?.path).toBe('/usr/lib/chromium/chromium-headless-shell');
    expect(machine.ran).not.toContain('/usr/bin/chromium');
  });

  test('stay start scripts where the program behind them is elsewhere', async () => {
    const machine = machineWith({
      scripts: ['/usr/bin/chromium'],
      programs: { '/usr/bin/chromium': 'Chromium 156.0.8078.79' },
    });
    expect((await findChromium(NOTHING, machine)).chromium?.path).toBe('/usr/bin/chromium');
  });

  test('are passed over when they do not run', async () => {
    const machine = machineWith({
      programs: { '/usr/bin/google-chrome': null, '/usr/bin/chromium': 'Chromium 156.0.8078.79' },
    });
    expect((await findChromium(NOTHING, machine)).chromium?.path).toBe('/usr/bin/chromium');
  });

  test('are found on macOS in the applications folders', async () => {
    const path = '/home/kim/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
    const machine = machineWith({ platform: 'darwin', programs: { [path]: 'Google Chrome 158.0.1.2' } });
    expect((await findChromium(NOTHING, machine)).chromium).toMatchObject({ path, version: '158.0.1.2' });
  });

  test('are found on Windows without being run, since that would open a window', async () => {
    const folder = 'C:\\Program Files\\Google\\Chrome\\Application';
    const machine = machineWith({
      platform: 'win32',
      environment: { PROGRAMFILES: 'C:\\Program Files', LOCALAPPDATA: 'C:\\Users\\kim\\AppData\\Local' },
      programs: { [`${folder}\\chrome.exe`]: null },
      folders: { [folder]: ['99.0.1.1', '158.0.7.2', 'chrome.exe', 'SetupMetrics'] },
    });
    expect((await findChromium(NOTHING, machine)).chromium).toMatchObject({
      path: `${folder}\\chrome.exe`,
      version: '158.0.7.2',
    });
    expect(machine.ran).toEqual([]);
  });

  test('are Edge where there is nothing else', async () => {
    const machine = machineWith({ programs: { '/usr/bin/microsoft-edge': 'Microsoft Edge 157.0.3.4' } });
    expect((await findChromium(NOTHING, machine)).chromium?.version).toBe('157.0.3.4');
  });
});

describe('what is said about a missing browser', () => {
  test('is the command of the distribution, and it may be run unasked only as root on Debian', async () => {
    const asRoot = await findChromium(NOTHING, machineWith({ isRoot: true }));
    expect(asRoot).toMatchObject({ chromium: null, headlessShell: null });
    expect(asRoot.advice).toEqual({
      command: 'apt-get install -y chromium chromium-headless-shell',
      runnable: ['apt-get', 'install', '-y', 'chromium', 'chromium-headless-shell'],
    });
    const asUser = await findChromium(NOTHING, machineWith({}));
    expect(asUser.advice).toEqual({
      command: 'sudo apt-get install -y chromium chromium-headless-shell',
      runnable: null,
    });
  });

  test('is there already when only the headless shell is missing', async () => {
    const { advice } = await findChromium(
      NOTHING,
      machineWith({ programs: { '/usr/bin/chromium': 'Chromium 1.2.3.4' } }),
    );
    expect(advice?.command).toContain('chromium-headless-shell');
  });

  test.each([
    ['linux', UBUNTU, 'npx playwright-core install chromium --with-deps'],
    ['linux', 'ID=fedora\n', 'sudo dnf install -y chromium chromium-headless'],
    ['linux', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'npx playwright-core install chromium --with-deps'],
    ['linux', '', 'npx playwright-core install chromium --with-deps'],
    ['darwin', '', 'npx playwright-core install chromium'],
    ['win32', '', 'npx playwright-core install chromium'],
  ] as const)('is for %s with %j: %s', (platform, osRelease, command) => {
    expect(installAdvice({ platform, isRoot: false }, osRelease)).toEqual({ command, runnable: null });
  });
});

test('a browser of this very machine is found and says its version', async () => {
  const { chromium, advice } = await findChromium();
  expect(chromium, `get one with: ${advice?.command ?? ''}`).not.toBeNull();
  expect(chromium?.version).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
});
