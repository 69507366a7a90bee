import { z } from 'zod';
import { byteCount, identifier, taskTypeName, unixMs } from './fields.ts';

/** `POST /internal/handshake`: an agent says what it is and what it still holds. Starts a session. */
export const handshakeRequest = z.object({
  protocolVersion: z.number().int().positive(),
  agentVersion: z.string().max(50),
  instanceId: identifier.describe('Made once for an installation; a copy of it elsewhere is another instance.'),
  epoch: z.number().int().positive().describe('Grows with each start of the instance.'),
  startId: identifier.describe('Made anew at each start of the program; tells two copies of one instance apart.'),
  operatingSystem: z.object({
    platform: z.string().max(50),
    release: z.string().max(200),
    architecture: z.string().max(50),
  }),
  cpuCount: z.number().int().positive(),
  memoryBytes: byteCount,
  browsers: z.array(z.object({ kind: z.enum(['chromium', 'headless_shell']), version: z.string().max(100) })).max(10),
  taskTypes: z.array(z.object({ type: taskTypeName, version: z.number().int().positive() })).max(200),
  heldLeases: z.array(identifier).max(10_000).describe('Leases whose task is still queued or running here.'),
  unsentResults: z
    .array(z.object({ leaseId: identifier, attemptId: identifier }))
    .max(10_000)
    .describe('Finished results that the hub has not confirmed yet.'),
});
export type HandshakeRequest = z.infer<typeof handshakeRequest>;

export const handshakeResponse = z.object({
  workerId: identifier,
  sessionId: identifier.describe('Names this start of this agent in the calls that follow.'),
  hubTimeMs: unixMs,
  leaseSeconds: z.number().int().min(5).max(86_400).describe('How long a lease lasts without renewal.'),
  heartbeatSeconds: z.number().int().min(1).max(3_600).describe('How often to renew while leases are held.'),
  maxWaitSeconds: z.number().int().min(0).max(50).describe('Longest waitSeconds the hub accepts.'),
  maxTasksPerRequest: z.number().int().min(1).max(1_000),
  maxBlobBytes: byteCount.describe('Largest blob, uncompressed.'),
  maxBlobChunkBytes: byteCount.min(1_024).describe('Largest body of one PUT of a blob.'),
  maxInlineBlobBytes: byteCount
    .optional()
    .describe('Blobs, uncompressed and together, that one result may carry itself. Absent: none, all are sent by PUT.'),
  keptLeases: z.array(identifier).max(20_000).describe('Leases of the request that are still this agent’s own.'),
  lostLeases: z.array(identifier).max(20_000).describe('Leases of the request that it must not work on any more.'),
  minimumAgentVersion: z.string().max(50).optional(),
});
export type HandshakeResponse = z.infer<typeof handshakeResponse>;
