import { z } from 'zod';
import { identifier } from '../protocol/fields.ts';
import { type JobView, jobView, type ResultView, resultView } from '../hub/job-view.ts';
import type { OperatorClient } from './operator-client.ts';

/** A job to be made; what is left out takes the hub's default. */
export interface JobRequest {
  type: string;
  payload: unknown;
  priority?: number;
  maxAttempts?: number;
  uniqueKey?: string;
}

const createdBatch = z.object({ jobs: z.array(z.object({ id: identifier, existing: z.boolean() })) });

/** Makes all jobs or none; `idempotencyKey` lets the same call be repeated. Gives their ids in order. */
export async function createJobs(
  client: OperatorClient,
  jobs: readonly JobRequest[],
  idempotencyKey: string,
  signal?: AbortSignal,
): Promise<z.infer<typeof createdBatch>['jobs']> {
  const options = { body: { jobs }, headers: { 'Idempotency-Key': idempotencyKey }, signal };
  return (await client.json('POST', '/api/jobs', createdBatch, options)).jobs;
}

export function readJob(client: OperatorClient, jobId: string, signal?: AbortSignal): Promise<JobView> {
  return client.json('GET', `/api/jobs/${encodeURIComponent(jobId)}`, jobView, { signal });
}

const jobPage = z.object({ jobs: z.array(jobView), nextCursor: z.string().nullable() });

/** The newest jobs, at most 500. */
export async function readNewestJobs(client: OperatorClient, limit: number, signal?: AbortSignal): Promise<JobView[]> {
  return (await client.json('GET', `/api/jobs?limit=${limit}`, jobPage, { signal })).jobs;
}

export function readResult(client: OperatorClient, jobId: string, signal?: AbortSignal): Promise<ResultView> {
  return client.json('GET', `/api/jobs/${encodeURIComponent(jobId)}/result`, resultView, { signal });
}

const counts = z.record(z.string(), z.number());
export const hubStatistics = z.object({
  total: z.number(),
  byStatus: counts,
  byType: z.record(z.string(), counts),
  oldestPendingCreatedAtMs: z.number().nullable(),
});
export const hubWorkers = z.object({
  workers: z.array(
    z.looseObject({
      workerId: z.string(),
      label: z.string(),
      state: z.enum(['online', 'offline', 'revoked']),
      openLeases: z.number(),
      lastSeenMs: z.number().nullable(),
    }),
  ),
});
