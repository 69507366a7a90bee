import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobFileWriter } from '../../main/browser/blob-writer.ts';
import { BrowserPool } from '../../main/browser/browser-pool.ts';
import type { FoundBrowser } from '../../main/browser/find-chromium.ts';
import { NetworkGuard } from '../../main/browser/network-guard/guard.ts';
import { type BrowserGuard, TaskTraffic } from '../../main/browser/network-guard/page-network.ts';
import { websiteHtml } from '../../main/browser/tasks/website-html.ts';
import { systemClock } from '../../main/protocol/ports.ts';
import { RecordingLog } from '../fakes/silent-log.ts';
import { LOOPBACK_NETWORK } from '../support/loopback-network.ts';
import { NoGuard } from '../support/no-guard.ts';
import { type BenchSite, startBenchSite } from './bench-site.ts';
import { findBenchBrowser } from './find-bench-browser.ts';
import { descendantsCpuSeconds, ownCpuSeconds } from './process-figures.ts';
import { describeEnvironment, publishReport, type Target } from './report.ts';
import { runBench } from './run-bench.ts';
import { median, medianRatio, rotated, spread } from './statistics.ts';
import { fixed, formatTable } from './table.ts';
import { NEEDS_NO_SANDBOX, websiteHtmlPayload } from './workload.ts';

/**
 * What the network guard costs: pages a second of the page lane (pool and `website_html`, in this process) with the
 * guard and with the same pool without it, which only tests and benchmarks can build. The two take turns within a run
 * and what counts is the ratio within the rounds. The site is on loopback and without TLS, where the guard's share is
 * largest.
 */
const CONCURRENCIES = [1, 3, 6];
const LEAST_SHARE = 0.9;

const WITH = 'with the guard';
const WITHOUT = 'without';

interface Contender {
  readonly name: string;
  readonly pool: BrowserPool;
  readonly guard: BrowserGuard & { close(): Promise<void> };
}

interface Round {
  pagesPerSecond: number;
  /** Of this process, in which the guard is. */
  hostCpuMsPerPage: number;
  browserCpuMsPerPage: number;
}

interface Level {
  concurrency: number;
  rounds: Record<string, Round[]>;
}

function startContender(name: string, guard: Contender['guard'], browser: FoundBrowser, folder: string): Contender {
  const settings = {
    blobFolder: join(folder, 'blobs'),
    runFolder: join(folder, 'run'),
    chromiumPath: browser.kind === 'chromium' ? browser.path : null,
    headlessShellPath: browser.kind === 'headless_shell' ? browser.path : null,
    sandbox: !NEEDS_NO_SANDBOX,
    network: LOOPBACK_NETWORK,
    recycle: { afterPages: 100_000, afterMs: 3_600_000, memoryBytes: 8e9 },
  };
  return { name, guard, pool: new BrowserPool({ settings, log: new RecordingLog(), clock: systemClock, guard }) };
}

async function render({ pool, guard }: Contender, url: string): Promise<void> {
  const payload = websiteHtml.payloadSchema.parse(websiteHtmlPayload(url));
  await websiteHtml.run(payload, {
    signal: new AbortController().signal,
    browsers: pool,
    guard,
    traffic: new TaskTraffic(),
    blobs: new BlobFileWriter(pool.settings.blobFolder),
    log: new RecordingLog(),
    progress: () => {},
    checkRobots: () => Promise.resolve(),
    siteAnswered: () => {},
    slotFree: () => {},
  });
}

/** Renders all pages, so many at a time. */
async function oneRound(contender: Contender, site: BenchSite, urls: string[], concurrency: number): Promise<Round> {
  const pages = urls.length;
  const before = {
    ms: performance.now(),
    host: process.cpuUsage(),
    tree: descendantsCpuSeconds(process.pid),
    site: ownCpuSeconds(site.processId),
  };
  const waiting = [...urls];
  const worker = async (): Promise<void> => {
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) await render(contender, url);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const durationMs = performance.now() - before.ms;
  const host = process.cpuUsage(before.host);
  const siteSeconds = ownCpuSeconds(site.processId) - before.site;
  const browserSeconds = descendantsCpuSeconds(process.pid) - before.tree - siteSeconds;
  return {
    pagesPerSecond: (pages / durationMs) * 1_000,
    hostCpuMsPerPage: (host.user + host.system) / 1_000 / pages,
    browserCpuMsPerPage: (browserSeconds * 1_000) / pages,
  };
}

async function measureLevel(
  contenders: Contender[],
  site: BenchSite,
  concurrency: number,
  size: { rounds: number; pages: number },
): Promise<Level> {
  const rounds: Level['rounds'] = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  for (const [index, contender] of contenders.entries()) {
    await oneRound(contender, site, site.pages(concurrency * 3, `warm-${concurrency}-${index}`), concurrency);
  }
  for (let number = 0; number < size.rounds; number += 1) {
    for (const contender of rotated(contenders, number)) {
      const urls = site.pages(size.pages, `${concurrency}-${number}-${contender.name.replaceAll(' ', '-')}`);
      rounds[contender.name]?.push(await oneRound(contender, site, urls, concurrency));
    }
  }
  return { concurrency, rounds };
}

const figures = (level: Level, name: string, of: (round: Round) => number): number[] =>
  (level.rounds[name] ?? []).map((round) => of(round));

function printLevel(level: Level): void {
  console.log(`${level.concurrency} at a time`);
  const rows = [WITHOUT, WITH].map((name) => {
    const speeds = figures(level, name, (round) => round.pagesPerSecond);
    const { smallest, largest } = spread(speeds);
    return [
      name,
      fixed(median(speeds), 2),
      `${fixed(smallest, 2)}–${fixed(largest, 2)}`,
      fixed(median(figures(level, name, (round) => round.hostCpuMsPerPage)), 1),
      fixed(median(figures(level, name, (round) => round.browserCpuMsPerPage)), 1),
    ];
  });
  console.log(formatTable(['', 'pages/s (median)', 'range', 'task host CPU ms a page', 'browser CPU ms a page'], rows));
}

function targetOf(level: Level): Target {
  const speeds = (name: string): number[] => figures(level, name, (round) => round.pagesPerSecond);
  const share = medianRatio(speeds(WITH), speeds(WITHOUT));
  return {
    what: `pages/s with the guard against without, ${level.concurrency} at a time`,
    target: `at least ${LEAST_SHARE}`,
    measured: fixed(share, 2),
    met: share >= LEAST_SHARE,
  };
}

await runBench(async ({ quick, onEnd }) => {
  const size = quick ? { rounds: 5, pages: 18 } : { rounds: 11, pages: 30 };
  const browser = await findBenchBrowser();
  const folder = mkdtempSync(join(tmpdir(), 'legwork-bench-'));
  onEnd(() => rmSync(folder, { recursive: true, force: true }));
  const site = await startBenchSite();
  onEnd(() => site.stop());
  const { allowedPrivateHosts: allow } = LOOPBACK_NETWORK;
  const guard = new NetworkGuard({ allow, hub: null, log: new RecordingLog() });
  const contenders = [
    startContender(WITHOUT, new NoGuard(), browser, folder),
    startContender(WITH, guard, browser, folder),
  ];
  onEnd(async () => {
    await Promise.all(contenders.map(({ pool }) => pool.close()));
    await guard.close();
  });
  const levels: Level[] = [];
  for (const concurrency of CONCURRENCIES) {
    const level = await measureLevel(contenders, site, concurrency, size);
    printLevel(level);
    levels.push(level);
  }
  publishReport({
    name: 'guard',
    command: `node test/bench/guard-bench.ts${quick ? ' --quick' : ''}`,
    quick,
    environment: describeEnvironment(browser.path),
    targets: levels.map(targetOf),
    figures: levels.map(({ concurrency, rounds }) => ({ concurrency, ...size, contenders: rounds })) as never,
  });
});
