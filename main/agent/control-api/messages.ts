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
  byStatus: countByStatus.describe('The same by status.'),
  byType: z.record(z.string(), countByStatus).describe('The same by task type, each as `byStatus`.'),
  setAside: z
    .object({ page: count, exclusive: count })
    .describe('Of the pending ones, those whose site may not be visited yet, by lane.'),
  oldestPendingAtMs: unixMs.nullable().describe('When the longest waiting task was made; null when none waits.'),
  completedLastHour: count.describe('Tasks.'),
  failedLastHour: count.describe('Tasks that failed for good.'),
  outboxWaiting: count.describe('Results that the hub has not confirmed.'),
});

export const enqueueBody = z.strictObject({
  tasks: z
    .array(
      z.strictObject({
        type: taskTypeName,
        payload: z.record(z.string(), z.json()).describe('As the task type describes it, see tasks.md.'),
        priority: priority.optional(),
        maxAttempts: maxAttempts.optional(),
        uniqueKey: z
          .string()
          .min(1)
          .max(500)
          .optional()
          .describe('A task that has this key already is not made again: send it again when no answer came.'),
      }),
    )
    .min(1)
    .max(100)
    .describe('All of them are taken, or none.'),
});
export const enqueueAnswer = z.object({
  tasks: z
    .array(
      z.object({
        id: z.string().describe('Of the task.'),
        created: z.boolean().describe('false: a task with this key was there already.'),
      }),
    )
    .describe('In the order of the request.'),
});

export const cleanupAnswer = z.object({ deletedTasks: count.describe('How many were removed.') });
export const resetStuckAnswer = z.object({ reset: count.describe('How many were taken back.') });

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
  code: z.enum(HEALTH_CODES).describe('Of the problem, see below.'),
  message: z.string().describe('What is wrong, for a person.'),
  sinceMs: unixMs.nullable().describe('Since when, as far as that is known.'),
});
export type HealthProblem = z.infer<typeof healthProblem>;
export const healthAnswer = z.object({
  healthy: z.boolean().describe('Whether there is no problem.'),
  problems: z.array(healthProblem).describe('The gravest first. A pause is none.'),
  checkedAtMs: unixMs.describe('When this was found.'),
});

export const workerStatsAnswer = z.object({
  startedAtMs: unixMs.describe('When this start of the agent began.'),
  uptimeMs: durationMs.describe('Since then.'),
  attempts: z
    .object({
      completed: count.describe('Came to a result.'),
      failed: count.describe('Failed, and their tasks with them.'),
      retry: count.describe('Failed, and are tried again.'),
      interrupted: count.describe('Stopped for reasons of this machine; they do not count.'),
      ignored: count.describe('Of tasks that were cancelled, or whose lease was lost.'),
    })
    .describe('How attempts of this start have ended.'),
  usage: z
    .object({
      year: count.describe('Of the month.'),
      month: count.describe('1 to 12.'),
      tasks: count.describe('That ended.'),
      browserTimeMs: durationMs.describe('That attempts took.'),
      bytesDown: byteCount.describe('That pages received.'),
      bytesUp: byteCount.describe('That pages sent.'),
    })
    .describe("This month's, in the time zone of the machine."),
});

export const statusAnswer = z.object({
  version: z.string().describe('Of Legwork.'),
  processId: count.describe('Of the agent.'),
  startedAtMs: unixMs.describe('When this start of the agent began.'),
  activity: z
    .enum(['starting', 'idle', 'working', 'paused', 'draining', 'stopped'])
    .describe('What the agent as a whole does.'),
  pausedBy: z.array(z.enum(['host', 'operator'])).describe('Who has paused it; each lifts only the own pause.'),
  pausedUntilMs: unixMs.nullable().describe('When the pause ends by itself; null when somebody must lift it.'),
  hub: z
    .object({
      url: z.string().describe('Its address.'),
      workerId: z.string().describe('The name of this agent there.'),
      state: z.string().describe('Of the connection, such as `connected` or `offline`.'),
      reason: z.string().nullable().describe('Why it is not connected, for a person.'),
    })
    .nullable()
    .describe('null: there is none.'),
  limits: z
    .object({
      mayWork: z.boolean().describe('Whether they let work start.'),
      reasons: z.array(z.string()).describe('Why not, a sentence each.'),
    })
    .describe("What the host's limits say."),
  concurrency: z
    .object({
      now: count.describe('Pages that may run side by side now.'),
      max: count.describe('What the host has configured.'),
      reason: z.string().nullable().describe('Why it is less.'),
    })
    .describe('How much is done at once.'),
  problems: z.array(z.string()).describe('What keeps it from working as it should, a sentence each.'),
  running: z
    .array(
      z.object({
        taskId: z.string().describe('Of the task.'),
        type: z.string().describe('Its type.'),
        url: z.string().describe('Its page.'),
        attempt: count.describe('1, 2, …'),
        startedAtMs: unixMs.describe('When this attempt began.'),
        progress: progress.describe('How far it is.'),
      }),
    )
    .describe('What is being executed.'),
  pendingTasks: count.describe('Tasks that wait.'),
  undeliveredResults: count.describe('Results that the hub has not confirmed.'),
  slowSites: z
    .array(
      z.object({
        site: z.string().describe('Its host name.'),
        untilMs: unixMs.describe('When it may be visited again.'),
      }),
    )
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
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  }),
});
