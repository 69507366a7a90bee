import { z } from 'zod';
import { jsonObject, maxAttempts, priority, taskTypeName, unixMs } from '../../protocol/fields.ts';

/** A point in time as Unix milliseconds, or as ISO 8601 with an offset; read as Unix milliseconds. */
export const pointInTime = z
  .union([unixMs, z.iso.datetime({ offset: true })], { error: 'must be Unix milliseconds or ISO 8601 with an offset' })
  .describe('Unix time in milliseconds, or ISO 8601 with an offset, such as 2026-11-30T08:00:00Z.');

/** The Unix milliseconds of a `pointInTime`. */
export function toUnixMs(time: z.infer<typeof pointInTime>): number {
  return typeof time === 'number' ? time : Date.parse(time);
}

/** A job as an operator asks for it. */
export const newJobRequest = z.strictObject({
  type: taskTypeName,
  payload: jsonObject.describe('As the schema of the task type says.'),
  priority: priority.default(5),
  maxAttempts: maxAttempts.default(3),
  uniqueKey: z.string().min(1).max(200).optional().describe('A second job with this key is not made; see existing.'),
  runAt: pointInTime.transform(toUnixMs).optional().describe('Not handed out before; Unix ms or ISO 8601.'),
  webhookUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .max(2_000)
    .optional()
    .describe('Told by a signed POST when the job is completed, failed or cancelled.'),
});
export type NewJobRequest = z.output<typeof newJobRequest>;

export const MAX_JOBS_IN_BATCH = 10_000;

export const newJobBatch = z.strictObject({
  jobs: z.array(newJobRequest).min(1).max(MAX_JOBS_IN_BATCH),
});
