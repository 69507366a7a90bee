import { z } from 'zod';
import { networkResult } from '../network-result.ts';

const milliseconds = z.number().nonnegative().nullable();

/** Where a part of the result is: the name of one of its blobs. */
const blobName = z.string().nullable();

/** What `website_html` gives. */
export const websiteHtmlResult = z.object({
  requestedUrl: z.string().describe('The URL of the payload.'),
  finalUrl: z.string().describe('Address of the document in the end, its fragment included.'),
  redirects: z
    .array(
      z.object({
        url: z.string().describe('Address that was left.'),
        status: z.number().int().describe('Its HTTP status.'),
      }),
    )
    .describe('Addresses passed on the way, with what each answered; 200 where the page itself sent the browser on.'),
  status: z.number().int().describe('HTTP status of the document.'),
  headers: z
    .record(z.string(), z.string())
    .describe('Of the document’s answer, names in lower case, repeated ones joined by a comma; without Set-Cookie.'),
  contentType: z.string().nullable().describe('As the site says it, or what the browser took it for.'),
  title: z.string().nullable().describe('Of the document, 1000 characters at most; null when the answer was not HTML.'),
  html: blobName.describe('The document as it stood in the end, in UTF-8; null when the answer was not HTML.'),
  body: blobName.describe('The answer as it came, when it was not HTML.'),
  text: blobName.describe('The text that a person sees, when text was asked for.'),
  markdown: blobName.describe('The document as Markdown, when markdown was asked for.'),
  screenshot: blobName.describe('The picture, when screenshot was asked for.'),
  pdf: blobName.describe('The page as printed, when pdf was asked for.'),
  har: blobName.describe('The requests in HAR 1.2, when har was asked for.'),
  timings: z.object({
    dnsMs: milliseconds.describe('Looking the host’s name up, which the network guard does.'),
    connectMs: milliseconds.describe('TCP and TLS together.'),
    tlsMs: milliseconds.describe('TLS alone; null without TLS.'),
    ttfbMs: milliseconds.describe('From the start of the navigation to the first byte, redirects included.'),
    domContentLoadedMs: milliseconds.describe('From the start of the navigation until the HTML was parsed.'),
    loadMs: milliseconds.describe('From the start of the navigation until the load event was over.'),
    fcpMs: milliseconds.describe('First contentful paint.'),
    lcpMs: milliseconds.describe('Largest contentful paint so far.'),
    cls: z.number().nonnegative().nullable().describe('Cumulative layout shift so far: the worst session window.'),
  }),
  consoleErrors: z
    .array(
      z.object({
        text: z.string().describe('What was logged.'),
        url: z.string().nullable().describe('The script or document it comes from.'),
        line: z.number().int().nullable().describe('Line in it, from 1.'),
      }),
    )
    .describe('Errors that the page logged or did not catch; at most 100.'),
  failedRequests: z
    .array(
      z.object({
        url: z.string().describe('What was asked for.'),
        type: z.string().describe('Kind of resource, such as Image or Script.'),
        status: z.number().int().nullable().describe('HTTP status; null without an answer.'),
        error: z
          .string()
          .nullable()
          .describe('The browser’s reason, such as net::ERR_CONNECTION_REFUSED, or the rule that refused it.'),
      }),
    )
    .describe('Requests without an answer, or with a status of 400 or more; at most 200.'),
  requestCount: z.number().int().nonnegative().describe('Requests of the page and its frames and workers.'),
  transferredBytes: z.number().int().nonnegative().describe('Bytes of all answers as they came over the network.'),
  network: networkResult,
  dialogs: z
    .array(
      z.object({
        type: z.enum(['alert', 'confirm', 'prompt', 'beforeunload']).describe('Kind of dialog.'),
        message: z.string().describe('What it said.'),
      }),
    )
    .describe('Dialogs that the page opened; each was dismissed. At most 20.'),
  popups: z.array(z.string()).describe('Addresses that the page opened windows for; each was closed. At most 20.'),
  truncated: z
    .array(z.enum(['consoleErrors', 'dialogs', 'failedRequests', 'har', 'headers', 'popups', 'screenshot']))
    .describe('Parts of this result that have less than there was, since they have a limit.'),
  browser: z.object({
    engine: z.enum(['headless_shell', 'chromium']).describe('Which browser rendered it.'),
    version: z.string().describe('Its version.'),
  }),
});

export type WebsiteHtmlResult = z.output<typeof websiteHtmlResult>;
