import { z } from 'zod';

const MEBIBYTE = 1024 * 1024;

/** How much one page may take: what is used when nothing is said, and the most that may be said. */
export const PAGE_LIMITS = {
  /** The main document, decoded, and the HTML that is taken of it. */
  documentBytes: { fallback: 25 * MEBIBYTE, smallest: 1_024, largest: 25 * MEBIBYTE },
  /** All answers of a page together, decoded; and all that goes over the network for it, both ways. */
  totalBytes: { fallback: 100 * MEBIBYTE, smallest: 1_024, largest: 1_024 * MEBIBYTE },
  /** Requests of the page, its frames and workers; WebSockets are counted with them. */
  requests: { fallback: 3_000, smallest: 1, largest: 20_000 },
  /** Redirects of the main document, those of the site and those of the page itself. */
  redirects: { fallback: 20, smallest: 0, largest: 20 },
} as const;

/** Limits of one page as numbers. */
export type PageLimits = Record<keyof typeof PAGE_LIMITS, number>;

/** What a payload may ask for: less than the host allows counts, more does not. */
export const pageLimitsWish = z.strictObject({
  documentBytes: wish('documentBytes').describe('The main document, decoded. Beyond it: page_too_large.'),
  totalBytes: wish('totalBytes').describe(
    'All answers together, decoded, and all bytes over the network. Beyond it: page_too_large.',
  ),
  requests: wish('requests').describe('Requests and WebSockets of the page. Beyond it: page_too_busy.'),
  redirects: wish('redirects').describe('Beyond it: too_many_redirects.'),
});

function wish(name: keyof typeof PAGE_LIMITS) {
  const { smallest, largest, fallback } = PAGE_LIMITS[name];
  return z.number().int().min(smallest).max(largest).default(fallback);
}

/** What the host sets; a limit that is left out is the largest that there is. */
export const hostPageLimits = z.object({
  documentBytes: z.number().int().positive().optional(),
  totalBytes: z.number().int().positive().optional(),
  requests: z.number().int().positive().optional(),
});
export type HostPageLimits = z.infer<typeof hostPageLimits>;

/** The limits that count for a page: of what was asked for and what the host allows, the smaller. */
export function effectivePageLimits(asked: Partial<PageLimits> | undefined, host: HostPageLimits = {}): PageLimits {
  const limit = (name: keyof typeof PAGE_LIMITS, most = Infinity): number =>
    Math.min(asked?.[name] ?? PAGE_LIMITS[name].fallback, PAGE_LIMITS[name].largest, most);
  return {
    documentBytes: limit('documentBytes', host.documentBytes),
    totalBytes: limit('totalBytes', host.totalBytes),
    requests: limit('requests', host.requests),
    redirects: limit('redirects'),
  };
}
