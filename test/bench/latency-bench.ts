import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchSite, startBenchSite } from './bench-site.ts';
import { findBenchBrowser } from './find-bench-browser.ts';
import { startFloor } from './floor.ts';
import { type LegworkStack, startLegworkStack } from './legwork-stack.ts';
import { monotonicMs } from './monotonic.ts';
import { describeEnvironment, publishReport } from './report.ts';
import { runBench } from './run-bench.ts';
import { median, quantile } from './statistics.ts';
import { fixed, formatTable } from './table.ts';
import { NEEDS_NO_SANDBOX, websiteHtmlPayload, WORKLOAD } from './workload.ts';

/**
 * How long an idle agent takes to start: from the hub's answer to the operator's POST /api/jobs until the site sees
 * the page's first request. Beside it, opening the same page directly in a warm browser by raw CDP: from the call
 * (new context, new page, navigate) until the site sees the request. The two take turns.
 */
const ALLOWED_EXTRA_MS = 60;

/** Longer than any work that a finished task leaves behind, and irregular, so that no timer is hit or missed always. */
function pauseMs(): number {
  return 300 + Math.random() * 400;
}

async function throughLegwork(stack: LegworkStack, site: BenchSite, url: string): Promise<number> {
  await sleep(pauseMs());
  const { jobIds, answeredAtMs } = await stack.operator.createJobs([websiteHtmlPayload(url)]);
  const seenAtMs = await site.firstRequest(url);
  await stack.waitForJobs(jobIds);
  return seenAtMs - answeredAtMs;
}

await runBench(async ({ quick, onEnd }) => {
  const samples = quick ? 15 : 60;
  const browser = await findBenchBrowser();
  const site = await startBenchSite();
  onEnd(() => site.stop());
  const folder = mkdtempSync(join(tmpdir(), 'legwork-bench-'));
  onEnd(() => rmSync(folder, { recursive: true, force: true }));
  const direct = await startFloor({
    executablePath: browser.path,
    kind: browser.kind,
    runFolder: folder,
    sandbox: !NEEDS_NO_SANDBOX,
    viewport: WORKLOAD.viewport,
    screenshotQuality: WORKLOAD.screenshotQuality,
  });
  onEnd(() => direct.close());
  const stack = await startLegworkStack({ concurrency: 3, browser });
  onEnd(() => stack.stop());

  const directly = async (url: string): Promise<number> => {
    await sleep(pauseMs());
    const startedAtMs = monotonicMs();
    const rendered = direct.render(url);
    const seenAtMs = await site.firstRequest(url);
    await rendered;
    return seenAtMs - startedAtMs;
  };

  const warmUp = site.pages(6, 'warm');
  for (const url of warmUp.slice(0, 3)) await throughLegwork(stack, site, url);
  for (const url of warmUp.slice(3)) await directly(url);

  const legworkMs: number[] = [];
  const directMs: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    const [url = ''] = site.pages(1, `legwork-${sample}`);
    const [directUrl = ''] = site.pages(1, `direct-${sample}`);
    if (sample % 2 === 0) legworkMs.push(await throughLegwork(stack, site, url));
    directMs.push(await directly(directUrl));
    if (sample % 2 === 1) legworkMs.push(await throughLegwork(stack, site, url));
  }

  const row = (name: string, values: number[]): string[] => [
    name,
    fixed(median(values), 1),
    fixed(quantile(values, 0.95), 1),
    fixed(Math.min(...values), 1),
    fixed(Math.max(...values), 1),
  ];
  console.log(`Milliseconds until the site sees the first request (${samples} samples each)`);
  console.log(
    formatTable(
      ['', 'p50', 'p95', 'smallest', 'largest'],
      [row('Legwork, after the hub’s answer', legworkMs), row('directly, after the call', directMs)],
    ),
  );
  const extraMs = median(legworkMs) - median(directMs);
  publishReport({
    name: 'latency',
    command: `node test/bench/latency-bench.ts${quick ? ' --quick' : ''}`,
    quick,
    environment: describeEnvironment(browser.path),
    targets: [
      {
        what: 'start latency on an idle agent, p50 beyond the direct way',
        target: `at most ${ALLOWED_EXTRA_MS} ms`,
        measured: `${fixed(extraMs, 1)} ms`,
        met: extraMs <= ALLOWED_EXTRA_MS,
      },
    ],
    figures: { samples, legworkMs, directMs },
  });
});
