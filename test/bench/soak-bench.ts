import { setTimeout as sleep } from 'node:timers/promises';
import { startBenchSite } from './bench-site.ts';
import { findBenchBrowser } from './find-bench-browser.ts';
import { type LegworkStack, startLegworkStack } from './legwork-stack.ts';
import { monotonicMs } from './monotonic.ts';
import { handleCount, processTree, proportionalMemoryBytes } from './process-figures.ts';
import { describeEnvironment, publishReport, type Target } from './report.ts';
import { runBench } from './run-bench.ts';
import { median, part } from './statistics.ts';
import { fixed, formatTable, megabytes } from './table.ts';
import { websiteHtmlPayload } from './workload.ts';

/**
 * Thousands of tasks in one run of the same agent and hub. After every hundred, when they are recorded and the
 * machine is quiet for a moment, memory, handles and processes are sampled. Growth shows as a last quarter above the
 * second; the first is warm-up.
 */
const TASKS_A_SAMPLE = 100;

/** Closing contexts and the confirmation of deliveries are over by then. */
const QUIET_MS = 2_000;

/** Medians of a garbage-collected process scatter by some percent without any growth. */
const MEMORY_TOLERANCE = 1.1;
/** A kept-alive connection more or less is no growth; a leak of one in a hundred tasks would be fifteen. */
const COUNT_SLACK = 3;

interface Figures {
  memoryBytes: number;
  handles: number;
  processes: number;
}

const PARTS = ['agent', 'taskHost', 'chromium', 'hub'] as const;
type Part = (typeof PARTS)[number];
type Sample = { tasks: number; pagesPerSecond: number } & Record<Part, Figures>;

function figuresOf(processIds: readonly number[]): Figures {
  const sum = (figure: (processId: number) => number): number =>
    processIds.reduce((total, processId) => total + figure(processId), 0);
  return {
    memoryBytes: sum(proportionalMemoryBytes),
    handles: sum(handleCount),
    processes: processIds.length,
  };
}

function sampleNow(stack: LegworkStack): Record<Part, Figures> {
  const taskHostId = stack.taskHostProcessId();
  return {
    agent: figuresOf([stack.agentProcessId]),
    taskHost: figuresOf([taskHostId]),
    chromium: figuresOf(processTree(taskHostId).slice(1)),
    hub: figuresOf([stack.hubProcessId]),
  };
}

const FIGURES = {
  memoryBytes: {
    what: 'memory (PSS)',
    limit: (early: number) => early * MEMORY_TOLERANCE,
    target: `at most ${MEMORY_TOLERANCE} of it`,
    show: megabytes,
  },
  handles: {
    what: 'handles',
    limit: (early: number) => early + COUNT_SLACK,
    target: `at most ${COUNT_SLACK} more`,
    show: (value: number) => fixed(value),
  },
  processes: {
    what: 'processes',
    limit: (early: number) => early + COUNT_SLACK,
    target: `at most ${COUNT_SLACK} more`,
    show: (value: number) => fixed(value),
  },
} as const;

function growthTarget(samples: readonly Sample[], figure: keyof typeof FIGURES, parts: readonly Part[]): Target {
  const { what, limit, target, show } = FIGURES[figure];
  const total = (sample: Sample): number => parts.reduce((sum, name) => sum + sample[name][figure], 0);
  const early = median(part(samples, 0.25, 0.5).map(total));
  const late = median(part(samples, 0.75, 1).map(total));
  return {
    what: `${what} of ${parts.join(', ')}, last quarter against second`,
    target,
    measured: `${show(early)} → ${show(late)} (${fixed(late / early, 3)})`,
    met: late <= limit(early),
  };
}

await runBench(async ({ quick, onEnd }) => {
  const tasks = quick ? 800 : 3_000;
  const browser = await findBenchBrowser();
  const site = await startBenchSite();
  onEnd(() => site.stop());
  const stack = await startLegworkStack({ concurrency: 6, browser });
  onEnd(() => stack.stop());

  const samples: Sample[] = [];
  const head = ['tasks', 'pages/s', ...PARTS.map((name) => `${name}: MB, handles, processes`)];
  console.log(formatTable(head, []));
  for (let done = 0; done < tasks; done += TASKS_A_SAMPLE) {
    const startedAtMs = monotonicMs();
    const urls = site.pages(TASKS_A_SAMPLE, `soak-${done}`);
    await stack.waitForJobs((await stack.operator.createJobs(urls.map(websiteHtmlPayload))).jobIds);
    const seconds = (monotonicMs() - startedAtMs) / 1000;
    await sleep(QUIET_MS);
    const sample = { tasks: done + TASKS_A_SAMPLE, pagesPerSecond: TASKS_A_SAMPLE / seconds, ...sampleNow(stack) };
    samples.push(sample);
    const cells = PARTS.map((name) => {
      const { memoryBytes, handles, processes } = sample[name];
      return `${megabytes(memoryBytes)}, ${handles}, ${processes}`;
    });
    console.log(
      [String(sample.tasks), fixed(sample.pagesPerSecond, 1), ...cells]
        .map((cell, column) => cell.padStart((head[column] ?? '').length))
        .join('  '),
    );
  }
  const recorded = await stack.operator.completedCount();
  if (recorded !== tasks) throw new Error(`The hub has recorded ${recorded} of ${tasks} tasks.`);

  const agentParts: Part[] = ['agent', 'taskHost', 'chromium'];
  const rates = samples.map((sample) => sample.pagesPerSecond);
  console.log(`\npages/s: ${fixed(median(part(rates, 0.25, 0.5)), 2)} → ${fixed(median(part(rates, 0.75, 1)), 2)}`);
  publishReport({
    name: 'soak',
    command: `node test/bench/soak-bench.ts${quick ? ' --quick' : ''}`,
    quick,
    environment: describeEnvironment(browser.path),
    targets: [
      growthTarget(samples, 'memoryBytes', agentParts),
      growthTarget(samples, 'handles', agentParts),
      growthTarget(samples, 'processes', agentParts),
      growthTarget(samples, 'memoryBytes', ['hub']),
      growthTarget(samples, 'handles', ['hub']),
    ],
    figures: { tasks, samples } as never,
  });
});
