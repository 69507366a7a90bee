import { z } from 'zod';
import { pageLimitsWish } from '../../protocol/page-limits.ts';
import { pageAddress } from '../page-address.ts';
import { extraHeaders } from '../request-headers.ts';

/** Higher than this a screenshot is cut off: it is the most that Chromium draws in one piece. */
export const MAX_SCREENSHOT_PIXELS = 16_384;

/** Device pixels of one picture: 64 million take a quarter of a gigabyte. */
export const MAX_PICTURE_PIXELS = 64 * 1024 * 1024;

/** What is left of an attempt's deadline for the start of a browser, the pictures and the writing. */
const BEYOND_TIMEOUT_MS = 60_000;

const viewport = z
  .strictObject({
    width: z.number().int().min(1).max(8_192).describe('CSS pixels.'),
    height: z.number().int().min(1).max(8_192).describe('CSS pixels.'),
    deviceScaleFactor: z.number().min(0.1).max(4).default(1).describe('Device pixels of a CSS pixel.'),
  })
  .refine(
    ({ width, height, deviceScaleFactor }) => width * height * deviceScaleFactor ** 2 <= MAX_PICTURE_PIXELS,
    'must have at most 67108864 device pixels (width × height × deviceScaleFactor²)',
  )
  .describe('Size of the window. Default 1280 × 720, or that of the device.');

const locale = z
  .string()
  .max(35)
  .refine(isLocale, 'must be a language tag such as de or pt-BR')
  .describe('Language of the browser (BCP 47): Accept-Language, navigator.language and number formats.');

const timezoneId = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be a time zone such as Europe/Berlin')
  .describe('Time zone of the page (IANA).');

const cookie = z.strictObject({
  name: z
    .string()
    .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,250}$/, 'must be a cookie name')
    .describe('RFC 6265 token.'),
  value: z
    .string()
    .regex(/^[!#-+\--:<-[\]-~]{0,4000}$/, 'must be printable ASCII without space, quote, comma, ; or \\')
    .describe('Kept sealed wherever it is stored.'),
  domain: z
    .string()
    .regex(/^\.?[A-Za-z0-9.\-[\]:]{1,255}$/, 'must be a host name')
    .optional()
    .describe('Default: the host of the URL alone.'),
  path: z
    .string()
    .regex(/^\/[!-:<-~]{0,1000}$/, 'must be a path that starts with /')
    .default('/')
    .describe('Pages below this path get the cookie.'),
  expiresAtMs: z.number().int().positive().optional().describe('Unix time in milliseconds; default: the session.'),
  httpOnly: z.boolean().default(false).describe('Hidden from the scripts of the page.'),
  secure: z.boolean().default(false).describe('Sent over TLS only.'),
  sameSite: z.enum(['strict', 'lax', 'none']).optional().describe('Default: as the browser takes a cookie without it.'),
});

const screenshot = z.strictObject({
  fullPage: z
    .boolean()
    .default(false)
    .describe(`The whole page instead of the window, up to ${MAX_SCREENSHOT_PIXELS} pixels high.`),
  format: z.enum(['png', 'jpeg', 'webp']).default('png').describe('Of the picture.'),
  quality: z.number().int().min(1).max(100).default(80).describe('Of jpeg and webp.'),
});

/** What `website_html` is asked for; defaults filled in. */
export const websiteHtmlPayload = z
  .strictObject({
    url: pageAddress.describe('The page: an absolute http or https address without credentials.'),
    waitUntil: z
      .enum(['load', 'domcontentloaded', 'networkidle', 'quiet'])
      .default('load')
      .describe(
        'When the page is taken. domcontentloaded: its HTML is parsed. load: so are its resources. networkidle: ' +
          'loaded, and then no request was open for 500 ms. quiet: loaded, and then no request was open and nothing ' +
          'in the document changed for 500 ms. A page that sends the browser on within a second is followed.',
      ),
    waitForSelector: z
      .string()
      .min(1)
      .max(1_000)
      .optional()
      .describe('Waits, after waitUntil, until an element matches this CSS selector.'),
    timeoutMs: z
      .number()
      .int()
      .min(1)
      .max(120_000)
      .default(30_000)
      .describe('How long loading and waiting may take together.'),
    viewport: viewport.optional(),
    device: z
      .string()
      .max(100)
      .optional()
      .describe('A device of Playwright’s list, such as "iPhone 15": its window, touch and user agent.'),
    userAgent: z
      .string()
      .regex(/^[ -~]{1,1000}$/, 'must be printable ASCII')
      .optional()
      .describe(
        'What the browser calls itself. Default: its own name. The host’s suffix follows it, Legwork/0.1 by default.',
      ),
    locale: locale.optional(),
    timezoneId: timezoneId.optional(),
    colorScheme: z
      .enum(['light', 'dark', 'no-preference'])
      .optional()
      .describe('What the page is told that its reader prefers.'),
    extraHeaders: extraHeaders.default({}),
    cookies: z.array(cookie).max(200).default([]).describe('Set before the page is opened.'),
    basicAuth: z
      .strictObject({
        username: z.string().max(1_000).describe('Name for the site.'),
        password: z.string().max(1_000).describe('Kept sealed wherever it is stored.'),
      })
      .optional()
      .describe('Answers the HTTP authentication of the URL’s own origin, and of no other.'),
    javaScriptEnabled: z.boolean().default(true).describe('Whether the scripts of the page run.'),
    blockResources: z
      .array(z.enum(['stylesheet', 'image', 'media', 'font', 'script', 'fetch']))
      .max(6)
      .default([])
      .describe('Kinds of resources that are not loaded.'),
    screenshot: screenshot.optional().describe('Keeps a picture of the page.'),
    pdf: z.boolean().default(false).describe('Prints the page on A4.'),
    har: z.boolean().default(false).describe('Keeps a HAR of the requests, without bodies, cookies and credentials.'),
    markdown: z.boolean().default(false).describe('Keeps the page as Markdown.'),
    text: z.boolean().default(false).describe('Keeps the text that a reader sees.'),
    limits: pageLimitsWish
      .optional()
      .describe('Where the page is stopped earlier than usual. The host of a machine may set less.'),
    engine: z
      .enum(['any', 'headless_shell', 'chromium'])
      .default('any')
      .describe('any: the headless shell where there is one, which is several times as fast; else full Chromium.'),
  })
  .refine((payload) => !(payload.device !== undefined && payload.viewport !== undefined), {
    path: ['viewport'],
    message: 'may not be given together with device, which has its own',
  });

export type WebsiteHtmlPayload = z.output<typeof websiteHtmlPayload>;

/** The longest that one attempt may take, in milliseconds. */
export function websiteHtmlDeadlineMs(payload: { readonly timeoutMs: number }): number {
  return payload.timeoutMs + BEYOND_TIMEOUT_MS;
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
