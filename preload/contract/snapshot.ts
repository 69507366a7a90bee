import { z } from 'zod';
import { lane, progress, unixMs } from '../../main/protocol/fields.ts';

/** What the whole window and the tray are drawn from, so that they never say different things. */

/**
 * What the agent is doing.
 * - `limited`: it would work, but a limit of the host says not now (see `limits.reasons`).
 * - `crashed`: it ended by itself and is being started again.
 */
export const activity = z.enum(['starting', 'idle', 'working', 'paused', 'limited', 'draining', 'stopped', 'crashed']);
export type Activity = z.infer<typeof activity>;

/** `attention`: a person must do something. `offline`: it has a server, which it does not reach. */
export const trayState = z.enum(['working', 'idle', 'paused', 'attention', 'offline']);
export type TrayState = z.infer<typeof trayState>;

export const linkStateName = z.enum([
  'connecting',
  'connected',
  'offline',
  'unaccepted',
  'revoked',
  'superseded',
  'too_old',
  'ended',
]);

/** Something that keeps the agent from working as it should, in words for people. */
export const problem = z.object({
  /** Stable name, such as `hub_unreachable`, `disk_full`, `browser_missing`. */
  code: z.string(),
  /** A few words. */
  title: z.string(),
  /** What is wrong. */
  sentence: z.string(),
  /** What the person can do; null when it passes by itself. */
  advice: z.string().nullable(),
  /** `attention` turns the tray icon. */
  severity: z.enum(['notice', 'attention']),
});
export type Problem = z.infer<typeof problem>;

export const runningTask = z.object({
  taskId: z.string(),
  attemptId: z.string(),
  attemptNumber: z.number().int(),
  type: z.string(),
  url: z.string(),
  /** Host name of the URL, as people read it. */
  host: z.string(),
  lane,
  startedAtMs: unixMs,
  progress,
});
export type RunningTask = z.infer<typeof runningTask>;

export const recentTask = z.object({
  taskId: z.string(),
  type: z.string(),
  host: z.string(),
  outcome: z.enum(['completed', 'failed', 'cancelled']),
  finishedAtMs: unixMs,
});
export type RecentTask = z.infer<typeof recentTask>;

/** The browser that tasks are done with. */
export const browserState = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('ready'),
    name: z.string(),
    version: z.string(),
    path: z.string(),
    /** A newer version than the downloaded one, which `downloadBrowser` gets; absent when there is none. */
    newerVersion: z.string().optional(),
  }),
  z.object({ state: z.literal('missing') }),
  z.object({
    state: z.literal('downloading'),
    version: z.string(),
    receivedBytes: z.number(),
    totalBytes: z.number().nullable(),
  }),
  z.object({ state: z.literal('failed'), sentence: z.string() }),
]);
export type BrowserState = z.infer<typeof browserState>;

export const updateState = z.discriminatedUnion('state', [
  /** This kind of installation does not update itself. */
  z.object({ state: z.literal('unsupported'), sentence: z.string() }),
  z.object({ state: z.literal('unknown') }),
  z.object({ state: z.literal('checking') }),
  z.object({ state: z.literal('unavailable'), checkedAtMs: unixMs }),
  z.object({ state: z.literal('available'), version: z.string(), notes: z.string().nullable() }),
  z.object({ state: z.literal('downloading'), version: z.string(), percent: z.number() }),
  /** Installed when the app is restarted, or by itself once nothing runs. */
  z.object({ state: z.literal('ready'), version: z.string() }),
  z.object({ state: z.literal('failed'), sentence: z.string() }),
]);
export type UpdateState = z.infer<typeof updateState>;

/** All of the agent and its shell at one moment. */
export const uiSnapshot = z.object({
  /** Grows with each snapshot, so that a late one is recognised. */
  sequence: z.number().int(),
  atMs: unixMs,
  version: z.string(),
  /** `desktop`: in the Electron app. `web`: `legwork agent --ui` in a browser. */
  shell: z.enum(['desktop', 'web']),
  platform: z.string(),
  /** True until the person has gone through the first run. */
  firstRun: z.boolean(),
  activity,
  tray: trayState,
  /** One line, such as "Auditing example.org, 3 of 12". */
  statusLine: z.string(),
  /** null: it works without a server. */
  hub: z
    .object({
      url: z.string(),
      workerId: z.string(),
      link: linkStateName,
      /** Why it is not connected. */
      reason: z.string().nullable(),
      lastContactAtMs: unixMs.nullable(),
    })
    .nullable(),
  problems: z.array(problem),
  running: z.array(runningTask),
  queue: z.object({
    pending: z.number().int(),
    /** Finished, but not yet confirmed by the server. */
    undelivered: z.number().int(),
    /** The first of those that wait. */
    next: z.array(z.object({ taskId: z.string(), type: z.string(), host: z.string(), runAtMs: unixMs })),
  }),
  /** Since midnight of the machine's time zone. */
  today: z.object({
    completed: z.number().int(),
    failed: z.number().int(),
    bytesDown: z.number(),
    bytesUp: z.number(),
    browserMs: z.number(),
  }),
  /** The last five that ended, newest first. */
  recent: z.array(recentTask),
  /** null: not paused. `untilMs` null: until somebody resumes. */
  pause: z.object({ by: z.enum(['host', 'operator']), note: z.string(), untilMs: unixMs.nullable() }).nullable(),
  limits: z.object({
    mayWork: z.boolean(),
    reasons: z.array(z.object({ rule: z.string(), sentence: z.string(), untilMs: unixMs.nullable() })),
  }),
  concurrency: z.object({ now: z.number().int(), max: z.number().int(), reason: z.string().nullable() }),
  /** While it is being stopped: why, and how many tasks are waited for. */
  stopping: z.object({ reason: z.string(), remaining: z.number().int() }).nullable(),
  /** The system's real state; null where there is no such thing (a web page). */
  startAtLogin: z.boolean().nullable(),
  browser: browserState,
  update: updateState,
  /** `weak`: kept by the system, but not protected from other programs of this user. `file`: a file of this user only. */
  secretStore: z.enum(['strong', 'weak', 'file']),
  /** Chromium's own sandbox. */
  sandbox: z.boolean(),
});
export type UiSnapshot = z.infer<typeof uiSnapshot>;
