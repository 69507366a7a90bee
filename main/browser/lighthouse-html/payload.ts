import { z } from 'zod';
import { pageAddress } from '../page-address.ts';
import { extraHeaders } from '../request-headers.ts';

/** The categories that are audited unless others are asked for: the settled ones of the `lighthouse` command line. */
export const DEFAULT_CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'] as const;

export const lighthouseCategory = z.enum([...DEFAULT_CATEGORIES, 'agentic-browsing']);
export type LighthouseCategory = z.infer<typeof lighthouseCategory>;

/** What is left of a task's attempt beside its runs: writing the reports, closing the browser. */
const OVERHEAD_MS = 20_000;

/** What other tasks say in fields of their own, an audit can only be told by a header. */
const COOKIE_VALUE = /^[!-~](?:[ -~]{0,7998}[!-~])?$/;

const auditHeaders = z
  .record(z.string(), z.string())
  .superRefine((headers, context) => {
    const isCookie = ([name]: [string, string]): boolean => name.toLowerCase() === 'cookie';
    for (const [name, value] of Object.entries(headers).filter(isCookie)) {
      if (COOKIE_VALUE.test(value)) continue;
      context.addIssue({ code: 'custom', path: [name], message: 'must be printable ASCII without line ends' });
    }
    const others = Object.entries(headers).filter((entry) => !isCookie(entry));
    for (const { path, message } of extraHeaders.safeParse(Object.fromEntries(others)).error?.issues ?? []) {
      context.addIssue({ code: 'custom', path, message });
    }
  })
  .describe(
    'Sent with every request of the page, to whatever host; `Cookie` may be among them. The report names them.',
  );

const locale = z
  .string()
  .max(35)
  .refine(isLanguageTag, 'must be a language tag such as de or pt-BR')
  .describe('Language of the report (BCP 47). English when Lighthouse does not have it.');

export const lighthousePayload = z.strictObject({
  url: pageAddress.describe('The page to audit: an absolute http or https address without credentials.'),
  formFactor: z
    .enum(['mobile', 'desktop'])
    .default('mobile')
    .describe('The emulated device: screen, user agent, network and CPU as Lighthouse’s preset has them.'),
  categories: z
    .array(lighthouseCategory)
    .min(1)
    .max(lighthouseCategory.options.length)
    .optional()
    .describe(
      'What to audit. Without it: performance, accessibility, best-practices and seo, or nothing but `onlyAudits` if that is given.',
    ),
  onlyAudits: z
    .array(
      z
        .string()
        .max(100)
        .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be the id of a Lighthouse audit, such as first-contentful-paint'),
    )
    .min(1)
    .max(200)
    .optional()
    .describe('Ids of single audits, carried out beside `categories`. The scores then count only what was audited.'),
  throttling: z
    .enum(['simulate', 'devtools', 'provided'])
    .default('simulate')
    .describe(
      'How the slow network and CPU come about: worked out from a fast load, imposed by the browser, or not at all.',
    ),
  runs: z
    .number()
    .int()
    .min(1)
    .max(5)
    .default(1)
    .describe('How often the page is audited, each time in a new browser. The result is that of the median run.'),
  locale: locale.default('en-US'),
  extraHeaders: auditHeaders.default({}),
  fullPageScreenshot: z
    .boolean()
    .default(true)
    .describe('Keeps a picture of the whole page in the report, which about doubles its size.'),
  timeoutMs: z
    .number()
    .int()
    .min(5_000)
    .max(600_000)
    .default(120_000)
    .describe('The longest that one run may take, the start of its browser included, in milliseconds.'),
});
export type LighthousePayload = z.output<typeof lighthousePayload>;

/** The longest that a whole attempt may take. */
export function lighthouseDeadlineMs(payload: LighthousePayload): number {
  return payload.runs * payload.timeoutMs + OVERHEAD_MS;
}

function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
