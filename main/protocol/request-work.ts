import { z } from 'zod';
import { identifier, jsonObject, maxAttempts, priority, taskTypeName } from './fields.ts';

/** What a hub asks of an agent beside the tasks; sent again with each answer until the agent acknowledges its id. */
export const command = z.object({
  id: identifier,
  command: z.enum(['pause', 'resume', 'drain', 'send_diagnostics', 'rotate_secret']),
});
export type Command = z.infer<typeof command>;

/** A lease that the agent must let go, and why. */
export const lostLease = z.object({
  leaseId: identifier,
  reason: z.enum(['cancelled', 'expired', 'superseded', 'unknown']),
});
export type LostLease = z.infer<typeof lostLease>;

/** `POST /internal/request-work`. With capacity 0 in both lanes it only listens for lost leases and commands. */
export const requestWorkRequest = z.object({
  sessionId: identifier,
  idempotencyKey: identifier.describe('The same key after a lost answer gives the same leases again.'),
  capacity: z.object({ page: z.number().int().min(0).max(1_000), exclusive: z.number().int().min(0).max(1_000) }),
  types: z.array(taskTypeName).max(200).describe('Task types that may be handed out now.'),
  heldLeases: z.array(identifier).max(10_000).describe('All leases the agent has, those of unsent results included.'),
  power: z.object({ onBattery: z.boolean().nullable(), idle: z.boolean().nullable() }).describe('null: not known.'),
  waitSeconds: z.number().int().min(0).max(50),
  acknowledgedCommands: z.array(identifier).max(100).default([]),
});
export type RequestWorkRequest = z.infer<typeof requestWorkRequest>;

/** A job as it is handed out. */
export const leasedTask = z.object({
  leaseId: identifier.describe('The fencing token: goes with the renewals and the result.'),
  leaseSeconds: z.number().int().min(1).max(86_400).describe('Seconds from now until the lease ends.'),
  jobId: identifier,
  type: taskTypeName,
  payload: jsonObject,
  priority,
  maxAttempts: maxAttempts.describe('Attempts that are left for this job.'),
});
export type LeasedTask = z.infer<typeof leasedTask>;

/** Status 200. When the wait ends with nothing to say, the answer is 204 without a body. */
export const requestWorkResponse = z.object({
  tasks: z.array(leasedTask).max(1_000),
  lostLeases: z.array(lostLease).max(10_000).default([]),
  commands: z.array(command).max(100).default([]),
});
export type RequestWorkResponse = z.infer<typeof requestWorkResponse>;
