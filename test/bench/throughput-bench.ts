import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FoundBrowser } from '../../main/browser/find-chromium.ts';
import { type BenchSite, startBenchSite } from './bench-site.ts';
import { type Contender, ProcessContender, type Round } from './contender.ts';
import { findBenchBrowser } from './find-bench-browser.ts';
import { LegworkContender } from './legwork-contender.ts';
import { installPeer } from './peers/install-peer.ts';
import { ownCpuSeconds } from './process-figures.ts';
import { describeEnvironment, publishReport, type Target } from './report.ts';
import { runBench } from './run-bench.ts';
import { median, medianRatio, rotated, spread } from './statistics.ts';
import { fixed, formatTable } from './table.ts';
import { NEEDS_NO_SANDBOX, PEERS_FOLDER, WORKLOAD } from './workload.ts';

/**
 * Pages a second with HTML, headers, timings and a JPEG of each, at one, three and six pages at a time: through the
 * whole of Legwork (hub, signed calls, queue, task host, blobs delivered and recorded), against raw CDP on the same
 * browser (the floor; also scheduled as Legwork's pages are), Crawlee's PlaywrightCrawler and a plain Playwright loop.
 * All browsers are warm; the contenders take turns in each round, and what counts is the ratio within the rounds.
 */
const CONCURRENCIES = [1, 3, 6];
const FLOOR_SHARE = 0.85;

/** A contender without retries of its own fails a round with any page; it gets another chance. */
const ROUND_TRIES = 3;

const FLOOR = 'raw CDP (floor)';
const BATCH_FLOOR = 'raw CDP as batch work';
const LEGWORK = 'Legwork, whole path';
const CRAWLEE = 'Crawlee';
const PLAYWRIGHT = 'Playwright loop';

interface Level {
  concurrency: number;
  rounds: Record<string, Round[]>;
}

const pagesPerSecond = (round: Round): number => (round.pages / round.durationMs) * 1000;

/** CPU milliseconds a page of everything that the contender needs, its browser and the site included. */
const cpuMsPerPage = (round: Round): number =>
  (Object.values(round.cpuSeconds).reduce((sum, seconds) => sum + seconds, 0) / round.pages) * 1000;

async function startContenders(concurrency: number, browser: FoundBrowser, folder: string): Promise<Contender[]> {
  const settings = (name: string) => ({
    chromiumPath: browser.path,
    browserKind: browser.kind,
    concurrency,
    outputFolder: join(folder, `${name}-${concurrency}`),
    sandbox: !NEEDS_NO_SANDBOX,
    viewport: WORKLOAD.viewport,
    screenshotQuality: WORKLOAD.screenshotQuality,
    timeoutMs: WORKLOAD.timeoutMs,
  });
  const started: Contender[] = [];
  try {
    const cdp = join(PEERS_FOLDER, 'raw-cdp', 'render.ts');
    started.push(await ProcessContender.start(FLOOR, cdp, settings('floor')));
    started.push(await LegworkContender.start(LEGWORK, { concurrency, browser }));
    const batch = join(PEERS_FOLDER, 'raw-cdp', 'render-as-batch.ts');
    started.push(await ProcessContender.start(BATCH_FLOOR, batch, settings('batch-floor')));
    const crawlee = join(PEERS_FOLDER, 'crawlee', 'crawl.mjs');
    started.push(await ProcessContender.start(CRAWLEE, crawlee, settings('crawlee')));
    const playwright = join(PEERS_FOLDER, 'playwright', 'render.ts');
    started.push(await ProcessContender.start(PLAYWRIGHT, playwright, settings('playwright')));
    return started;
  } catch (error) {
    await Promise.all(started.map((contender) => contender.stop()));
    throw error;
  }
}

async function oneRound(contender: Contender, site: BenchSite, pageCount: number, name: string): Promise<Round> {
  for (let tries = 1; ; tries += 1) {
    const label = `${name}-${tries}`;
    const siteBefore = ownCpuSeconds(site.processId);
    try {
      const round = await contender.round(site.pages(pageCount, label), () => site.firstOf(label));
      round.cpuSeconds['site'] = ownCpuSeconds(site.processId) - siteBefore;
      return round;
    } catch (error) {
      if (tries === ROUND_TRIES) throw error;
      console.log(`A round of ${contender.name} is repeated: ${String(error)}`);
    }
  }
}

async function measureLevel(
  contenders: Contender[],
  site: BenchSite,
  concurrency: number,
  size: { rounds: number; pages: number; warmUpPages: number },
): Promise<Level> {
  const rounds: Level['rounds'] = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  for (const [index, contender] of contenders.entries()) {
    await oneRound(contender, site, size.warmUpPages, `warm-${concurrency}-${index}`);
  }
  for (let number = 0; number < size.rounds; number += 1) {
    for (const [index, contender] of rotated(contenders, number).entries()) {
      const round = await oneRound(contender, site, size.pages, `${concurrency}-${number}-${index}`);
      rounds[contender.name]?.push(round);
    }
  }
  return { concurrency, rounds };
}

function printLevel({ concurrency, rounds }: Level): void {
  const floor = (rounds[FLOOR] ?? []).map(pagesPerSecond);
  const rows = Object.entries(rounds).map(([name, list]) => {
    const speeds = list.map(pagesPerSecond);
    const range = spread(speeds);
    return [
      name,
      fixed(median(speeds), 2),
      `${fixed(range.smallest, 2)}–${fixed(range.largest, 2)}`,
      fixed(medianRatio(speeds, floor), 2),
      fixed(median(list.map(cpuMsPerPage)), 0),
    ];
  });
  console.log(`${concurrency} at a time`);
  console.log(formatTable(['', 'pages/s (median)', 'range', 'of the floor', 'CPU ms a page'], rows));
  const parts = Object.entries(rounds).map(([name, list]) => {
    const names = Object.keys(list[0]?.cpuSeconds ?? {});
    const perPage = (part: string): number =>
      median(list.map((round) => ((round.cpuSeconds[part] ?? 0) / round.pages) * 1000));
    return `  ${name}: ${names.map((part) => `${part} ${fixed(perPage(part), 1)}`).join(', ')}`;
  });
  console.log(`CPU ms a page, by process\n${parts.join('\n')}\n`);
}

function targetsOf({ concurrency, rounds }: Level): Target[] {
  const speeds = (name: string): number[] => (rounds[name] ?? []).map(pagesPerSecond);
  const ofFloor = medianRatio(speeds(LEGWORK), speeds(FLOOR));
  const ofCrawlee = medianRatio(speeds(LEGWORK), speeds(CRAWLEE));
  return [
    {
      what: `pages/s against raw CDP, ${concurrency} at a time`,
      target: `at least ${FLOOR_SHARE}`,
      measured: fixed(ofFloor, 2),
      met: ofFloor >= FLOOR_SHARE,
    },
    {
      what: `pages/s against Crawlee, ${concurrency} at a time`,
      target: 'more than 1',
      measured: fixed(ofCrawlee, 2),
      met: ofCrawlee > 1,
    },
  ];
}

await runBench(async ({ quick, onEnd }) => {
  // Programs like these run for weeks: what counts is how fast they are once their code has been compiled, and in the
  // midst of the work rather than at its end, where fewer pages than allowed are under way.
  const size = quick ? { rounds: 3, pages: 48, warmUpPages: 90 } : { rounds: 5, pages: 72, warmUpPages: 200 };
  installPeer(join(PEERS_FOLDER, 'crawlee'));
  const browser = await findBenchBrowser();
  const folder = mkdtempSync(join(tmpdir(), 'legwork-bench-'));
  onEnd(() => rmSync(folder, { recursive: true, force: true }));
  const site = await startBenchSite();
  onEnd(() => site.stop());

  const levels: Level[] = [];
  for (const concurrency of CONCURRENCIES) {
    const contenders = await startContenders(concurrency, browser, folder);
    const stopAll = async (): Promise<void> => {
      await Promise.all(contenders.map((contender) => contender.stop()));
    };
    onEnd(stopAll);
    const level = await measureLevel(contenders, site, concurrency, size);
    await stopAll();
    printLevel(level);
    levels.push(level);
  }
  publishReport({
    name: 'throughput',
    command: `node test/bench/throughput-bench.ts${quick ? ' --quick' : ''}`,
    quick,
    environment: describeEnvironment(browser.path),
    targets: levels.flatMap(targetsOf),
    figures: levels.map(({ concurrency, rounds }) => ({ concurrency, ...size, contenders: rounds })) as never,
  });
});
