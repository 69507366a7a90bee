import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { describeError } from '../../protocol/describe-error.ts';
import type { Clock } from '../../protocol/ports.ts';
import { BrowserDownloadError } from './browser-download-error.ts';

/** `fetch`, Node's own or one that goes through the system's proxy. */
export type Fetch = (url: string, init: { headers?: Record<string, string>; signal: AbortSignal }) => Promise<Response>;

export interface FileDownload {
  url: string;
  /** Where the whole file will be. What has come so far is beside it, in `<path>.part`. */
  path: string;
  fetch: Fetch;
  clock: Clock;
  signal: AbortSignal;
  /** @param totalBytes null when the server does not say */
  onProgress: (receivedBytes: number, totalBytes: number | null) => void;
  /** Waits between attempts, milliseconds. Default: five attempts within about half a minute. */
  retryDelaysMs?: readonly number[];
  /** A connection that brings nothing for this long is broken. Default 30 s. */
  stallMs?: number;
  /** A server that sends more is cut off. Default 2 GiB, many times what a browser has. */
  mostBytes?: number;
}

const DEFAULT_RETRY_DELAYS_MS = [1_000, 3_000, 8_000, 15_000];
const DEFAULT_STALL_MS = 30_000;
const DEFAULT_MOST_BYTES = 2 * 1024 ** 3;

class EndlessFileError extends BrowserDownloadError {}

/** Identifies the file that a part belongs to, so that two different ones are never put together. */
const partNote = z.object({ url: z.string(), validator: z.string() });

/**
 * Downloads a file, in as many connections as it takes: one that breaks goes on where it was (RFC 9110, range requests
 * with `If-Range`), also after a restart of the program. A server that knows no ranges sends it anew.
 * @throws BrowserDownloadError
 */
export async function downloadFile(download: FileDownload): Promise<void> {
  const { retryDelaysMs = DEFAULT_RETRY_DELAYS_MS, signal, clock } = download;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await receive(download);
      await rename(`${download.path}.part`, download.path);
      await rm(`${download.path}.part.json`, { force: true });
      return;
    } catch (error) {
      if (signal.aborted) throw new BrowserDownloadError('cancelled', 'The download was cancelled.', { cause: error });
      const delayMs = retryDelaysMs[attempt];
      const downloadError = asDownloadError(error, download.url);
      // What has come is kept for the next attempt, but not where it takes the last of the disk, or is of no use.
      if (downloadError.kind === 'disk' || error instanceof EndlessFileError)
        await rm(`${download.path}.part`, { force: true });
      if (error instanceof BrowserDownloadError || downloadError.kind === 'disk' || delayMs === undefined) {
        throw downloadError;
      }
      await clock.sleep(delayMs, signal);
    }
  }
}

function asDownloadError(error: unknown, url: string): BrowserDownloadError {
  if (error instanceof BrowserDownloadError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new BrowserDownloadError('disk', 'The disk is full. Free some space and try again.', { cause: error });
  }
  const { host } = new URL(url);
  return new BrowserDownloadError(
    'network',
    `${host} cannot be reached (${describeError(error)}). What has come is kept: try again when the connection is back.`,
    { cause: error },
  );
}

/** One connection. Returns when the file is complete; throws when it broke, with what has come kept. */
async function receive({
  url,
  path,
  fetch,
  signal,
  onProgress,
  stallMs = DEFAULT_STALL_MS,
  mostBytes = DEFAULT_MOST_BYTES,
}: FileDownload): Promise<void> {
  const part = `${path}.part`;
  const kept = await keptPart(part, url);
  const stalled = new AbortController();
  const either = AbortSignal.any([signal, stalled.signal]);
  let timer = setTimeout(() => stalled.abort(new Error('nothing came for too long')), stallMs);
  const stillComing = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(new Error('nothing came for too long')), stallMs);
  };
  try {
    const headers: Record<string, string> =
      kept === null ? {} : { range: `bytes=${kept.bytes}-`, 'if-range': kept.validator };
    const response = await fetch(url, { headers: { ...headers, 'accept-encoding': 'identity' }, signal: either });
    stillComing();
    if (kept !== null && isComplete(response, kept.bytes)) return;
    const start = startOf(response, kept?.bytes ?? 0);
    if (start === null) {
      await rm(part, { force: true });
      throw new Error(`the server answers ${response.status} to the rest of the file`);
    }
    requireSuccess(response, url);
    await writeFile(`${part}.json`, JSON.stringify({ url, validator: validatorOf(response) }));
    const length = Number.parseInt(response.headers.get('content-length') ?? '', 10);
    const totalBytes = Number.isFinite(length) ? start + length : null;
    const file = await open(part, start === 0 ? 'w' : 'r+');
    try {
      let position = start;
      onProgress(position, totalBytes);
      for await (const chunk of response.body ?? []) {
        stillComing();
        if (position + chunk.length > mostBytes) {
          throw new EndlessFileError('refused', `${new URL(url).host} sends more than a browser can be.`);
        }
        position += (await file.write(chunk, 0, chunk.length, position)).bytesWritten;
        onProgress(position, totalBytes);
      }
      if (totalBytes !== null && position < totalBytes) throw new Error('the connection ended too early');
      await file.truncate(position);
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Whether everything had come already: then nothing can be sent of the rest (RFC 9110, 15.5.17). */
function isComplete(response: Response, keptBytes: number): boolean {
  return response.status === 416 && response.headers.get('content-range') === `bytes */${keptBytes}`;
}

/** Where the body belongs in the file; null when the server gives something that does not fit to what has come. */
function startOf(response: Response, keptBytes: number): number | null {
  if (response.status === 416) return null;
  if (response.status !== 206) return 0;
  const from = Number.parseInt(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? '', 10);
  return from === keptBytes ? from : null;
}

/** @throws BrowserDownloadError for an answer that the next attempt would get as well, Error for another one */
function requireSuccess(response: Response, url: string): void {
  if (response.ok) return;
  const { host, pathname } = new URL(url);
  if (response.status >= 500 || response.status === 429 || response.status === 408) {
    throw new Error(`${host} answers ${response.status}`);
  }
  throw new BrowserDownloadError('refused', `${host} does not have ${pathname} (it answers ${response.status}).`);
}

/** What tells one version of the file from another; '' when the server does not say, and then nothing is resumed. */
function validatorOf(response: Response): string {
  const entityTag = response.headers.get('etag') ?? '';
  if (entityTag !== '' && !entityTag.startsWith('W/')) return entityTag;
  return response.headers.get('last-modified') ?? '';
}

async function keptPart(part: string, url: string): Promise<{ bytes: number; validator: string } | null> {
  try {
    const note = partNote.parse(JSON.parse(await readFile(`${part}.json`, 'utf8')));
    const { size } = await stat(part);
    return note.url === url && note.validator !== '' && size > 0 ? { bytes: size, validator: note.validator } : null;
  } catch {
    return null;
  }
}
