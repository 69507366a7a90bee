import type * as browserLibrary from '@puppeteer/browsers';
import type { Browser, BrowserPlatform } from '@puppeteer/browsers';
import { z } from 'zod';
import { BrowserDownloadError } from './browser-download-error.ts';
import type { Fetch } from './download-file.ts';

/** The version of Chrome for Testing that this version of Legwork was made for: that of its playwright-core. */
export const TESTED_VERSION = '159.0.8154.6';

/** Where the builds are, and which of them is the newest stable one; a mirror has both under one address. */
const ARCHIVES = 'https://storage.googleapis.com/chrome-for-testing-public';
const VERSIONS = 'https://googlechromelabs.github.io/chrome-for-testing';

/** Both are needed: pages are rendered by the headless shell, audits are done in the full browser. */
export type Part = Browser.CHROME | Browser.CHROMEHEADLESSSHELL;
export const PARTS = ['chrome', 'chrome-headless-shell'] as readonly Part[];

/** What knows where builds are and how they are laid out; loaded when something is downloaded, which is seldom. */
export type BrowserLibrary = typeof browserLibrary;
export function loadBrowserLibrary(): Promise<BrowserLibrary> {
  return import('@puppeteer/browsers');
}

/** @throws BrowserDownloadError where there is no Chrome for Testing for this system */
export function browserPlatform(library: BrowserLibrary): BrowserPlatform {
  const platform = library.detectBrowserPlatform();
  if (platform !== undefined) return platform;
  throw new BrowserDownloadError(
    'refused',
    `There is no Chrome for Testing for ${process.platform} on ${process.arch}. Install Chrome, Edge or Chromium.`,
  );
}

/** @param mirror address that takes the place of Google's; null: Google's */
export function archiveUrl(library: BrowserLibrary, part: Part, version: string, mirror: string | null): string {
  return library.getDownloadUrl(part, browserPlatform(library), version, withoutSlash(mirror ?? ARCHIVES)).href;
}

const newestVersions = z.object({
  channels: z.object({ Stable: z.object({ version: z.string().regex(/^\d+\.\d+\.\d+\.\d+$/) }) }),
});

/**
 * The newest stable version, as `last-known-good-versions.json` says; null when that cannot be read, so that a mirror may
 * do without it.
 */
export async function newestVersion(fetch: Fetch, mirror: string | null, signal: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(`${withoutSlash(mirror ?? VERSIONS)}/last-known-good-versions.json`, { signal });
    return newestVersions.parse(await response.json()).channels.Stable.version;
  } catch {
    return null;
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
