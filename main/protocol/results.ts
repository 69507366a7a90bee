import { z } from 'zod';
import { inlineContent } from './blobs.ts';
import { blobReference, durationMs, identifier, jsonObject, taskError, taskTypeName, unixMs } from './fields.ts';

/** `POST /internal/results`: the outcome of a task's last attempt. Idempotent by `attemptId`. */
export const submitResultRequest = z.object({
  leaseId: identifier,
  jobId: identifier,
  attemptId: identifier.describe('Unique for an execution; a repeated submission carries the same one.'),
  type: taskTypeName,
  typeVersion: z.number().int().positive(),
  attempts: z
    .number()
    .int()
    .min(0)
    .max(100)
    .describe('Executions that this lease took; 0 when it was refused unexecuted.'),
  outcome: z.enum(['completed', 'failed']),
  startedAtMs: unixMs,
  finishedAtMs: unixMs,
  durationMs,
  result: jsonObject.nullable().describe('As the result schema of the task type says; null unless completed.'),
  error: taskError.nullable().describe('null unless failed.'),
  blobs: z
    .array(
      blobReference.extend({
        content: inlineContent
          .optional()
          .describe('The blob itself, up to what the handshake allows; without it, it must be stored before.'),
      }),
    )
    .max(100)
    .describe('The large parts of the result.'),
});
export type SubmitResultRequest = z.infer<typeof submitResultRequest>;

/** Status 200. `409 already_stored` means the same to an agent; `410 lease_lost` ends the delivery. */
export const submitResultResponse = z.object({ status: z.literal('stored') });
export type SubmitResultResponse = z.infer<typeof submitResultResponse>;
