import { z } from 'zod';
import { identifier, jsonObject, progress } from './fields.ts';
import { command, lostLease } from './request-work.ts';

/** `POST /internal/heartbeat`: one batch that renews every held lease and carries the progress of running tasks. */
export const heartbeatRequest = z.object({
  sessionId: identifier,
  leases: z
    .array(
      z.object({
        leaseId: identifier,
        state: z.enum(['queued', 'running', 'delivering']),
        progress: progress.optional(),
      }),
    )
    .max(10_000),
  acknowledgedCommands: z.array(identifier).max(100).default([]),
  diagnostics: jsonObject.optional().describe('Only after the command send_diagnostics.'),
});
export type HeartbeatRequest = z.infer<typeof heartbeatRequest>;

export const heartbeatResponse = z.object({
  renewedLeases: z.array(identifier).max(10_000),
  leaseSeconds: z.number().int().min(1).max(86_400).describe('Seconds from now until the renewed leases end.'),
  lostLeases: z.array(lostLease).max(10_000).default([]),
  commands: z.array(command).max(100).default([]),
});
export type HeartbeatResponse = z.infer<typeof heartbeatResponse>;
