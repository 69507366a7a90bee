import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { describeEnvironment, formatTarget, report, RESULTS_FOLDER, type Target } from './report.ts';

/**
 * The program behind `npm run bench`: runs the benchmarks one after the other, each as its own program, then prints
 * all targets again and writes `results/summary.json`. Options: `--only a,b,…` for some of them, `--quick` for a short
 * run whose figures are coarse. It exits with 1 when a benchmark could not run, not when a target was missed.
 */
const BENCHMARKS = {
  a: { file: 'latency-bench.ts', title: 'Start latency on an idle agent' },
  b: { file: 'throughput-bench.ts', title: 'website_html: pages a second through the whole path' },
  c: { file: 'queue-bench.ts', title: 'Local queue: claim and complete with growing history' },
  d: { file: 'lighthouse-bench.ts', title: 'lighthouse_html against the lighthouse command line' },
  e: { file: 'idle-bench.ts', title: 'Idle agent' },
  f: { file: 'soak-bench.ts', title: 'Soak: 3,000 tasks in one run' },
  g: { file: 'guard-bench.ts', title: 'website_html with the network guard and without' },
  h: { file: 'desktop-bench.ts', title: 'Desktop app beside an empty Electron app' },
  i: { file: 'history-scroll-bench.ts', title: 'Scrolling through 100,000 attempts in History' },
} as const;
type Letter = keyof typeof BENCHMARKS;

const LETTERS = Object.keys(BENCHMARKS) as Letter[];
const isLetter = (text: string): text is Letter => text in BENCHMARKS;

interface Outcome {
  letter: Letter;
  title: string;
  exitCode: number | null;
  targets: Target[];
}

function chosenLetters(only: string | undefined): Letter[] {
  if (only === undefined) return LETTERS;
  const letters = only.split(',').map((letter) => letter.trim());
  const unknown = letters.filter((letter) => !isLetter(letter));
  if (unknown.length > 0) {
    throw new Error(`--only: ${unknown.join(', ')} is no benchmark; there are ${LETTERS.join(', ')}.`);
  }
  return letters.filter(isLetter);
}

/** The targets of the last run of a benchmark, as it wrote them; none when it did not get so far. */
function writtenTargets(file: string): Target[] {
  const path = join(RESULTS_FOLDER, file.replace('-bench.ts', '.json'));
  if (!existsSync(path)) return [];
  const parsed = report.pick({ targets: true }).safeParse(JSON.parse(readFileSync(path, 'utf8')));
  return parsed.success ? parsed.data.targets : [];
}

async function runBenchmark(letter: Letter, quick: boolean): Promise<Outcome> {
  const { file, title } = BENCHMARKS[letter];
  console.log(`\n(${letter}) ${title}\n`);
  rmSync(join(RESULTS_FOLDER, file.replace('-bench.ts', '.json')), { force: true });
  const child = spawn(process.execPath, [join(import.meta.dirname, file), ...(quick ? ['--quick'] : [])], {
    stdio: 'inherit',
  });
  // A terminal's Ctrl-C reaches the benchmark as well; it ends its processes, and then this program ends too.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  const [code] = z.tuple([z.number().nullable(), z.string().nullable()]).parse(await once(child, 'exit'));
  process.off('SIGINT', ignore);
  return { letter, title, exitCode: code, targets: writtenTargets(file) };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
  });
  const outcomes: Outcome[] = [];
  for (const letter of chosenLetters(values.only)) {
    const outcome = await runBenchmark(letter, values.quick);
    outcomes.push(outcome);
    if (outcome.exitCode === null || outcome.exitCode === 130) break;
  }
  console.log('\nAll targets');
  for (const outcome of outcomes) {
    for (const target of outcome.targets) console.log(`(${outcome.letter}) ${formatTarget(target)}`);
    if (outcome.exitCode !== 0) console.log(`(${outcome.letter}) did not finish: exit code ${outcome.exitCode}`);
  }
  mkdirSync(RESULTS_FOLDER, { recursive: true });
  const path = join(RESULTS_FOLDER, 'summary.json');
  const summary = {
    finishedAt: new Date().toISOString(),
    quick: values.quick,
    environment: describeEnvironment(),
    outcomes,
  };
  writeFileSync(path, `${JSON.stringify(summary, null, 2)}\n`);
  console.log(`summary: ${path}`);
  return outcomes.every((outcome) => outcome.exitCode === 0) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
