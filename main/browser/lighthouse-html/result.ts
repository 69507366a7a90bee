import { z } from 'zod';
import { networkResult } from '../network-result.ts';
import { lighthouseCategory } from './payload.ts';

const score = z.number().int().min(0).max(100).nullable();

export const lighthouseScores = z
  .partialRecord(lighthouseCategory, score)
  .describe('0 to 100 by category; null where Lighthouse could not work it out.');
export type LighthouseScores = z.infer<typeof lighthouseScores>;

const milliseconds = z.number().nonnegative().nullable();

/** What the page felt like to load. */
export const lighthouseMetrics = z
  .object({
    fcpMs: milliseconds.describe('First Contentful Paint.'),
    lcpMs: milliseconds.describe('Largest Contentful Paint.'),
    tbtMs: milliseconds.describe('Total Blocking Time.'),
    cls: z.number().nonnegative().nullable().describe('Cumulative Layout Shift, without a unit.'),
    speedIndexMs: milliseconds.describe('Speed Index.'),
    ttiMs: milliseconds.describe('Time to Interactive.'),
  })
  .describe('null: not measured, or not part of what was audited.');
export type LighthouseMetrics = z.infer<typeof lighthouseMetrics>;

const benchmarkIndex = z
  .number()
  .describe('How fast Lighthouse found the machine; far below its usual value, the machine was not quiet.');

export const lighthouseRun = z.object({ scores: lighthouseScores, metrics: lighthouseMetrics, benchmarkIndex });
export type LighthouseRun = z.infer<typeof lighthouseRun>;

export const lighthouseResult = z.object({
  requestedUrl: z.string().describe('As it was asked for.'),
  finalUrl: z.string().describe('The document that was audited, after redirects.'),
  ...lighthouseRun.shape,
  warnings: z.array(z.string()).describe('What Lighthouse found doubtful about the run.'),
  erroredAudits: z
    .array(
      z.object({
        id: z.string().describe('Id of the audit.'),
        message: z.string().describe('Why, in Lighthouse’s words.'),
      }),
    )
    .describe('Audits that could not be carried out; their category may lack its score.'),
  runs: z.array(lighthouseRun).min(1).describe('Every run, in order.'),
  medianRun: z.number().int().nonnegative().describe('Index in `runs` of the run that all else is taken from.'),
  formFactor: z.enum(['mobile', 'desktop']).describe('As asked for.'),
  throttling: z.enum(['simulate', 'devtools', 'provided']).describe('As asked for.'),
  network: networkResult,
  lighthouseVersion: z.string().describe('Scores of different versions cannot be compared.'),
  browser: z
    .object({ engine: z.literal('chromium'), version: z.string().describe('Of Chromium.') })
    .describe('What the page was audited with.'),
  reports: z
    .object({
      json: z.string().describe('Name of the blob with Lighthouse’s whole result, as its command line writes it.'),
      html: z.string().describe('Name of the blob with the report to look at.'),
    })
    .describe('The full reports of the median run.'),
});
export type LighthouseResult = z.infer<typeof lighthouseResult>;
