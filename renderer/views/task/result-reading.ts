import { z } from 'zod';
import type { AttemptDetail, TaskDetail } from '../../../preload/contract.ts';

type Blob = AttemptDetail['blobs'][number];

const blobName = z.string().nullable().catch(null);
const milliseconds = z.number().nullable().catch(null);

/** What the window shows of a rendered page; a part that is not as expected is left out, not the whole. */
const websiteResult = z.object({
  finalUrl: z.string().catch(''),
  status: z.number().nullable().catch(null),
  title: z.string().nullable().catch(null),
  html: blobName,
  screenshot: blobName,
  redirects: z.array(z.object({ url: z.string(), status: z.number() })).catch([]),
  timings: z.record(z.string(), milliseconds).catch({}),
  consoleErrors: z
    .array(
      z.object({ text: z.string(), url: z.string().nullable().catch(null), line: z.number().nullable().catch(null) }),
    )
    .catch([]),
  failedRequests: z
    .array(
      z.object({
        url: z.string(),
        type: z.string().catch(''),
        status: z.number().nullable().catch(null),
        error: z.string().nullable().catch(null),
      }),
    )
    .catch([]),
  requestCount: z.number().nullable().catch(null),
  transferredBytes: z.number().nullable().catch(null),
});
export type WebsiteResult = z.infer<typeof websiteResult>;

const lighthouseResult = z.object({
  scores: z.record(z.string(), z.number().nullable()).catch({}),
  metrics: z.record(z.string(), z.number().nullable()).catch({}),
  benchmarkIndex: z.number().nullable().catch(null),
  warnings: z.array(z.string()).catch([]),
  formFactor: z.string().catch(''),
  throttling: z.string().catch(''),
  lighthouseVersion: z.string().catch(''),
  runs: z.array(z.unknown()).catch([]),
  reports: z.object({ html: blobName, json: blobName }).catch({ html: null, json: null }),
});
export type LighthouseResult = z.infer<typeof lighthouseResult>;

/** The result of a task as far as its type is known here. */
export function readResult(
  task: TaskDetail,
): { kind: 'website'; result: WebsiteResult } | { kind: 'lighthouse'; result: LighthouseResult } | { kind: 'other' } {
  if (task.result === null) return { kind: 'other' };
  if (task.type === 'website_html') return { kind: 'website', result: websiteResult.parse(task.result) };
  if (task.type === 'lighthouse_html') return { kind: 'lighthouse', result: lighthouseResult.parse(task.result) };
  return { kind: 'other' };
}

/** The files of the last attempt that left any. */
export function resultBlobs(task: TaskDetail): Blob[] {
  return task.attemptHistory.findLast(({ blobs }) => blobs.length > 0)?.blobs ?? [];
}

/** The file that a result names. */
export function findBlob(blobs: readonly Blob[], name: string | null): Blob | undefined {
  return name === null ? undefined : blobs.find((blob) => blob.name === name);
}
