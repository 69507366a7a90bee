import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstalledBrowser } from '@puppeteer/browsers';
import { describeError } from '../../protocol/describe-error.ts';
import type { Clock } from '../../protocol/ports.ts';
import {
  archiveUrl,
  type BrowserLibrary,
  browserPlatform,
  loadBrowserLibrary,
  type Part,
  PARTS,
} from './browser-builds.ts';
import { BrowserDownloadError } from './browser-download-error.ts';
import { INCOMING, removeOtherVersions } from './browser-folder.ts';
import { downloadFile, type Fetch } from './download-file.ts';

export interface BrowserDownload {
  /** Folder of all downloaded browsers. */
  folder: string;
  version: string;
  mirror: string | null;
  fetch: Fetch;
  clock: Clock;
  signal: AbortSignal;
  onProgress: (receivedBytes: number, totalBytes: number | null) => void;
  /** Whether the unpacked program answers as a browser does. */
  runs: (executablePath: string) => Promise<boolean>;
  /** Waits between attempts of one file. */
  retryDelaysMs?: readonly number[];
}

/** An archive unpacks to about two and a half times its size, and is there beside what it unpacks to. */
const DISK_FACTOR = 3.5;
const MEBIBYTE = 1024 ** 2;

/**
 * Downloads both parts of a version of Chrome for Testing, unpacks them beside those that are there, and puts them in
 * place when everything is complete and runs; then removes the older ones. What had come before a break is used.
 * @throws BrowserDownloadError
 */
export async function downloadBrowser(download: BrowserDownload): Promise<void> {
  const { folder, version, mirror, fetch, clock, signal } = download;
  const library = await loadBrowserLibrary();
  const incoming = join(folder, INCOMING);
  await removeOtherIncoming(incoming, version);
  const target = join(incoming, version);
  await mkdir(target, { recursive: true });

  const received: Record<string, number> = {};
  const totals: Record<string, number | null> = {};
  for (const part of PARTS)
    totals[part] = await contentLength(archiveUrl(library, part, version, mirror), fetch, signal);
  const totalBytes = sumOrNull(Object.values(totals));
  if (totalBytes !== null) await requireDisk(folder, totalBytes);

  for (const part of PARTS) {
    const url = archiveUrl(library, part, version, mirror);
    const archive = archivePath(target, part, version, url);
    await mkdir(join(archive, '..'), { recursive: true });
    await downloadFile({
      url,
      path: archive,
      fetch,
      clock,
      signal,
      retryDelaysMs: download.retryDelaysMs,
      onProgress: (bytes) => {
        received[part] = bytes;
        download.onProgress(sumOrNull(Object.values(received)) ?? 0, totalBytes);
      },
    });
  }
  for (const part of PARTS) {
    const installed = await unpack(library, part, target, version);
    if (signal.aborted) throw new BrowserDownloadError('cancelled', 'The download was cancelled.');
    if (!(await download.runs(installed.executablePath))) {
      await rm(target, { recursive: true, force: true });
      throw new BrowserDownloadError(
        'archive',
        `The downloaded ${part} ${version} does not run on this machine. Install Chrome, Edge or Chromium instead.`,
      );
    }
  }
  await rm(join(folder, version), { recursive: true, force: true });
  await rename(target, join(folder, version));
  await removeOtherVersions(folder, version);
}

/** Where the unpacking library looks for an archive before it would download one: that is what makes it only unpack. */
function archivePath(target: string, part: Part, version: string, url: string): string {
  const fileName = new URL(url).pathname.split('/').pop() ?? 'archive.zip';
  return join(target, part, `${version}-${fileName}`);
}

async function unpack(library: BrowserLibrary, part: Part, target: string, version: string): Promise<InstalledBrowser> {
  try {
    return await library.install({
      browser: part,
      buildId: version,
      cacheDir: target,
      platform: browserPlatform(library),
    });
  } catch (error) {
    // Half of a browser must not be taken for a whole one.
    await rm(target, { recursive: true, force: true });
    throw new BrowserDownloadError('archive', `The downloaded ${part} cannot be unpacked: ${describeError(error)}`, {
      cause: error,
    });
  }
}

async function contentLength(url: string, fetch: Fetch, signal: AbortSignal): Promise<number | null> {
  const stop = new AbortController();
  try {
    // A body that is not read is given up; some mirrors answer no HEAD.
    const response = await fetch(url, {
      headers: { 'accept-encoding': 'identity' },
      signal: AbortSignal.any([signal, stop.signal]),
    });
    const length = Number.parseInt(response.headers.get('content-length') ?? '', 10);
    return response.ok && Number.isFinite(length) ? length : null;
  } catch {
    return null;
  } finally {
    stop.abort();
  }
}

function sumOrNull(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}

/** @throws BrowserDownloadError when the disk has no room */
async function requireDisk(folder: string, archiveBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const neededBytes = archiveBytes * DISK_FACTOR;
  if (bavail * bsize >= neededBytes) return;
  const inMebibytes = (bytes: number): string => `${Math.ceil(bytes / MEBIBYTE)} MB`;
  throw new BrowserDownloadError(
    'disk',
    `The browser needs ${inMebibytes(neededBytes)} of disk, and ${inMebibytes(bavail * bsize)} are free.`,
  );
}

/** What an earlier download of another version has left is of no use any more. */
async function removeOtherIncoming(incoming: string, version: string): Promise<void> {
  const names = await readdir(incoming).catch(() => [] as string[]);
  for (const name of names) {
    if (name !== version) await rm(join(incoming, name), { recursive: true, force: true });
  }
}
