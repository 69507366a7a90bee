import { z } from 'zod';

const milliseconds = z.number().nonnegative().nullable();

/** Where a part of the result is: the name of one of its blobs. */
const blobName = z.string().nullable();

/** What `website_html` gives. */
export const websiteHtmlResult = z.object({
  requestedUrl: z.string(),
  finalUrl: z.string().describe('Address of the document in the end, its fragment included.'),
  redirects: z
    .array(z.object({ url: z.string(), status: z.number().int() }))
    .describe('Addresses passed on the way, with what each answered; 200 where the page itself sent the browser on.'),
  status: z.number().int().describe('HTTP status of the document.'),
  headers: z
    .record(z.string(), z.string())
    .describe('Of the document’s answer, names in lower case, repeated ones joined by a comma; without Set-Cookie.'),
  contentType: z.string().nullable().describe('As the site says it, or what the browser took it for.'),
  title: z.string().nullable(),
  html: blobName.describe('The document as it stood in the end, in UTF-8; null when the answer was not HTML.'),
  body: blobName.describe('The answer as it came, when it was not HTML.'),
  text: blobName,
  markdown: blobName,
  screenshot: blobName,
  pdf: blobName,
  har: blobName,
  timings: z.object({
    dnsMs: milliseconds,
    connectMs: milliseconds.describe('TCP and TLS together.'),
    tlsMs: milliseconds,
    ttfbMs: milliseconds.describe('From the start of the navigation to the first byte, redirects included.'),
    domContentLoadedMs: milliseconds,
    loadMs: milliseconds,
    fcpMs: milliseconds.describe('First contentful paint.'),
    lcpMs: milliseconds.describe('Largest contentful paint so far.'),
    cls: z.number().nonnegative().nullable().describe('Cumulative layout shift so far: the worst session window.'),
  }),
  consoleErrors: z
    .array(z.object({ text: z.string(), url: z.string().nullable(), line: z.number().int().nullable() }))
    .describe('Errors that the page logged or did not catch; at most 100.'),
  failedRequests: z
    .array(
      z.object({
        url: z.string(),
        type: z.string(),
        status: z.number().int().nullable(),
        error: z.string().nullable(),
      }),
    )
    .describe('Requests without an answer, or with a status of 400 or more; at most 200.'),
  requestCount: z.number().int().nonnegative(),
  transferredBytes: z.number().int().nonnegative().describe('Bytes of all answers as they came over the network.'),
  dialogs: z
    .array(z.object({ type: z.enum(['alert', 'confirm', 'prompt', 'beforeunload']), message: z.string() }))
    .describe('Dialogs that the page opened; each was dismissed. At most 20.'),
  popups: z.array(z.string()).describe('Addresses that the page opened windows for; each was closed. At most 20.'),
  browser: z.object({ engine: z.enum(['headless_shell', 'chromium']), version: z.string() }),
});

export type WebsiteHtmlResult = z.output<typeof websiteHtmlResult>;
