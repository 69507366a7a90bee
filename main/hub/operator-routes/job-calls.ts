import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { identifier, taskTypeName, unixMs } from '../../protocol/fields.ts';
import type { HubServices } from '../hub-services.ts';
import { jobView, resultView, toJobView, toResultView } from '../job-view.ts';
import { HubRefusal } from '../refusal.ts';
import { JOB_STATUSES, jobStatus, type JobRow, type JobStatus } from '../store/job-rows.ts';
import { pointInTime, toUnixMs } from '../work/new-job.ts';
import { formatCursor, parseCursor } from './cursor.ts';

const jobParams = z.object({ id: identifier });
const queryTime = z
  .preprocess((value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value), pointInTime)
  .transform(toUnixMs);
const listQuery = z.strictObject({
  status: jobStatus.optional(),
  type: taskTypeName.optional(),
  workerId: identifier.optional(),
  uniqueKey: z.string().max(200).optional(),
  createdAfter: queryTime.optional(),
  createdBefore: queryTime.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(200).optional().describe('nextCursor of the page before.'),
});
const jobPage = z.object({
  jobs: z.array(jobView),
  nextCursor: z.string().nullable().describe('For the next page; null on the last one.'),
});
const countsByStatus = z.record(z.enum(JOB_STATUSES), z.number().int());
const jobStats = z.object({
  total: z.number().int(),
  byStatus: countsByStatus,
  byType: z.record(z.string(), countsByStatus),
  oldestPendingCreatedAtMs: unixMs.nullable().describe('Jobs that are scheduled for later do not count.'),
});

/**
 * The row of a job that a caller names.
 * @throws HubRefusal `not_found`
 */
export function requireJob(services: HubServices, id: string): JobRow {
  const job = services.jobs.byId(id);
  if (job === undefined) throw new HubRefusal('not_found', `There is no job ${id}.`);
  return job;
}

/** Reading jobs, and what operators may do to them. */
export const jobCalls: FastifyPluginCallbackZod<{ services: HubServices }> = (server, { services }, done) => {
  const { jobs, jobList, results, lifecycle } = services;
  const tags = ['jobs'];

  server.get(
    '/jobs',
    { schema: { summary: 'List jobs, newest first', tags, querystring: listQuery, response: { 200: jobPage } } },
    (request) => {
      const { cursor, limit, ...filter } = request.query;
      const after = cursor === undefined ? undefined : parseCursor(cursor);
      const rows = jobList.list({ ...filter, after, limit: limit + 1 });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const nextCursor = rows.length > limit && last !== undefined ? formatCursor(last) : null;
      return { jobs: page.map(toJobView), nextCursor };
    },
  );

  server.get('/jobs/stats', { schema: { summary: 'Count jobs', tags, response: { 200: jobStats } } }, () => {
    const none = (): Record<JobStatus, number> => ({
      pending: 0,
      processing: 0,
      completed: 0,
      failed: 0,
      cancelled: 0,
    });
    const byStatus = none();
    const byType: Record<string, Record<JobStatus, number>> = {};
    let total = 0;
    for (const { type, status, count } of jobs.counts()) {
      const ofType = (byType[type] ??= none());
      ofType[status] += count;
      byStatus[status] += count;
      total += count;
    }
    return { total, byStatus, byType, oldestPendingCreatedAtMs: jobs.oldestPendingCreatedAtMs() };
  });

  server.get(
    '/jobs/:id',
    { schema: { summary: 'Read a job', tags, params: jobParams, response: { 200: jobView } } },
    (request) => toJobView(requireJob(services, request.params.id)),
  );

  server.get(
    '/jobs/:id/result',
    { schema: { summary: 'Read the outcome of a job', tags, params: jobParams, response: { 200: resultView } } },
    (request) => {
      const job = requireJob(services, request.params.id);
      const result = job.result_attempt_id === null ? undefined : results.byAttempt(job.result_attempt_id);
      if (result === undefined) throw new HubRefusal('not_found', `The job has no result; it is ${job.status}.`);
      return toResultView(job, result, results.blobs(result.attempt_id));
    },
  );

  server.post(
    '/jobs/:id/cancel',
    { schema: { summary: 'Cancel a job', tags, params: jobParams, response: { 200: jobView } } },
    (request) => {
      lifecycle.cancel(requireJob(services, request.params.id));
      return toJobView(requireJob(services, request.params.id));
    },
  );

  server.post(
    '/jobs/:id/retry',
    {
      schema: {
        summary: 'Put a failed or cancelled job back into the queue',
        tags,
        params: jobParams,
        response: { 200: jobView },
      },
    },
    (request) => {
      lifecycle.retry(requireJob(services, request.params.id));
      return toJobView(requireJob(services, request.params.id));
    },
  );

  server.delete(
    '/jobs/:id',
    { schema: { summary: 'Delete a job and its result', tags, params: jobParams, response: { 204: z.null() } } },
    (request, reply) => {
      lifecycle.remove(requireJob(services, request.params.id));
      reply.code(204);
      return null;
    },
  );
  done();
};
