import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPeer } from './peers/install-peer.ts';
import {
  openLegworkQueue,
  openPlainjobQueue,
  PLAINJOB_FOLDER,
  type LegworkVariant,
  type QueueContender,
} from './queue-contenders.ts';
import { describeEnvironment, publishReport, type Report, type Target } from './report.ts';
import { runBench } from './run-bench.ts';
import { median, medianRatio, rotated, spread } from './statistics.ts';
import { fixed, formatTable } from './table.ts';

/** Claim and complete with the history at the smallest size may be this much quicker than at the largest. */
const FLAT_FACTOR = 1.5;

const LEGWORK = 'Legwork, as it runs';
const LEGWORK_BY_TENS = 'Legwork, as it runs, claimed by tens';
const LEGWORK_FULL = 'Legwork, every commit on disk';
const LEGWORK_FULL_BY_TENS = 'Legwork, every commit on disk, by tens';
const LEGWORK_NORMAL = 'Legwork, NORMAL';
const LEGWORK_NORMAL_BY_TENS = 'Legwork, NORMAL, claimed by tens';
const LEGWORK_LEASED = 'Legwork, as it runs, with outbox and 3 blobs';
const PLAINJOB_FULL = 'plainjob, every commit on disk';
const PLAINJOB_NORMAL = 'plainjob, as it runs (NORMAL)';

/** What a power failure may take back in each way of running; the death of the process takes nothing back in any. */
const DURABILITY: Record<string, string> = {
  [LEGWORK]: 'FULL; a completion never, a claim may be',
  [LEGWORK_BY_TENS]: 'FULL; a completion never, a claim may be',
  [LEGWORK_LEASED]: 'FULL; a completion never, a claim may be',
  [LEGWORK_FULL]: 'FULL; nothing',
  [LEGWORK_FULL_BY_TENS]: 'FULL; nothing',
  [PLAINJOB_FULL]: 'FULL; nothing',
  [LEGWORK_NORMAL]: 'NORMAL; the last completions and claims',
  [LEGWORK_NORMAL_BY_TENS]: 'NORMAL; the last completions and claims',
  [PLAINJOB_NORMAL]: 'NORMAL; the last completions and claims',
};

const LEGWORK_VARIANTS: Record<string, LegworkVariant> = {
  [LEGWORK]: { synchronous: 'FULL', claimed: 1, durableClaims: false, leased: false },
  [LEGWORK_BY_TENS]: { synchronous: 'FULL', claimed: 10, durableClaims: false, leased: false },
  [LEGWORK_LEASED]: { synchronous: 'FULL', claimed: 1, durableClaims: false, leased: true },
  [LEGWORK_FULL]: { synchronous: 'FULL', claimed: 1, durableClaims: true, leased: false },
  [LEGWORK_FULL_BY_TENS]: { synchronous: 'FULL', claimed: 10, durableClaims: true, leased: false },
  [LEGWORK_NORMAL]: { synchronous: 'NORMAL', claimed: 1, durableClaims: true, leased: false },
  [LEGWORK_NORMAL_BY_TENS]: { synchronous: 'NORMAL', claimed: 10, durableClaims: true, leased: false },
};

/** Both durable: what one way confirmed as completed is on the disk in the other too. */
const PROMISED = [
  [LEGWORK, PLAINJOB_FULL],
  [LEGWORK_BY_TENS, PLAINJOB_FULL],
  [LEGWORK_FULL_BY_TENS, PLAINJOB_FULL],
] as const;

const OTHERS = [
  [LEGWORK_FULL, PLAINJOB_FULL],
  [LEGWORK_NORMAL, PLAINJOB_NORMAL],
  [LEGWORK_NORMAL_BY_TENS, PLAINJOB_NORMAL],
  [LEGWORK, PLAINJOB_NORMAL],
] as const;

interface Series {
  name: string;
  historyRows: number;
  contender: QueueContender;
  /** Claims with completion a second, by round. */
  perSecond: number[];
}

export interface QueueBenchOptions {
  quick: boolean;
  onEnd: (undo: () => void) => void;
}

/** Opens both queues with every size of history; the series of all contenders share the files. */
async function openAll(folder: string, sizes: readonly number[]): Promise<Series[]> {
  const all: Series[] = [];
  for (const historyRows of sizes) {
    const openLegwork = openLegworkQueue(join(folder, `legwork-${historyRows}.db`), historyRows);
    const openPlainjob = await openPlainjobQueue(join(folder, `plainjob-${historyRows}.db`), historyRows);
    for (const [name, variant] of Object.entries(LEGWORK_VARIANTS)) {
      all.push({ name, historyRows, contender: openLegwork(variant), perSecond: [] });
    }
    for (const [name, synchronous] of [
      [PLAINJOB_FULL, 'FULL'],
      [PLAINJOB_NORMAL, 'NORMAL'],
    ] as const) {
      all.push({ name, historyRows, contender: openPlainjob({ synchronous }), perSecond: [] });
    }
    console.log(`history of ${historyRows.toLocaleString('en')} made: ${describeFiles(folder, historyRows)}`);
  }
  return all;
}

function describeFiles(folder: string, historyRows: number): string {
  return ['legwork', 'plainjob']
    .map((name) => `${name} ${fixed(statSync(join(folder, `${name}-${historyRows}.db`)).size / 2 ** 20)} MB`)
    .join(', ');
}

function measure({ contender, perSecond }: Series, jobs: number): void {
  contender.fill(jobs);
  const startedMs = performance.now();
  const done = contender.drain();
  const tookMs = performance.now() - startedMs;
  contender.restore();
  if (done !== jobs) throw new Error(`${jobs} jobs waited and ${done} were done`);
  perSecond.push((done / tookMs) * 1_000);
}

/**
 * Claim and complete on the local queue with growing history, against plainjob in the same rounds. Prints a table and
 * writes `results/queue.json`.
 */
export async function runQueueBench({ quick, onEnd }: QueueBenchOptions): Promise<Omit<Report, 'finishedAt'>> {
  const sizes = quick ? [1_000, 20_000] : [1_000, 100_000, 1_000_000];
  // Many short rounds: on a machine that others use, the median then leaves out the moments that were not ours.
  const rounds = quick ? 9 : 41;
  const jobs = quick ? 30 : 60;
  installPeer(PLAINJOB_FOLDER);
  const folder = mkdtempSync(join(tmpdir(), 'legwork-queue-bench-'));
  onEnd(() => rmSync(folder, { recursive: true, force: true }));
  const all = await openAll(folder, sizes);
  for (const series of all) measure(series, 20);
  for (const series of all) series.perSecond.length = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const series of rotated(all, round * 7)) measure(series, jobs);
    // Lets Ctrl-C through: the rest of a round is synchronous.
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const { contender } of all) contender.close();

  const names = Object.keys(DURABILITY);
  const of = (name: string, historyRows: number): number[] =>
    all.find((series) => series.name === name && series.historyRows === historyRows)?.perSecond ?? [];
  const heads = sizes.map((size) => `${size.toLocaleString('en')} rows`);
  console.log(`\nClaims with completion a second, median of ${rounds} rounds of ${jobs} (smallest – largest)\n`);
  console.log(
    formatTable(
      ['way', ...heads, 'a power failure takes back'],
      names.map((name) => [name, ...sizes.map((size) => describe(of(name, size))), DURABILITY[name] ?? '']),
    ),
  );
  console.log(`\nOther comparisons (ratio at each size of history)\n${describeOthers(sizes, of)}\n`);

  const content = {
    name: 'queue',
    command: `node test/bench/queue-bench.ts${quick ? ' --quick' : ''}`,
    quick,
    environment: describeEnvironment(),
    targets: judge(sizes, of),
    figures: names.flatMap((name) =>
      sizes.map((historyRows) => {
        const perSecond = of(name, historyRows);
        return { name, historyRows, durability: DURABILITY[name] ?? '', medianPerSecond: median(perSecond), perSecond };
      }),
    ),
  };
  publishReport(content);
  return content;
}

function describe(perSecond: readonly number[]): string {
  const { smallest, largest } = spread(perSecond);
  return `${fixed(median(perSecond))} (${fixed(smallest)} – ${fixed(largest)})`;
}

/** All that is promised, from ratios within each round. */
function judge(sizes: readonly number[], of: (name: string, historyRows: number) => number[]): Target[] {
  const [small = 0] = sizes;
  const large = sizes.at(-1) ?? 0;
  const flat = [LEGWORK, LEGWORK_BY_TENS, LEGWORK_FULL].map((name): Target => {
    const factor = medianRatio(of(name, small), of(name, large));
    return {
      what: `${name}: ${small.toLocaleString('en')} rows of history against ${large.toLocaleString('en')}`,
      target: `at most ${FLAT_FACTOR} times as quick`,
      measured: `${fixed(factor, 2)} times`,
      met: factor <= FLAT_FACTOR,
    };
  });
  const ahead = PROMISED.map(([own, peer]): Target => {
    const ratios = sizes.map((size) => medianRatio(of(own, size), of(peer, size)));
    return {
      what: `${own}, against ${peer}`,
      target: 'ahead at every size of history',
      measured: ratios.map((ratio) => `${fixed(ratio, 2)}×`).join(', '),
      met: Math.min(...ratios) > 1,
    };
  });
  return [...flat, ...ahead];
}

/** Comparisons without a promise: plainjob keeps neither attempts nor results nor an order, and writes half as much. */
function describeOthers(sizes: readonly number[], of: (name: string, historyRows: number) => number[]): string {
  const rows = OTHERS.map(([own, peer]) => [
    `${own}, against ${peer}`,
    ...sizes.map((size) => `${fixed(medianRatio(of(own, size), of(peer, size)), 2)}×`),
  ]);
  return formatTable(['', ...sizes.map((size) => size.toLocaleString('en'))], rows);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runBench(async (context) => void (await runQueueBench(context)));
}
