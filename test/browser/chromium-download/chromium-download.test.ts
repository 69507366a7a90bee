import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TESTED_VERSION } from '../../../main/browser/chromium-download/browser-builds.ts';
import { BrowserDownloads } from '../../../main/browser/chromium-download/browser-downloads.ts';
import { compareVersions } from '../../../main/browser/chromium-download/compare-versions.ts';
import { downloadBrowser } from '../../../main/browser/chromium-download/download-browser.ts';
import { downloadFile } from '../../../main/browser/chromium-download/download-file.ts';
import { findChromium, isBrowser } from '../../../main/browser/find-chromium.ts';
import { systemClock } from '../../../main/protocol/ports.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { LocalMirror } from './local-mirror.ts';

const NEWEST = '199.0.1000.2';

let folder: string;
let mirror: LocalMirror;
let address: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legwork-download-'));
  mirror = new LocalMirror();
  mirror.addVersion(NEWEST);
  address = await mirror.start();
});

afterEach(async () => {
  await mirror.close();
  await rm(folder, { recursive: true, force: true });
});

function fileDownload(overrides: Partial<Parameters<typeof downloadFile>[0]> = {}): Parameters<typeof downloadFile>[0] {
  const [path = ''] = [...mirror.files.keys()];
  return {
    url: address + path,
    path: join(folder, 'archive.zip'),
    fetch,
    clock: systemClock,
    signal: new AbortController().signal,
    onProgress: breakOffOnceSomethingCame,
    retryDelaysMs: [10, 10, 10],
    ...overrides,
  };
}

function breakOffOnceSomethingCame(bytes: number): void {
  if (bytes > 0) mirror.breakOff();
}

async function wanted(): Promise<Buffer> {
  const [first = new Uint8Array()] = mirror.files.values();
  return Buffer.from(first);
}

describe('a file', () => {
  it('goes on where a broken connection left off', async () => {
    mirror.cutAfterBytes = [100_000, 50_000];
    const seen: number[] = [];
    const onProgress = (bytes: number): void => {
      seen.push(bytes);
      breakOffOnceSomethingCame(bytes);
    };
    await downloadFile(fileDownload({ onProgress }));
    expect(await readFile(join(folder, 'archive.zip'))).toEqual(await wanted());
    expect(mirror.requests.map(({ status }) => status)).toEqual([200, 206, 206]);
    expect(seen.every((bytes, index) => bytes >= (seen[index - 1] ?? 0))).toBe(true);
    expect(await readdir(folder)).toEqual(['archive.zip']);
  });

  it('goes on after the program was ended in the middle', async () => {
    mirror.cutAfterBytes = [120_000];
    await expect(downloadFile(fileDownload({ retryDelaysMs: [] }))).rejects.toMatchObject({ kind: 'network' });
    const { size } = await stat(join(folder, 'archive.zip.part'));
    expect(size).toBeGreaterThan(0);
    await downloadFile(fileDownload());
    expect(mirror.requests.at(-1)).toMatchObject({ status: 206, range: `bytes=${size}-` });
    expect(await readFile(join(folder, 'archive.zip'))).toEqual(await wanted());
  });

  it('is taken anew when the server has another one by now', async () => {
    mirror.cutAfterBytes = [120_000];
    await expect(downloadFile(fileDownload({ retryDelaysMs: [] }))).rejects.toThrow();
    mirror.edition = 'b';
    await downloadFile(fileDownload());
    expect(mirror.requests.at(-1)?.status).toBe(200);
    expect(await readFile(join(folder, 'archive.zip'))).toEqual(await wanted());
  });

  it('comes from a server that knows no ranges', async () => {
    mirror.knowsRanges = false;
    mirror.cutAfterBytes = [100_000];
    await downloadFile(fileDownload());
    expect(await readFile(join(folder, 'archive.zip'))).toEqual(await wanted());
  });

  it('is not asked for again when the server does not have it', async () => {
    await expect(downloadFile(fileDownload({ url: `${address}/none.zip` }))).rejects.toMatchObject({ kind: 'refused' });
    expect(mirror.requests).toHaveLength(1);
  });

  it('that has no end is cut off, and takes no place on the disk', async () => {
    const endless = (): Promise<Response> =>
      Promise.resolve(
        new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(10_000)) })),
      );
    await expect(downloadFile(fileDownload({ fetch: endless, mostBytes: 100_000 }))).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('more than a browser can be'),
    });
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('that fills the disk is given up at once, and its place is given back', async () => {
    let asked = 0;
    const filling = (): Promise<Response> => {
      asked += 1;
      const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      let pulls = 0;
      const pull = (controller: ReadableStreamDefaultController): void => {
        pulls += 1;
        if (pulls === 1) controller.enqueue(new Uint8Array(10_000));
        else controller.error(full);
      };
      return Promise.resolve(new Response(new ReadableStream({ pull })));
    };
    await expect(downloadFile(fileDownload({ fetch: filling }))).rejects.toMatchObject({ kind: 'disk' });
    expect(asked).toBe(1);
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('that stops coming is asked for again', async () => {
    mirror.hold = new Promise(() => {});
    const download = downloadFile(fileDownload({ stallMs: 1_000, retryDelaysMs: [10, 10, 10, 10] }));
    while (mirror.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    mirror.hold = null;
    await download;
    expect(await readFile(join(folder, 'archive.zip'))).toEqual(await wanted());
  });
});

function browserDownload(overrides: Partial<Parameters<typeof downloadBrowser>[0]> = {}) {
  return downloadBrowser({
    folder,
    version: NEWEST,
    mirror: address,
    fetch,
    clock: systemClock,
    signal: new AbortController().signal,
    onProgress: breakOffOnceSomethingCame,
    runs: isBrowser,
    retryDelaysMs: [10, 10],
    ...overrides,
  });
}

describe.skipIf(process.platform !== 'linux')('a browser', () => {
  it('is unpacked, found, and takes the place of older ones', async () => {
    mirror.addVersion('198.0.1.1');
    await browserDownload({ version: '198.0.1.1' });
    mirror.addVersion(NEWEST);
    const progress: [number, number | null][] = [];
    await browserDownload({ onProgress: (received, total) => progress.push([received, total]) });
    const last = progress.at(-1);
    expect(last?.[0]).toBe(last?.[1]);
    const nowhere = { chromiumPath: null, headlessShellPath: null };
    const found = await findChromium(nowhere, undefined, { downloadFolder: folder, installed: false });
    expect(found.chromium).toMatchObject({ version: NEWEST, source: 'downloaded' });
    expect(found.headlessShell).toMatchObject({ version: NEWEST, source: 'downloaded' });
    expect((await readdir(folder)).sort()).toEqual([NEWEST, 'incoming']);
  });

  it('that is broken off is not taken for one', async () => {
    // The first two requests only ask how much will come.
    mirror.cutAfterBytes = [100_000, 100_000, 100_000];
    await expect(browserDownload({ retryDelaysMs: [] })).rejects.toMatchObject({ kind: 'network' });
    const nowhere = { chromiumPath: null, headlessShellPath: null };
    const found = await findChromium(nowhere, undefined, { downloadFolder: folder, installed: false });
    expect(found.chromium).toBeNull();
  });

  it('whose archive is damaged is refused, and taken anew the next time', async () => {
    const [path = '', archive = new Uint8Array()] = [...mirror.files].find(([name]) => name.endsWith('.zip')) ?? [];
    mirror.files.set(path, archive.subarray(0, archive.length - 2_000));
    await expect(browserDownload()).rejects.toMatchObject({ kind: 'archive' });
    mirror.files.set(path, archive);
    await browserDownload();
    expect(await readdir(folder)).toContain(NEWEST);
  });

  it('that does not run here is not used', async () => {
    await expect(browserDownload({ runs: async () => false })).rejects.toThrow(/does not run on this machine/);
    expect(await readdir(folder)).not.toContain(NEWEST);
  });
});

describe.skipIf(process.platform !== 'linux')('downloads', () => {
  function downloads(): BrowserDownloads {
    return new BrowserDownloads({
      folder,
      mirror: () => address,
      fetch,
      runs: isBrowser,
      clock: systemClock,
      log: new RecordingLog(),
    });
  }

  it('tell how far they are and leave nothing to tell when they are done', async () => {
    const service = downloads();
    const states: (string | undefined)[] = [];
    service.subscribe(() => states.push(service.state()?.state));
    await service.download();
    expect(states[0]).toBe('downloading');
    expect(service.state()).toBeNull();
    expect(service.newerVersion()).toBeNull();
  });

  it('can be cancelled, and then go on where they were', async () => {
    const service = downloads();
    mirror.hold = new Promise(() => {});
    const download = service.download();
    const cancelled = expect(download).rejects.toMatchObject({ kind: 'cancelled' });
    const receivedBytes = (): number => {
      const state = service.state();
      return state?.state === 'downloading' ? state.receivedBytes : 0;
    };
    while (receivedBytes() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    service.cancel();
    await cancelled;
    expect(service.state()).toBeNull();
    mirror.hold = null;
    await service.download();
    expect(mirror.requests.some(({ status }) => status === 206)).toBe(true);
  });

  it('say why they failed, in words', async () => {
    for (const path of [...mirror.files.keys()].filter((name) => name.endsWith('.zip'))) mirror.files.delete(path);
    const service = downloads();
    await expect(service.download()).rejects.toThrow();
    expect(service.state()).toMatchObject({ state: 'failed', sentence: expect.stringContaining('does not have') });
  });

  it('know of a newer version than the one that is there', async () => {
    const service = downloads();
    await service.download();
    mirror.addVersion('200.0.0.1');
    await service.lookForNewer(new AbortController().signal);
    expect(service.newerVersion()).toBe('200.0.0.1');
  });
});

describe('versions', () => {
  it('are compared by their numbers', () => {
    expect(compareVersions('99.0.0.0', '100.0.0.0')).toBeLessThan(0);
    expect(compareVersions('159.0.8154.10', '159.0.8154.6')).toBeGreaterThan(0);
    expect(compareVersions('1.2.3.4', '1.2.3.4')).toBe(0);
  });

  it('name the build that playwright-core was made for', async () => {
    const browsers: unknown = JSON.parse(
      await readFile(new URL('../../../node_modules/playwright-core/browsers.json', import.meta.url), 'utf8'),
    );
    expect(browsers).toMatchObject({
      browsers: expect.arrayContaining([expect.objectContaining({ name: 'chromium', browserVersion: TESTED_VERSION })]),
    });
  });
});
