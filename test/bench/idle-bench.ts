import { setTimeout as sleep } from 'node:timers/promises';
import { startBenchSite } from './bench-site.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { findBenchBrowser } from './find-bench-browser.ts';
import { startLegworkHub } from './legwork-hub.ts';
import { startLegworkStack } from './legwork-stack.ts';
import { monotonicMs } from './monotonic.ts';
import { descendantsCpuSeconds, ownCpuSeconds, proportionalMemoryBytes, treeFigures } from './process-figures.ts';
import { describeEnvironment, publishReport } from './report.ts';
import { runBench } from './run-bench.ts';
import { fixed, formatTable, megabytes } from './table.ts';
import { websiteHtmlPayload } from './workload.ts';

/**
 * What an agent costs while there is nothing to do, its browser warm after some work: CPU as a share of a core,
 * memory, and the requests that it makes to its hub, counted by a proxy between the two.
 */
const CPU_LIMIT_PERCENT = 0.5;

/** Requests that are still going on, warm-up work and deferred cleaning are over by then. */
const SETTLE_MS = 15_000;

interface CpuOfParts {
  agent: number;
  taskHost: number;
  chromium: number;
  hub: number;
}

await runBench(async ({ quick, onEnd }) => {
  const windowMs = quick ? 20_000 : 60_000;
  const waitSeconds = quick ? 8 : 25;
  const browser = await findBenchBrowser();
  const site = await startBenchSite();
  onEnd(() => site.stop());
  const hub = await startLegworkHub();
  onEnd(() => hub.stop());
  const proxy = await startCountingProxy(hub.url);
  onEnd(() => proxy.stop());
  const stack = await startLegworkStack({
    concurrency: 3,
    browser,
    hub: { running: hub, agentUrl: proxy.url },
    waitSeconds,
  });
  onEnd(() => stack.stop());

  await stack.waitForJobs((await stack.operator.createJobs(site.pages(6, 'warm').map(websiteHtmlPayload))).jobIds);
  await sleep(SETTLE_MS);

  const taskHostId = stack.taskHostProcessId();
  const cpuSeconds = (): CpuOfParts => ({
    agent: ownCpuSeconds(stack.agentProcessId),
    taskHost: ownCpuSeconds(taskHostId),
    chromium: descendantsCpuSeconds(taskHostId),
    hub: ownCpuSeconds(hub.processId),
  });
  const startedAtMs = monotonicMs();
  const before = cpuSeconds();
  const requestsBefore = proxy.requests.length;
  await sleep(windowMs);
  const after = cpuSeconds();
  const seconds = (monotonicMs() - startedAtMs) / 1000;
  const requests = proxy.requests.slice(requestsBefore);

  const percent = (part: keyof CpuOfParts): number => ((after[part] - before[part]) / seconds) * 100;
  const agentTree = treeFigures(stack.agentProcessId);
  const memory = {
    agent: proportionalMemoryBytes(stack.agentProcessId),
    taskHost: proportionalMemoryBytes(taskHostId),
    hub: proportionalMemoryBytes(hub.processId),
  };
  const chromiumBytes = agentTree.memoryBytes - memory.agent - memory.taskHost;
  const totalPercent = percent('agent') + percent('taskHost') + percent('chromium');
  console.log(`Idle for ${fixed(seconds)} s, the browser warm`);
  console.log(
    formatTable(
      ['', 'CPU, % of a core', 'memory (PSS)'],
      [
        ['agent', fixed(percent('agent'), 2), megabytes(memory.agent)],
        ['task host', fixed(percent('taskHost'), 2), megabytes(memory.taskHost)],
        ['Chromium', fixed(percent('chromium'), 2), megabytes(chromiumBytes)],
        ['agent, task host and Chromium', fixed(totalPercent, 2), megabytes(agentTree.memoryBytes)],
        ['hub (not part of the agent)', fixed(percent('hub'), 2), megabytes(memory.hub)],
      ],
    ),
  );
  console.log(`requests to the hub: ${requests.length === 0 ? 'none' : requests.join(', ')}`);
  const expectedRequests = Math.ceil(seconds / waitSeconds) + 1;
  publishReport({
    name: 'idle',
    command: `node test/bench/idle-bench.ts${quick ? ' --quick' : ''}`,
    quick,
    environment: describeEnvironment(browser.path),
    targets: [
      {
        what: 'idle CPU of agent, task host and Chromium together',
        target: `under ${CPU_LIMIT_PERCENT} % of a core`,
        measured: `${fixed(totalPercent, 2)} %, with ${megabytes(agentTree.memoryBytes)} (PSS)`,
        met: totalPercent < CPU_LIMIT_PERCENT,
      },
      {
        what: `requests of an idle agent in ${fixed(seconds)} s with waits of ${waitSeconds} s`,
        target: `one a wait: at most ${expectedRequests}`,
        measured: `${requests.length}`,
        met: requests.length <= expectedRequests,
      },
    ],
    figures: {
      seconds,
      waitSeconds,
      cpuPercent: {
        agent: percent('agent'),
        taskHost: percent('taskHost'),
        chromium: percent('chromium'),
        hub: percent('hub'),
      },
      memoryBytes: { ...memory, chromium: chromiumBytes, agentTree: agentTree.memoryBytes },
      requests,
    },
  });
});
