import { z } from 'zod';
import { blobReference, byteCount, jsonObject, lane, progress, taskError, taskTypeName } from './fields.ts';
import { hostPageLimits } from './page-limits.ts';

/** What the agent tells the task host, over the process's message channel. */
export const toTaskHost = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('run'),
    attemptId: z.string(),
    type: taskTypeName,
    payload: jsonObject.describe('Parsed: with its defaults.'),
    deadlineMs: z.number().int().positive(),
  }),
  z.object({ kind: z.literal('cancel'), attemptId: z.string() }),
  z.object({ kind: z.literal('prepare'), lane }).describe('Warm the browser of a lane up.'),
  z.object({ kind: z.literal('stop') }).describe('Close the browsers and exit.'),
]);
export type ToTaskHost = z.infer<typeof toTaskHost>;

/** What an attempt came to, as the task host tells it. Its blobs are on disk and fsynced before it is sent. */
export const attemptOutcome = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('completed'), result: jsonObject, blobs: z.array(blobReference) }),
  z.object({ outcome: z.literal('failed'), error: taskError, notBeforeMs: z.number().optional() }),
]);
export type AttemptOutcome = z.infer<typeof attemptOutcome>;

/** What an attempt took of the machine's network, TLS and headers included, as far as it was measured. */
export const networkUsage = z.object({ bytesDown: byteCount, bytesUp: byteCount });
export type NetworkUsage = z.infer<typeof networkUsage>;

export const browserInformation = z.object({
  kind: z.enum(['chromium', 'headless_shell']),
  version: z.string(),
  path: z.string(),
});
export type BrowserInformation = z.infer<typeof browserInformation>;

/** What the task host tells the agent. */
export const fromTaskHost = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), processId: z.number().int() }),
  z.object({
    kind: z.literal('alive'),
    memoryBytes: z.number(),
    browsers: z.number().int(),
    attempts: z.number().int(),
  }),
  z.object({ kind: z.literal('progress'), attemptId: z.string(), progress }),
  z
    .object({
      kind: z.literal('slot_free'),
      attemptId: z.string(),
    })
    .describe('The page is closed and only the writing of the result is left: the next task may start.'),
  z
    .object({
      kind: z.literal('site_answered'),
      attemptId: z.string(),
      origin: z.string().max(300).describe('Of the document, such as https://example.org.'),
      status: z.number().int().describe('HTTP status of the document.'),
      retryAfterMs: z.number().nonnegative().nullable().describe('Its Retry-After, from now; null without one.'),
    })
    .describe('How the site of a page has answered, so that the agent can leave one alone that asks for less.'),
  z.object({
    kind: z.literal('finished'),
    attemptId: z.string(),
    result: attemptOutcome,
    usage: networkUsage.optional(),
  }),
  z.object({ kind: z.literal('log'), level: z.enum(['debug', 'info', 'warn', 'error']), message: z.string() }),
]);
export type FromTaskHost = z.infer<typeof fromTaskHost>;

/** How the task host is started: one JSON text in the environment variable `LEGWORK_TASK_HOST`. */
export const taskHostSettings = z.object({
  blobFolder: z.string(),
  /** Profiles and everything temporary; the agent sweeps it. */
  runFolder: z.string(),
  chromiumPath: z.string().nullable(),
  headlessShellPath: z.string().nullable(),
  /** Chromium's own sandbox; off only where the host said so (as root, in some containers). */
  sandbox: z.boolean(),
  /** Whether other programs get the processor first. */
  backgroundPriority: z.boolean().optional(),
  /** What pages may reach; all of it is the host's, nothing a hub's or a payload's. */
  network: z.object({
    /** Hosts and ranges that pages may reach although they are not public. */
    allowedPrivateHosts: z.array(z.string()),
    /** Domains that are never visited. */
    blockedHosts: z.array(z.string()),
    /** Where the hub is, which no page reaches; null without one. */
    hub: z.string().nullable(),
    /** Ports of Legwork's own programs on this machine, which no page reaches either. */
    ownPorts: z.array(z.number().int()),
    /** The proxy that everything goes through: `http://…` or `pac+…`; null: none. May hold a password. */
    upstreamProxy: z.string().nullable(),
  }),
  /** Less than what a page may take by itself. */
  pageLimits: hostPageLimits.optional(),
  /** What every user agent ends with; '' or none: nothing. */
  userAgentSuffix: z.string().optional(),
  /** Whether robots.txt is asked before a single page is visited. Default `ignore`. */
  robotsForPages: z.enum(['ignore', 'honour']).optional(),
  recycle: z.object({ afterPages: z.number().int(), afterMs: z.number().int(), memoryBytes: z.number() }),
});
export type TaskHostSettings = z.infer<typeof taskHostSettings>;
