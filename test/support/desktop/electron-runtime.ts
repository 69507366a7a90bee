import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

/** What the tests of the desktop app run in; or what is missing for it and the command that brings it, as a sentence. */
export type DesktopRuntime =
  { available: true; electronPath: string; dbusDaemonPath: string } | { available: false; sentence: string };

const PROGRAM_IN_DIST: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
};

/** The Electron that `ELECTRON_OVERRIDE_DIST_PATH` or the installed package gives; null when its program is not there. */
export function findElectron(): string | null {
  const packageFolder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const dist = process.env['ELECTRON_OVERRIDE_DIST_PATH'] || join(packageFolder, 'dist');
  const program = join(dist, PROGRAM_IN_DIST[process.platform] ?? 'electron');
  return existsSync(program) ? program : null;
}

function findOnPath(program: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null;
}

/** Looks for a virtual display and a message bus. */
export function findDisplayAndBus():
  { available: true; dbusDaemonPath: string } | { available: false; sentence: string } {
  if (process.platform !== 'linux') {
    return { available: false, sentence: 'That needs Linux with Xvfb and a D-Bus daemon.' };
  }
  const dbusDaemonPath = findOnPath('dbus-daemon');
  if (findOnPath('Xvfb') === null || dbusDaemonPath === null) {
    return { available: false, sentence: 'That needs a virtual display and D-Bus: `apt-get install xvfb dbus`.' };
  }
  return { available: true, dbusDaemonPath };
}

/** Looks for all of it. */
export function findDesktopRuntime(): DesktopRuntime {
  const electronPath = findElectron();
  if (electronPath === null) {
    return { available: false, sentence: 'There is no Electron: get it with `npx install-electron --no`.' };
  }
  const displayAndBus = findDisplayAndBus();
  return displayAndBus.available ? { ...displayAndBus, electronPath } : displayAndBus;
}

/**
 * The runtime, or null after saying what is missing: then the tests are to be skipped.
 * @throws Error with that sentence where `LEGWORK_REQUIRE_ELECTRON=1` says that they must run
 */
export function desktopRuntimeOrSkip(): Extract<DesktopRuntime, { available: true }> | null {
  const runtime = findDesktopRuntime();
  if (runtime.available) return runtime;
  const sentence = `The desktop app is not tested. ${runtime.sentence}`;
  if (process.env['LEGWORK_REQUIRE_ELECTRON'] === '1') throw new Error(sentence);
  console.warn(sentence);
  return null;
}
