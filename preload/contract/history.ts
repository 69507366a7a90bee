import { z } from 'zod';
import { blobReference, jsonObject, lane, taskError, unixMs } from '../../main/protocol/fields.ts';

/** What is read of tasks that were done, run and wait. Lists come in pages. */

export const outcomeFilter = z.enum(['completed', 'failed', 'cancelled', 'running']);

export const historyFilter = z.object({
  /** Part of the URL or of a task id, upper and lower case alike. */
  text: z.string().max(500).default(''),
  type: z.string().nullable().default(null),
  outcome: outcomeFilter.nullable().default(null),
  /** Host name of the URL. */
  host: z.string().nullable().default(null),
  /** Started at this time or later. */
  fromMs: unixMs.nullable().default(null),
  /** Started before this time; a list keeps its own, so that new attempts do not shift its rows. */
  toMs: unixMs.nullable().default(null),
});
export type HistoryFilter = z.infer<typeof historyFilter>;

/** One execution of a task: a row of History. */
export const historyRow = z.object({
  attemptId: z.string(),
  taskId: z.string(),
  attemptNumber: z.number().int(),
  type: z.string(),
  url: z.string(),
  host: z.string(),
  origin: z.enum(['hub', 'local']),
  startedAtMs: unixMs,
  durationMs: z.number().nullable(),
  /** `running` while it has not ended. */
  outcome: outcomeFilter,
  error: taskError.nullable(),
});
export type HistoryRow = z.infer<typeof historyRow>;

export const historyPage = z.object({ rows: z.array(historyRow), total: z.number().int() });

export const taskStatusName = z.enum(['pending', 'processing', 'completed', 'failed', 'cancelled']);

export const attemptDetail = z.object({
  attemptId: z.string(),
  number: z.number().int(),
  startedAtMs: unixMs,
  finishedAtMs: unixMs.nullable(),
  durationMs: z.number().nullable(),
  outcome: z.enum(['completed', 'failed', 'cancelled']).nullable(),
  error: taskError.nullable(),
  /** What the person can do about the error. */
  advice: z.string().nullable(),
  blobs: z.array(blobReference),
});
export type AttemptDetail = z.infer<typeof attemptDetail>;

/** A point of a task's way, in order. `atMs` null: not (yet) reached. */
export const timelineEntry = z.object({
  step: z.enum(['queued', 'leased', 'started', 'stage', 'finished', 'delivered']),
  label: z.string(),
  atMs: unixMs.nullable(),
});

export const taskDetail = z.object({
  taskId: z.string(),
  type: z.string(),
  url: z.string(),
  host: z.string(),
  lane,
  status: taskStatusName,
  priority: z.number().int(),
  attempts: z.number().int(),
  maxAttempts: z.number().int(),
  origin: z.enum(['hub', 'local']),
  jobId: z.string().nullable(),
  createdAtMs: unixMs,
  runAtMs: unixMs,
  progress: z.object({ percent: z.number(), stage: z.string() }),
  /** Cookies, headers and passwords in it are masked. */
  payload: jsonObject,
  /** The result of the task type; null while there is none. */
  result: jsonObject.nullable(),
  attemptHistory: z.array(attemptDetail),
  timeline: z.array(timelineEntry),
  /** `null`: of this machine, so that nobody waits for it. */
  delivery: z.enum(['waiting', 'delivered', 'refused']).nullable(),
  canCancel: z.boolean(),
  canRetry: z.boolean(),
});
export type TaskDetail = z.infer<typeof taskDetail>;

/** An hour of the last day. */
export const activityBucket = z.object({
  fromMs: unixMs,
  completed: z.number().int(),
  failed: z.number().int(),
  /** Half of the attempts took at most this; null without any. */
  medianDurationMs: z.number().nullable(),
});

/** A page that Lighthouse has looked at. */
export const scoredPage = z.object({
  url: z.string(),
  host: z.string(),
  formFactor: z.string(),
  audits: z.number().int(),
  lastAtMs: unixMs,
  /** 0 to 1 by category (`performance`, `accessibility`, `best-practices`, `seo`); null where it was not scored. */
  categories: z.record(z.string(), z.number().nullable()),
});
export type ScoredPage = z.infer<typeof scoredPage>;

export const scorePoint = z.object({
  taskId: z.string(),
  atMs: unixMs,
  categories: z.record(z.string(), z.number().nullable()),
  /** Milliseconds by metric, `cls` without unit; null where it was not measured. */
  metrics: z.record(z.string(), z.number().nullable()),
});
export type ScorePoint = z.infer<typeof scorePoint>;

/** A type that tasks can be made of. */
export const taskTypeDescription = z.object({
  name: z.string(),
  summary: z.string(),
  lane,
  /** False when the host has switched it off. */
  enabled: z.boolean(),
  /** JSON Schema (2020-12) of the payload, with defaults and descriptions. */
  payloadSchema: jsonObject,
});
export type TaskTypeDescription = z.infer<typeof taskTypeDescription>;
