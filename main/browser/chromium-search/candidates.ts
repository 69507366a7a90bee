import { posix, win32 } from 'node:path';
import type { BrowserInformation } from '../../protocol/task-host-messages.ts';
import type { Machine } from './machine.ts';

export type BrowserKind = BrowserInformation['kind'];

/** Where a browser may be, and who put it there. */
export interface Candidate {
  path: string;
  source: 'downloaded' | 'playwright' | 'system';
}

/**
 * Start scripts and the program that each of them starts. A script costs a shell, prints warnings of its own, and hides
 * the browser's process id from whoever has to kill it, so the program itself is taken where it is in its place.
 */
const PROGRAM_BEHIND_SCRIPT: Readonly<Record<string, string>> = {
  '/usr/bin/chromium': '/usr/lib/chromium/chromium',
  '/usr/bin/chromium-headless-shell': '/usr/lib/chromium/chromium-headless-shell',
  '/usr/bin/chromium-browser': '/usr/lib64/chromium-browser/chromium-browser',
  '/usr/bin/google-chrome': '/opt/google/chrome/chrome',
  '/usr/bin/google-chrome-stable': '/opt/google/chrome/chrome',
  '/usr/bin/microsoft-edge': '/opt/microsoft/msedge/msedge',
  '/usr/bin/microsoft-edge-stable': '/opt/microsoft/msedge/msedge',
};

/** The program that a known start script starts, or the path itself. */
export async function programBehind(path: string, machine: Machine): Promise<string> {
  const program = PROGRAM_BEHIND_SCRIPT[path];
  if (program === undefined || !(await machine.isScript(path)) || (await machine.isScript(program))) return path;
  return (await machine.isExecutable(program)) ? program : path;
}

/** Program names by kind, in the order of preference: who installed Chrome or Chromium wants that before Edge. */
const NAMES_ON_PATH: Readonly<Record<BrowserKind, readonly string[]>> = {
  chromium: [
    'google-chrome-stable',
    'google-chrome',
    'chromium',
    'chromium-browser',
    'microsoft-edge-stable',
    'microsoft-edge',
  ],
  headless_shell: ['chromium-headless-shell', 'chrome-headless-shell', 'headless_shell'],
};

/** Folders that a service's PATH often lacks. */
const LINUX_FOLDERS = ['/usr/bin', '/usr/local/bin', '/snap/bin'];
const MAC_FOLDERS = ['/opt/homebrew/bin', '/usr/local/bin'];

const LINUX_PROGRAMS: Readonly<Record<BrowserKind, readonly string[]>> = {
  chromium: ['/opt/google/chrome/chrome', '/usr/lib/chromium/chromium', '/opt/microsoft/msedge/msedge'],
  headless_shell: ['/usr/lib/chromium/chromium-headless-shell', '/usr/lib64/chromium-browser/headless_shell'],
};

const MAC_APPLICATIONS = ['Google Chrome', 'Chromium', 'Google Chrome for Testing', 'Microsoft Edge'];

const WINDOWS_PROGRAMS = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

/** Paths, best first, at which the system may have a browser of this kind; most of them do not exist. */
export function systemCandidates(kind: BrowserKind, machine: Machine): Candidate[] {
  return [...new Set(systemPaths(kind, machine))].map((path) => ({ path, source: 'system' }));
}

function systemPaths(kind: BrowserKind, machine: Machine): string[] {
  if (machine.platform === 'win32') {
    const folders = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap(
      (name) => machine.environment[name] ?? [],
    );
    return kind === 'chromium'
      ? WINDOWS_PROGRAMS.flatMap((program) => folders.map((folder) => win32.join(folder, program)))
      : onPath(kind, machine);
  }
  if (machine.platform === 'darwin') {
    const applications = MAC_APPLICATIONS.flatMap((name) =>
      ['/Applications', posix.join(machine.homeFolder, 'Applications')].map(
        (folder) => `${folder}/${name}.app/Contents/MacOS/${name}`,
      ),
    );
    return [...(kind === 'chromium' ? applications : []), ...onPath(kind, machine, MAC_FOLDERS)];
  }
  return [...onPath(kind, machine, LINUX_FOLDERS), ...LINUX_PROGRAMS[kind]];
}

function onPath(kind: BrowserKind, machine: Machine, moreFolders: readonly string[] = []): string[] {
  const windows = machine.platform === 'win32';
  const paths = windows ? win32 : posix;
  const path = machine.environment['PATH'] ?? machine.environment['Path'] ?? '';
  const folders = [...path.split(paths.delimiter).filter((folder) => paths.isAbsolute(folder)), ...moreFolders];
  return NAMES_ON_PATH[kind].flatMap((name) =>
    folders.map((folder) => paths.join(folder, windows ? `${name}.exe` : name)),
  );
}

/** What Playwright calls the folder of each kind: `chromium-1255`, `chromium_headless_shell-1255`. */
const REVISION_FOLDER: Readonly<Record<BrowserKind, RegExp>> = {
  chromium: /^chromium-(\d+)$/,
  headless_shell: /^chromium_headless_shell-(\d+)$/,
};
const SHELL_PROGRAMS = ['chrome-headless-shell', 'headless_shell', 'chrome-headless-shell.exe', 'headless_shell.exe'];

/** Browsers in Playwright's folder: the revision that the installed Playwright is made for, then newest first. */
export async function playwrightCandidates(kind: BrowserKind, machine: Machine): Promise<Candidate[]> {
  if (!(await mayHavePlaywrightBrowsers(machine))) return [];
  const expected = await machine.playwrightChromiumPath();
  // `<folder of all browsers>/chromium-<revision>/<platform>/…`
  const parts = expected === null ? null : /^(.*)[\\/]chromium-(\d+)[\\/](.*)$/.exec(expected);
  if (parts === null) return [];
  const [, folder = '', expectedRevision = '', program = ''] = parts;
  const { platform } = machine;
  const join = (...names: string[]): string => (platform === 'win32' ? win32 : posix).join(...names);

  const revisions = (await machine.listFolder(folder))
    .flatMap((name) => REVISION_FOLDER[kind].exec(name)?.[1] ?? [])
    .sort((a, b) => Number(b === expectedRevision) - Number(a === expectedRevision) || Number(b) - Number(a));

  const paths: string[] = [];
  for (const revision of revisions) {
    if (kind === 'chromium') {
      paths.push(join(folder, `chromium-${revision}`, program));
      continue;
    }
    const revisionFolder = join(folder, `chromium_headless_shell-${revision}`);
    for (const platformFolder of await machine.listFolder(revisionFolder)) {
      paths.push(...SHELL_PROGRAMS.map((name) => join(revisionFolder, platformFolder, name)));
    }
  }
  return paths.map((path) => ({ path, source: 'playwright' }));
}

/** Whether Playwright's folder of browsers is there: loading Playwright only to hear that it is not costs too much. */
async function mayHavePlaywrightBrowsers(machine: Machine): Promise<boolean> {
  const { platform, environment, homeFolder } = machine;
  if (environment['PLAYWRIGHT_BROWSERS_PATH'] !== undefined) return true;
  const folder =
    platform === 'win32'
      ? win32.join(environment['LOCALAPPDATA'] ?? win32.join(homeFolder, 'AppData', 'Local'), 'ms-playwright')
      : platform === 'darwin'
        ? posix.join(homeFolder, 'Library/Caches/ms-playwright')
        : posix.join(environment['XDG_CACHE_HOME'] ?? posix.join(homeFolder, '.cache'), 'ms-playwright');
  return (await machine.listFolder(folder)).length > 0;
}
