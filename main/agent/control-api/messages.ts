import { z } from 'zod';
import { byteCount, durationMs, maxAttempts, priority, progress, taskTypeName, unixMs } from '../../protocol/fields.ts';
import { TASK_STATUSES } from '../queue/task.ts';

/** Bodies and answers of the control API. Times are Unix milliseconds. */

const count = z.number().int().nonnegative();
const countByStatus = z.object(
  Object.fromEntries(TASK_STATUSES.map((status) => [status, count])) as Record<
    (typeof TASK_STATUSES)[number],
    typeof count
  >,
);

/** A body for calls that take none: nothing, or an empty object. */
export const noBody = z.strictObject({}).optional();

export const queueStatsAnswer = z.object({
  total: count.describe('Tasks that are kept, ended ones included.'),
  byStatus: countByStatus,
  byType: z.record(z.string(), countByStatus),
  setAside: z
    .object({ page: count, exclusive: count })
    .describe('Pending tasks whose site may not be visited yet, by lane.'),
  oldestPendingAtMs: unixMs.nullable().describe('When the longest waiting task was made.'),
  completedLastHour: count,
  failedLastHour: count,
  outboxWaiting: count.describe('Results that the hub has not confirmed.'),
});

export const enqueueBody = z.strictObject({
  tasks: z
    .array(
      z.strictObject({
        type: taskTypeName,
        payload: z.record(z.string(), z.json()),
        priority: priority.optional(),
        maxAttempts: maxAttempts.optional(),
        uniqueKey: z
          .string()
          .min(1)
          .max(500)
          .optional()
          .describe('A task that has this key already is not made again.'),
      }),
    )
    .min(1)
    .max(100)
    .describe('All of them are taken, or none.'),
});
export const enqueueAnswer = z.object({
  tasks: z.array(z.object({ id: z.string(), created: z.boolean() })).describe('In the order of the request.'),
});

export const cleanupAnswer = z.object({ deletedTasks: count });
export const resetStuckAnswer = z.object({
  reset: count.describe('Tasks that nobody executed and that were taken back.'),
});

export const HEALTH_CODES = [
  'hub_unreachable',
  'hub_refuses',
  'browser_missing',
  'browser_failing',
  'disk_low',
  'store_failing',
  'clock_off',
  'queue_stuck',
] as const;
export const healthProblem = z.object({
  code: z.enum(HEALTH_CODES),
  message: z.string().describe('What is wrong, for a person.'),
  sinceMs: unixMs.nullable().describe('Since when, as far as that is known.'),
});
export type HealthProblem = z.infer<typeof healthProblem>;
export const healthAnswer = z.object({ healthy: z.boolean(), problems: z.array(healthProblem), checkedAtMs: unixMs });

export const workerStatsAnswer = z.object({
  startedAtMs: unixMs,
  uptimeMs: durationMs,
  attempts: z
    .object({ completed: count, failed: count, retry: count, interrupted: count, ignored: count })
    .describe('How attempts of this start have ended.'),
  usage: z.object({
    year: count,
    month: count,
    tasks: count,
    browserTimeMs: durationMs,
    bytesDown: byteCount,
    bytesUp: byteCount,
  }),
});

export const statusAnswer = z.object({
  version: z.string(),
  processId: count,
  startedAtMs: unixMs,
  activity: z.enum(['starting', 'idle', 'working', 'paused', 'draining', 'stopped']),
  pausedBy: z.array(z.enum(['host', 'operator'])),
  pausedUntilMs: unixMs.nullable(),
  hub: z
    .object({ url: z.string(), workerId: z.string(), state: z.string(), reason: z.string().nullable() })
    .nullable()
    .describe('null: there is none.'),
  limits: z.object({ mayWork: z.boolean(), reasons: z.array(z.string()) }),
  concurrency: z.object({ now: count, max: count, reason: z.string().nullable() }),
  problems: z.array(z.string()),
  running: z.array(
    z.object({ taskId: z.string(), type: z.string(), url: z.string(), attempt: count, startedAtMs: unixMs, progress }),
  ),
  pendingTasks: count,
  undeliveredResults: count,
  slowSites: z
    .array(z.object({ site: z.string(), untilMs: unixMs }))
    .describe('Sites that have asked for fewer visits and are left alone.'),
});

export const pauseBody = z
  .strictObject({
    untilMs: unixMs.optional().describe('It ends by itself then; without it, with a resume.'),
    note: z.string().max(200).optional().describe('Why, for people.'),
  })
  .optional();
export const pauseAnswer = z.object({
  activity: statusAnswer.shape.activity,
  pausedBy: statusAnswer.shape.pausedBy,
  pausedUntilMs: statusAnswer.shape.pausedUntilMs,
});

export const errorAnswer = z.object({
  error: z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()).optional() }),
});
