import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '../commands/command-error.ts';
import { createJobs, readNewestJobs } from '../commands/operator-api.ts';
import { OperatorClient } from '../commands/operator-client.ts';
import type { JobView as HubJob } from '../hub/job-view.ts';
import { collectResult, type DemoOutcome } from './collect-results.ts';
import type { DemoDisplay } from './demo-display.ts';
import { demoEnvironment } from './demo-environment.ts';
import { type DemoJob, givenPageJobs, sampleSiteJobs } from './demo-jobs.ts';
import { type DemoProcess, startDemoProcess } from './demo-process.ts';
import { localHostsOf } from './local-hosts.ts';
import { makeResultsFolder } from './results-folder.ts';
import { type SampleSite, serveSampleSite } from './serve-sample-site.ts';

export interface DemoOptions {
  /** Pages to visit; none: the bundled sample site. */
  urls: readonly string[];
  resultsFolder: string;
  /** The file to start the hub and the agent from. */
  programPath: string;
  display: DemoDisplay;
  /** Tells the user what is being done. */
  tell: (line: string) => void;
  /** Ends the demo early; everything is taken down all the same. */
  signal: AbortSignal;
}

const ASK_EVERY_MS = 250;
/** Longer than any task may take: then something hangs. */
const NOTHING_HAPPENS_MS = 5 * 60_000;

/** Everything that has to be taken down again, in the order in which it was put up. */
class TakeDown {
  readonly #steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): void {
    this.#steps.unshift(step);
  }

  /** The last one first; a step that fails does not keep the others from being done. */
  async run(): Promise<void> {
    for (const step of this.#steps) await step().catch(() => undefined);
  }
}

/**
 * Shows the main job: a hub and an agent as processes of their own, jobs through the operator API, results read back.
 * Leaves nothing behind but the results; after an abort or a failure not even those.
 * @throws CommandError, or the signal's reason
 */
export async function runDemo(options: DemoOptions): Promise<DemoOutcome[]> {
  const takeDown = new TakeDown();
  let isComplete = false;
  try {
    await makeResultsFolder(options.resultsFolder);
    takeDown.add(async () => {
      if (!isComplete) await rm(options.resultsFolder, { recursive: true, force: true });
    });
    const temporary = await mkdtemp(join(tmpdir(), 'legwork-demo-'));
    takeDown.add(() => rm(temporary, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
    const jobs = await chooseJobs(options, takeDown);
    const outcomes = await carryOut(options, jobs, temporary, takeDown);
    isComplete = true;
    return outcomes;
  } finally {
    await takeDown.run();
  }
}

async function chooseJobs({ urls, tell }: DemoOptions, takeDown: TakeDown): Promise<DemoJob[]> {
  if (urls.length > 0) return givenPageJobs(urls);
  const site: SampleSite = await serveSampleSite();
  takeDown.add(() => site.close());
  tell(`site    ${site.url}  (the bundled sample site)`);
  return sampleSiteJobs(site.url, site.pages);
}

async function carryOut(
  options: DemoOptions,
  jobs: readonly DemoJob[],
  temporary: string,
  takeDown: TakeDown,
): Promise<DemoOutcome[]> {
  const { programPath, signal, tell } = options;
  const identity = { workerId: 'demo', secret: randomBytes(24).toString('hex') };
  const operatorKey = randomBytes(24).toString('hex');

  function start(name: string, programArguments: string[], environment: NodeJS.ProcessEnv): DemoProcess {
    signal.throwIfAborted();
    const started = startDemoProcess({ name, programPath, programArguments, environment });
    takeDown.add(() => started.stop(signal.aborted ? 'now' : 'drain'));
    return started;
  }

  const hubArguments = ['hub', '--json', '--port', '0', '--data', join(temporary, 'hub')];
  const hub = start('hub', hubArguments, demoEnvironment(process.env, { ...identity, operatorKey }));
  const hubUrl = String((await orAbort(hub.waitFor('listening'), signal))['url']);
  tell(`hub     ${hubUrl}`);

  const isBundledSite = options.urls.length === 0;
  const agentSettings = {
    ...identity,
    hubUrl,
    dataFolder: join(temporary, 'agent'),
    allowNoSandbox: isBundledSite,
    allowedPrivateHosts: localHostsOf(jobs.map(({ payload }) => payload.url)),
  };
  const agent = start('agent', ['agent', '--json'], demoEnvironment(process.env, agentSettings));
  const ready = await orAbort(agent.waitFor('ready'), signal);
  tell(`agent   ${describeBrowsers(ready['browsers'])}`);
  if (ready['sandbox'] === false) {
    const whose = isBundledSite ? 'only the bundled site is loaded' : 'as LEGWORK_ALLOW_NO_SANDBOX allows';
    const cause = process.getuid?.() === 0 ? 'this is root' : 'this machine does not let it have one';
    tell(`        without Chromium's own sandbox, since ${cause}; ${whose}`);
  }

  const client = new OperatorClient({ hubUrl, key: operatorKey });
  const ids = await enqueue(client, jobs, signal);
  tell(`jobs    ${jobs.length} enqueued through the operator API\n`);
  const failure = Promise.race([hub.ended, agent.ended]).then(({ problem }) => {
    throw new CommandError('failure', problem ?? 'The demo was stopped.');
  });
  // It is awaited below; until then nobody may mind.
  failure.catch(() => undefined);
  const finished = await Promise.race([watch(client, jobs, ids, options), failure]);

  const outcomes: DemoOutcome[] = [];
  for (const [index, hubJob] of finished.entries()) {
    const job = jobs[index];
    if (job === undefined) continue;
    const { resultsFolder } = options;
    outcomes.push(await collectResult({ client, job, number: index + 1, hubJob, resultsFolder, signal }));
  }
  return outcomes;
}

function describeBrowsers(browsers: unknown): string {
  const found = Array.isArray(browsers) ? (browsers as { kind: string; version: string }[]) : [];
  return found.map(({ kind, version }) => `${kind.replaceAll('_', ' ')} ${version}`).join(', ');
}

async function enqueue(client: OperatorClient, jobs: readonly DemoJob[], signal: AbortSignal): Promise<string[]> {
  const requests = jobs.map(({ type, payload }) => ({ type, payload }));
  return (await createJobs(client, requests, randomUUID(), signal)).map(({ id }) => id);
}

/** Follows the jobs until all are done; gives them in the order of `ids`. */
async function watch(
  client: OperatorClient,
  jobs: readonly DemoJob[],
  ids: readonly string[],
  { display, signal }: DemoOptions,
): Promise<HubJob[]> {
  let lastSeen = '';
  let lastChangeMs = Date.now();
  for (;;) {
    const byId = new Map((await readNewestJobs(client, 500, signal)).map((job) => [job.id, job]));
    const current = ids.map((id) => byId.get(id)).filter((job) => job !== undefined);
    display.update(current.map((job, index) => toView(job, jobs[index])));
    if (current.length === ids.length && current.every(({ finishedAtMs }) => finishedAtMs !== null)) return current;

    const seen = JSON.stringify(current.map(({ status, progress, attempts }) => [status, progress, attempts]));
    if (seen !== lastSeen) lastChangeMs = Date.now();
    lastSeen = seen;
    if (Date.now() - lastChangeMs > NOTHING_HAPPENS_MS) {
      throw new CommandError('failure', 'Nothing has happened for five minutes; `legwork doctor` may know why.');
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    signal.throwIfAborted();
  }
}

function toView({ type, status, progress }: HubJob, job: DemoJob | undefined): Parameters<DemoDisplay['update']>[0][0] {
  const kind = type.replace(/_html$/, '');
  return { kind, title: job?.title ?? '', status, percent: progress.percent, stage: progress.stage };
}

/** The promise, or the signal's reason as soon as it aborts. */
async function orAbort<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
