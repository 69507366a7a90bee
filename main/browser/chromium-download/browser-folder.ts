import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserKind } from '../chromium-search/candidates.ts';
import { loadBrowserLibrary, type Part } from './browser-builds.ts';
import { compareVersions } from './compare-versions.ts';

/** Where downloaded browsers are: one folder a version, named after it; `incoming` is not finished. */
export function browsersFolder(dataFolder: string): string {
  return join(dataFolder, 'browsers');
}

export const INCOMING = 'incoming';
const VERSION_FOLDER = /^\d+\.\d+\.\d+\.\d+$/;
const PART_OF_KIND: Readonly<Record<BrowserKind, Part>> = {
  chromium: 'chrome' as Part,
  headless_shell: 'chrome-headless-shell' as Part,
};

/** Versions that are there, the newest first. */
export async function downloadedVersions(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => VERSION_FOLDER.test(name)).sort((a, b) => compareVersions(b, a));
  } catch {
    return [];
  }
}

/** Programs of one kind, the newest first. */
export async function downloadedPrograms(folder: string, kind: BrowserKind): Promise<string[]> {
  const versions = await downloadedVersions(folder);
  if (versions.length === 0) return [];
  const { computeExecutablePath, detectBrowserPlatform } = await loadBrowserLibrary();
  const platform = detectBrowserPlatform();
  if (platform === undefined) return [];
  return versions.map((version) =>
    computeExecutablePath({ browser: PART_OF_KIND[kind], buildId: version, platform, cacheDir: join(folder, version) }),
  );
}

/** Removes all versions but one. One that is in use, where the system keeps it from being removed, goes the next time. */
export async function removeOtherVersions(folder: string, kept: string): Promise<void> {
  for (const version of await downloadedVersions(folder)) {
    if (version === kept) continue;
    await rm(join(folder, version), { recursive: true, force: true }).catch(() => undefined);
  }
}
