import { z } from 'zod';
import { byteCount, sha256 } from '../../protocol/fields.ts';
import { lighthouseCategory } from './payload.ts';

const score = z.number().int().min(0).max(100).nullable();

export const lighthouseScores = z
  .partialRecord(lighthouseCategory, score)
  .describe('0 to 100 by category; null where Lighthouse could not work it out.');
export type LighthouseScores = z.infer<typeof lighthouseScores>;

const milliseconds = z.number().nonnegative().nullable();

/** null: not measured, or not part of what was audited. */
export const lighthouseMetrics = z.object({
  fcpMs: milliseconds.describe('First Contentful Paint.'),
  lcpMs: milliseconds.describe('Largest Contentful Paint.'),
  tbtMs: milliseconds.describe('Total Blocking Time.'),
  cls: z.number().nonnegative().nullable().describe('Cumulative Layout Shift, without a unit.'),
  speedIndexMs: milliseconds.describe('Speed Index.'),
  ttiMs: milliseconds.describe('Time to Interactive.'),
});
export type LighthouseMetrics = z.infer<typeof lighthouseMetrics>;

const benchmarkIndex = z
  .number()
  .describe('How fast Lighthouse found the machine; far below its usual value, the machine was not quiet.');

export const lighthouseRun = z.object({ scores: lighthouseScores, metrics: lighthouseMetrics, benchmarkIndex });
export type LighthouseRun = z.infer<typeof lighthouseRun>;

/** Name of a blob of the result, and what is in it. */
const reportReference = z.object({
  name: z.string(),
  sha256,
  sizeBytes: byteCount,
  contentType: z.string(),
});

export const lighthouseResult = z.object({
  requestedUrl: z.string().describe('As it was asked for.'),
  finalUrl: z.string().describe('The document that was audited, after redirects.'),
  ...lighthouseRun.shape,
  warnings: z.array(z.string()).describe('What Lighthouse found doubtful about the run.'),
  erroredAudits: z
    .array(z.object({ id: z.string(), message: z.string() }))
    .describe('Audits that could not be carried out; their category may lack its score.'),
  runs: z.array(lighthouseRun).min(1).describe('Every run, in order.'),
  medianRun: z.number().int().nonnegative().describe('Index in `runs` of the run that all else is taken from.'),
  formFactor: z.enum(['mobile', 'desktop']),
  throttling: z.enum(['simulate', 'devtools', 'provided']),
  lighthouseVersion: z.string(),
  browser: z.object({ kind: z.string(), version: z.string() }).describe('What the page was audited with.'),
  reports: z
    .object({ json: reportReference, html: reportReference })
    .describe('The blobs `report.json` and `report.html`, as the lighthouse command line writes them.'),
});
export type LighthouseResult = z.infer<typeof lighthouseResult>;
