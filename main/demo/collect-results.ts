import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobView as HubJob, ResultView } from '../hub/job-view.ts';
import { sha256Hex } from '../protocol/canonical-string.ts';
import { readResult } from '../commands/operator-api.ts';
import type { OperatorClient } from '../commands/operator-client.ts';
import type { DemoJob } from './demo-jobs.ts';
import { folderName } from './results-folder.ts';

/** What became of a job of the demo. */
export interface DemoOutcome {
  job: DemoJob;
  /** In a few words: `200`, `404, as expected`, `performance 98 …`, or why it failed. */
  outcome: string;
  isAsExpected: boolean;
  durationMs: number | null;
  /** Bytes of all parts of the result. */
  sizeBytes: number;
  /** The folder of its parts, or null. */
  folder: string | null;
}

/** Reads a finished job back as an operator would, and saves its parts. @throws CommandError */
export async function collectResult(options: {
  client: OperatorClient;
  job: DemoJob;
  number: number;
  hubJob: HubJob;
  resultsFolder: string;
  signal: AbortSignal;
}): Promise<DemoOutcome> {
  const { client, job, hubJob, signal } = options;
  if (hubJob.status !== 'completed') {
    const outcome = hubJob.error === null ? hubJob.status : `${hubJob.error.code}: ${hubJob.error.message}`;
    return { job, outcome, isAsExpected: false, durationMs: null, sizeBytes: 0, folder: null };
  }
  const view = await readResult(client, hubJob.id, signal);
  const folder = join(options.resultsFolder, folderName(options.number, job.title));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'result.json'), `${JSON.stringify(view.result, null, 2)}\n`);
  let sizeBytes = 0;
  let isDamaged = false;
  for (const blob of view.blobs) {
    const content = await client.bytes(blob.url, signal);
    sizeBytes += content.byteLength;
    if (sha256Hex(content) !== blob.sha256) isDamaged = true;
    await writeFile(join(folder, blob.name), content);
  }
  const { text, isAsExpected } = describeResult(job, view);
  return {
    job,
    outcome: isDamaged ? 'a part does not match its hash' : text,
    isAsExpected: isAsExpected && !isDamaged,
    durationMs: view.durationMs,
    sizeBytes,
    folder,
  };
}

function describeResult(job: DemoJob, view: ResultView): { text: string; isAsExpected: boolean } {
  const result = view.result ?? {};
  if (job.type === 'lighthouse_html') {
    const scores = Object.entries((result['scores'] ?? {}) as Record<string, number | null>);
    const text = scores.map(([name, score]) => `${shortCategory(name)} ${score ?? '?'}`).join(', ');
    return { text, isAsExpected: scores.length > 0 && scores.every(([, score]) => score !== null) };
  }
  const status = Number(result['status']);
  const notes = [
    Array.isArray(result['redirects']) && result['redirects'].length > 0 ? 'redirected' : null,
    Array.isArray(result['consoleErrors']) && result['consoleErrors'].length > 0 ? 'with script errors' : null,
    job.expectedStatus !== null && status >= 400 && status === job.expectedStatus ? 'as expected' : null,
  ].filter((note) => note !== null);
  const isAsExpected = job.expectedStatus === null || status === job.expectedStatus;
  const wrong = isAsExpected ? [] : [`expected ${job.expectedStatus}`];
  return { text: [String(status), ...notes, ...wrong].join(', '), isAsExpected };
}

/** So that four scores fit into a line. */
function shortCategory(name: string): string {
  const names: Readonly<Record<string, string>> = {
    performance: 'perf',
    accessibility: 'a11y',
    'best-practices': 'best',
  };
  return names[name] ?? name;
}
