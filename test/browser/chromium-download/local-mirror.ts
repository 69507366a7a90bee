import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { strToU8, zipSync } from 'fflate';
import { Browser, detectBrowserPlatform, getDownloadUrl } from '@puppeteer/browsers';
import { type Part, PARTS } from '../../../main/browser/chromium-download/browser-builds.ts';

/** A program that says its version as Chromium does, in the place of a real one. */
function fakeBrowser(version: string): Uint8Array {
  return strToU8(`#!/bin/sh\necho "Google Chrome for Testing ${version}"\n`);
}

/** An archive as Chrome for Testing has them: one folder, in it the program, which may be executed, and other files. */
export function browserArchive(part: Part, version: string, filling = 300_000): Uint8Array {
  const platform = detectBrowserPlatform();
  if (platform === undefined) throw new Error('no Chrome for Testing here');
  const archive = getDownloadUrl(part, platform, version).pathname.split('/').pop() ?? '';
  const folder = archive.replace(/\.zip$/, '');
  const program = part === Browser.CHROME ? 'chrome' : 'chrome-headless-shell';
  const noise = new Uint8Array(filling).map(() => Math.floor(Math.random() * 256));
  return zipSync({
    [`${folder}/${program}`]: [fakeBrowser(version), { os: 3, attrs: (0o100755 << 16) >>> 0 }],
    [`${folder}/resources.pak`]: [noise, { os: 3, attrs: (0o100644 << 16) >>> 0, level: 0 }],
  });
}

export interface MirrorRequest {
  path: string;
  range: string | null;
  status: number;
}

/** A mirror of Chrome for Testing on loopback, with what can go wrong with one. */
export class LocalMirror {
  readonly requests: MirrorRequest[] = [];
  readonly files = new Map<string, Uint8Array>();
  /** Sends no more than so many bytes of a body, until `breakOff`; used up by one request. */
  cutAfterBytes: number[] = [];
  /** Cuts the connection that waits; called once the other side has what was sent, so that no test depends on time. */
  breakOff: () => void = () => {};
  knowsRanges = true;
  /** Resolved when a body has begun to be sent; then it waits. */
  hold: Promise<void> | null = null;
  /** Part of every entity tag; another one makes all files other files. */
  edition = 'a';
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Offers both parts of a version, and names it as the newest one. */
  addVersion(version: string): void {
    const platform = detectBrowserPlatform();
    if (platform === undefined) throw new Error('no Chrome for Testing here');
    for (const part of PARTS) {
      const { pathname } = getDownloadUrl(part, platform, version, 'http://mirror');
      this.files.set(pathname, browserArchive(part, version));
    }
    this.files.set(
      '/last-known-good-versions.json',
      strToU8(JSON.stringify({ channels: { Stable: { channel: 'Stable', version } } })),
    );
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://mirror').pathname;
    const file = this.files.get(path);
    const entityTag = `"${this.edition}-${path}"`;
    const range = request.headers.range ?? null;
    let status = file === undefined ? 404 : 200;
    let from = 0;
    if (file !== undefined && range !== null && this.knowsRanges && request.headers['if-range'] === entityTag) {
      from = Number(/^bytes=(\d+)-$/.exec(range)?.[1]);
      status = from < file.length ? 206 : 416;
    }
    this.requests.push({ path, range, status });
    if (file === undefined || status === 416) {
      response.writeHead(status, file === undefined ? {} : { 'content-range': `bytes */${file.length}` }).end();
      return;
    }
    const body = file.subarray(from);
    response.writeHead(status, {
      'content-type': path.endsWith('.zip') ? 'application/zip' : 'application/json',
      'content-length': body.length,
      etag: entityTag,
      ...(status === 206 ? { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` } : {}),
    });
    const isArchive = path.endsWith('.zip');
    if (isArchive && this.hold !== null) {
      response.write(body.subarray(0, 4_000));
      await this.hold;
      response.end(body.subarray(4_000));
      return;
    }
    const cut = isArchive ? this.cutAfterBytes.shift() : undefined;
    if (cut === undefined) {
      response.end(body);
      return;
    }
    response.write(body.subarray(0, cut));
    this.breakOff = () => response.destroy();
  }
}
