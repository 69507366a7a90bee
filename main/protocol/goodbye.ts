import { z } from 'zod';
import { identifier } from './fields.ts';

/** `POST /internal/goodbye`: a clean stop. Returned leases go back to the hub's queue at once. */
export const goodbyeRequest = z.object({
  sessionId: identifier,
  reason: z.enum(['stopped', 'paused', 'sleeping', 'leaving']),
  returnedLeases: z
    .array(z.object({ leaseId: identifier, attemptsUsed: z.number().int().min(0).max(100) }))
    .max(10_000),
});
export type GoodbyeRequest = z.infer<typeof goodbyeRequest>;

export const goodbyeResponse = z.object({ returnedLeases: z.array(identifier).max(10_000) });
export type GoodbyeResponse = z.infer<typeof goodbyeResponse>;
