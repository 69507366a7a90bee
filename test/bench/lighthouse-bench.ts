import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { findChromium } from '../../main/browser/find-chromium.ts';
import { DEFAULT_CATEGORIES } from '../../main/browser/lighthouse-html/payload.ts';
import { lighthouseResult } from '../../main/browser/lighthouse-html/result.ts';
import { serveSampleSite } from '../../main/demo/serve-sample-site.ts';
import { startTaskRunner, type TaskRunner } from '../smoke/task-runner.ts';
import { describeEnvironment, publishReport, type Report, type Target } from './report.ts';
import { runBench, type BenchContext } from './run-bench.ts';
import { median, medianRatio, rotated, spread } from './statistics.ts';
import { fixed, formatTable } from './table.ts';
import { waitForQuiet } from './wait-for-quiet.ts';

/**
 * Benchmark (d): `lighthouse_html` against the `lighthouse` command line, on the same pages with the same Chromium, in
 * turn, as many rounds each. Seconds are wall time until both reports are on the disk.
 */
const ROUNDS = 7;
const QUICK_ROUNDS = 2;
const PAGES = ['/audit/opening-hours', '/audit/catalogue'] as const;
const CONTENDERS = ['legwork', 'lighthouse'] as const;
const QUIET_WAIT_MS = 60_000;

/** A score of the same page on the same machine differs by so many points from one run to the next. */
const LEAST_SPREAD_POINTS = 2;

const CLI = fileURLToPath(new URL('../../node_modules/lighthouse/cli/index.js', import.meta.url));

interface Measurement {
  page: string;
  contender: (typeof CONTENDERS)[number];
  round: number;
  seconds: number;
  scores: Record<string, number | null>;
  benchmarkIndex: number;
  quiet: boolean;
}

type Audited = Pick<Measurement, 'scores' | 'benchmarkIndex'>;

async function auditWithLegwork(runner: TaskRunner, url: string): Promise<Audited> {
  const { result } = await runner.run('lighthouse_html', { url });
  const { scores, benchmarkIndex } = lighthouseResult.parse(result);
  return { scores, benchmarkIndex };
}

const commandLineReport = z.object({
  categories: z.record(z.string(), z.object({ score: z.number().nullable() })),
  environment: z.object({ benchmarkIndex: z.number() }),
});

async function auditWithCommandLine(chromiumPath: string, url: string): Promise<Audited> {
  const folder = await mkdtemp(join(tmpdir(), 'legwork-lighthouse-'));
  try {
    const chromeFlags = ['--headless=new', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
    await promisify(execFile)(
      process.execPath,
      [
        CLI,
        url,
        '--output=json',
        '--output=html',
        `--output-path=${join(folder, 'page')}`,
        `--only-categories=${DEFAULT_CATEGORIES.join(',')}`,
        `--chrome-flags=${chromeFlags.join(' ')}`,
        '--no-enable-error-reporting',
        '--quiet',
      ],
      { env: { ...process.env, CHROME_PATH: chromiumPath } },
    );
    const read = commandLineReport.parse(JSON.parse(await readFile(join(folder, 'page.report.json'), 'utf8')));
    const scores = Object.entries(read.categories).map(([name, { score }]) => [
      name,
      score === null ? null : Math.round(score * 100),
    ]);
    return {
      scores: Object.fromEntries(scores) as Measurement['scores'],
      benchmarkIndex: read.environment.benchmarkIndex,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Measures, prints the table, writes the figures, and returns them. @throws Error when there is no full Chromium */
export async function runLighthouseBench({ quick, onEnd }: BenchContext): Promise<Omit<Report, 'finishedAt'>> {
  const chromium = (await findChromium()).chromium;
  if (chromium === null) throw new Error('There is no full Chromium.');
  const [site, runner] = await Promise.all([serveSampleSite(), startTaskRunner()]);
  onEnd(() => site.close());
  onEnd(() => runner.close());

  const measurements: Measurement[] = [];
  const rounds = quick ? QUICK_ROUNDS : ROUNDS;
  for (let round = 0; round < rounds; round += 1) {
    for (const page of PAGES) {
      for (const contender of rotated(CONTENDERS, round)) {
        const quiet = await waitForQuiet(QUIET_WAIT_MS);
        const url = `${site.url}${page}`;
        const startMs = performance.now();
        const audited =
          contender === 'legwork'
            ? await auditWithLegwork(runner, url)
            : await auditWithCommandLine(chromium.path, url);
        const seconds = (performance.now() - startMs) / 1_000;
        measurements.push({ page, contender, round, seconds, quiet, ...audited });
      }
    }
  }

  printTable(measurements);
  const content = {
    name: 'lighthouse',
    command: `node test/bench/lighthouse-bench.ts${quick ? ' --quick' : ''}`,
    quick,
    environment: describeEnvironment(chromium.path),
    targets: judge(measurements),
    figures: z.json().parse(measurements),
  };
  publishReport(content);
  return content;
}

function of(measurements: readonly Measurement[], page: string, contender: string): Measurement[] {
  return measurements.filter((each) => each.page === page && each.contender === contender);
}

function scoresOf(measurements: readonly Measurement[], category: string): number[] {
  return measurements.flatMap(({ scores }) => scores[category] ?? []);
}

function withSpread(values: readonly number[], digits: number): string {
  const { smallest, largest } = spread(values);
  return `${fixed(median(values), digits)} (${fixed(smallest, digits)} – ${fixed(largest, digits)})`;
}

function printTable(measurements: readonly Measurement[]): void {
  const rows = PAGES.flatMap((page) =>
    CONTENDERS.map((contender) => {
      const own = of(measurements, page, contender);
      return [
        `${page} ${contender}`,
        withSpread(
          own.map(({ seconds }) => seconds),
          1,
        ),
        ...DEFAULT_CATEGORIES.map((category) => withSpread(scoresOf(own, category), 0)),
        withSpread(
          own.map(({ benchmarkIndex }) => benchmarkIndex),
          0,
        ),
      ];
    }),
  );
  console.log(formatTable(['median (spread)', 'seconds', ...DEFAULT_CATEGORIES, 'benchmark index'], rows));
  const disturbed = measurements.filter(({ quiet }) => !quiet).length;
  if (disturbed > 0) console.log(`${disturbed} of ${measurements.length} audits began while others used the machine.`);
  console.log();
}

function judge(measurements: readonly Measurement[]): Target[] {
  return PAGES.flatMap((page) => {
    const own = of(measurements, page, 'legwork');
    const peer = of(measurements, page, 'lighthouse');
    const seconds = (list: readonly Measurement[]): number[] => list.map((each) => each.seconds);
    const factor = medianRatio(seconds(own), seconds(peer));
    const speed: Target = {
      what: `${page}: time of an audit against the command line`,
      target: 'at most 1.00 times',
      measured: `${fixed(factor, 2)} times`,
      met: factor <= 1,
    };
    return [speed, ...DEFAULT_CATEGORIES.map((category) => judgeScore(page, category, own, peer))];
  });
}

/** The same score: the medians differ by no more than the command line differs from itself. */
function judgeScore(page: string, category: string, own: readonly Measurement[], peer: readonly Measurement[]): Target {
  const [ownScores, peerScores] = [scoresOf(own, category), scoresOf(peer, category)];
  const { smallest, largest } = spread(peerScores);
  const allowed = category === 'performance' ? Math.max(largest - smallest, LEAST_SPREAD_POINTS) : largest - smallest;
  const difference = Math.abs(median(ownScores) - median(peerScores));
  return {
    what: `${page}: ${category}`,
    target: `within ${fixed(allowed)} of ${fixed(median(peerScores))}`,
    measured: withSpread(ownScores, 0),
    met: difference <= allowed,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runBench(async (context) => void (await runLighthouseBench(context)));
}
