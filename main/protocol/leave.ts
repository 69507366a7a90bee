import { z } from 'zod';
import { identifier } from './fields.ts';

/**
 * `POST /internal/leave`: the host leaves this hub for good. Returned leases go back to the hub's queue, all others of
 * the worker too, and its secret is revoked. Needs no session. A repetition is refused as `revoked_worker`, which says
 * that it has been done.
 */
export const leaveRequest = z.object({
  returnedLeases: z
    .array(z.object({ leaseId: identifier, attemptsUsed: z.number().int().min(0).max(100) }))
    .max(10_000),
});
export type LeaveRequest = z.infer<typeof leaveRequest>;

export const leaveResponse = z.object({ status: z.literal('left') });
export type LeaveResponse = z.infer<typeof leaveResponse>;
