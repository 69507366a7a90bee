import { win32 } from 'node:path';
import { LegworkError } from '../protocol/error-table.ts';
import type { BrowserInformation } from '../protocol/task-host-messages.ts';
import { downloadedPrograms } from './chromium-download/browser-folder.ts';
import {
  type BrowserKind,
  type Candidate,
  playwrightCandidates,
  programBehind,
  systemCandidates,
} from './chromium-search/candidates.ts';
import { type InstallAdvice, installAdvice } from './chromium-search/install-advice.ts';
import { type Machine, thisMachine } from './chromium-search/machine.ts';

/** Paths that the host has configured; null: look for one. */
export interface ConfiguredBrowsers {
  chromiumPath: string | null;
  headlessShellPath: string | null;
}

/** A browser that answered with its version. */
export interface FoundBrowser extends BrowserInformation {
  /** Who put it there; `downloaded`: Legwork itself. */
  source: Candidate['source'] | 'configured';
}

/** What there is to work with, and how to get what is missing. */
export interface BrowserSearch {
  chromium: FoundBrowser | null;
  headlessShell: FoundBrowser | null;
  /** Null when both were found. */
  advice: InstallAdvice | null;
}

/** A browser on a cold disk or a busy machine takes seconds to say its version. */
const VERSION_TIMEOUT_MS = 20_000;

const SETTING: Readonly<Record<BrowserKind, keyof ConfiguredBrowsers>> = {
  chromium: 'chromiumPath',
  headless_shell: 'headlessShellPath',
};

/** Where is looked beside the configured paths. */
export interface SearchPlaces {
  /** Folder of the browsers that Legwork has downloaded; null: there are none. */
  downloadFolder: string | null;
  /** Whether browsers that others have installed may be used. */
  installed: boolean;
}

/**
 * Finds the full Chromium and the headless shell: the configured path, the one that was downloaded, Playwright's, the
 * system's Chrome, Chromium or Edge. Only one that runs and says its version counts.
 * @throws LegworkError `browser_missing`, naming the setting, when a configured path does not lead to a browser
 */
export async function findChromium(
  configured: ConfiguredBrowsers = { chromiumPath: null, headlessShellPath: null },
  machine: Machine = thisMachine,
  places: SearchPlaces = { downloadFolder: null, installed: true },
): Promise<BrowserSearch> {
  const [chromium, headlessShell] = await Promise.all([
    findBrowser('chromium', configured, machine, places),
    findBrowser('headless_shell', configured, machine, places),
  ]);
  const complete = chromium !== null && headlessShell !== null;
  return {
    chromium,
    headlessShell,
    advice: complete ? null : installAdvice(machine, await machine.readOsRelease()),
  };
}

async function findBrowser(
  kind: BrowserKind,
  configured: ConfiguredBrowsers,
  machine: Machine,
  { downloadFolder, installed }: SearchPlaces,
): Promise<FoundBrowser | null> {
  const configuredPath = configured[SETTING[kind]];
  if (configuredPath !== null) return configuredBrowser(kind, configuredPath, machine);
  if (downloadFolder !== null) {
    const paths = await downloadedPrograms(downloadFolder, kind);
    const candidates = paths.map((path): Candidate => ({ path, source: 'downloaded' }));
    const found = await firstThatRuns(kind, candidates, machine);
    if (found !== null) return found;
  }
  if (!installed) return null;
  return (
    (await firstThatRuns(kind, await playwrightCandidates(kind, machine), machine)) ??
    (await firstThatRuns(kind, systemCandidates(kind, machine), machine))
  );
}

async function configuredBrowser(kind: BrowserKind, path: string, machine: Machine): Promise<FoundBrowser> {
  if (!(await machine.isExecutable(path))) {
    throw new LegworkError('browser_missing', `Setting ${SETTING[kind]}: ${path} is not a file that can be run.`);
  }
  const program = await programBehind(path, machine);
  const version = await readVersion(program, machine);
  if (version === null) {
    throw new LegworkError(
      'browser_missing',
      `Setting ${SETTING[kind]}: ${path} did not answer --version as Chromium does.`,
    );
  }
  return { kind, path: program, version, source: 'configured' };
}

async function firstThatRuns(
  kind: BrowserKind,
  candidates: readonly Candidate[],
  machine: Machine,
): Promise<FoundBrowser | null> {
  for (const candidate of candidates) {
    if (!(await machine.isExecutable(candidate.path))) continue;
    const path = await programBehind(candidate.path, machine);
    const version = await readVersion(path, machine);
    if (version !== null) return { kind, path, version, source: candidate.source };
  }
  return null;
}

const VERSION = /\b\d+\.\d+\.\d+\.\d+\b/;

/** Whether a program answers as a browser does. */
export async function isBrowser(path: string, machine: Machine = thisMachine): Promise<boolean> {
  return (await machine.isExecutable(path)) && (await readVersion(path, machine)) !== null;
}

/** The four numbers of a Chromium version, or null when the program does not say them. */
async function readVersion(path: string, machine: Machine): Promise<string | null> {
  if (machine.platform === 'win32') return readWindowsVersion(path, machine);
  const output = await machine.run(path, ['--version'], VERSION_TIMEOUT_MS);
  return VERSION.exec(output ?? '')?.[0] ?? null;
}

/** On Windows `chrome.exe --version` opens a window and prints nothing; beside it lies a folder or manifest named so. */
async function readWindowsVersion(path: string, machine: Machine): Promise<string | null> {
  const named = (await machine.listFolder(win32.dirname(path)))
    .flatMap((name) => /^(\d+\.\d+\.\d+\.\d+)(?:\.manifest)?$/.exec(name)?.[1] ?? [])
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1);
  if (named !== undefined) return named;
  const output = await machine.run(
    'powershell.exe',
    ['-NoProfile', '-Command', `(Get-Item -LiteralPath '${path.replaceAll("'", "''")}').VersionInfo.ProductVersion`],
    VERSION_TIMEOUT_MS,
  );
  return VERSION.exec(output ?? '')?.[0] ?? null;
}
