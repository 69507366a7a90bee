import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { sha256Hex } from '../../protocol/canonical-string.ts';
import { identifier } from '../../protocol/fields.ts';
import type { HubServices } from '../hub-services.ts';
import { jobView, toJobView } from '../job-view.ts';
import { HubRefusal } from '../refusal.ts';
import { refuseInput } from '../server/error-answers.ts';
import type { NewJob } from '../store/job-store.ts';
import { newJobBatch, newJobRequest } from '../work/new-job.ts';

const createdJob = jobView.extend({
  existing: z.boolean().describe('True when a job with this uniqueKey was there already; it is the one shown.'),
});
const createdBatch = z.object({
  jobs: z.array(z.object({ id: identifier, existing: z.boolean() })).describe('In the order of the request.'),
});
const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('A repeat with the same key and body gets the same answer and makes no second job.'),
});

/** An answer as it is kept for repeats; the text is JSON, given again byte by byte. */
const createAnswer = z.object({ status: z.union([z.literal(200), z.literal(201)]), text: z.string() });
type CreateAnswer = z.infer<typeof createAnswer>;

/** `POST /api/jobs`: one job, or up to 10,000 of which either all are made or none. */
export const createJobCalls: FastifyPluginCallbackZod<{ services: HubServices }> = (server, { services }, done) => {
  const { creator, jobs, transactions, idempotency, clock } = services;

  /** Makes the jobs and the answer, or finds the answer that an earlier call with the same key got. */
  const createOnce = (
    newJobs: NewJob[],
    isBatch: boolean,
    repeat: { key: string; bodySha256: string } | null,
  ): CreateAnswer =>
    transactions.run(() => {
      const earlier = repeat === null ? null : findEarlier(services, repeat);
      if (earlier !== null) return earlier;
      const created = creator.insert(newJobs);
      const answer: CreateAnswer = {
        status: created.some((job) => !job.existing) ? 201 : 200,
        text: JSON.stringify(isBatch ? { jobs: created } : describeOne(created[0])),
      };
      if (repeat !== null) {
        idempotency.insert({ ...repeat, answer: JSON.stringify(answer), createdAtMs: clock.nowMs() });
      }
      return answer;
    });

  const describeOne = (created: { id: string; existing: boolean } | undefined): z.infer<typeof createdJob> => {
    const row = created && jobs.byId(created.id);
    if (row === undefined) throw new Error('the job was not stored');
    return { ...toJobView(row), existing: created?.existing ?? false };
  };

  server.post(
    '/jobs',
    {
      // The two forms are told apart by hand, so that a wrong field is named by its own path and not by a union's.
      validatorCompiler: () => (value: unknown) => ({ value }),
      schema: {
        summary: 'Create a job, or a batch of jobs: all or none',
        tags: ['jobs'],
        headers: idempotencyHeaders,
        body: z.union([newJobRequest, newJobBatch]),
        response: {
          200: z.union([createdJob, createdBatch]).describe('Nothing new: every uniqueKey was known.'),
          201: z.union([createdJob, createdBatch]),
        },
      },
    },
    async (request, reply) => {
      const body: unknown = request.body;
      const isBatch = typeof body === 'object' && body !== null && 'jobs' in body;
      const parsed = isBatch ? newJobBatch.safeParse(body) : newJobRequest.safeParse(body);
      if (!parsed.success) {
        throw refuseInput(
          parsed.error.issues.slice(0, 20).map(({ path, message }) => ({ path: path.join('.'), message })),
        );
      }
      const requests = 'jobs' in parsed.data ? parsed.data.jobs : [parsed.data];
      const newJobs = await creator.check(requests, (position) => (isBatch ? `jobs.${position}.` : ''));
      const key = request.headers['idempotency-key'];
      if (key !== undefined && (key.length === 0 || key.length > 200)) {
        throw refuseInput([{ path: 'headers.idempotency-key', message: 'must have 1 to 200 characters' }]);
      }
      const repeat = key === undefined ? null : { key, bodySha256: sha256Hex(Buffer.from(JSON.stringify(body))) };
      const { status, text } = createOnce(newJobs, isBatch, repeat);
      void reply.code(status).header('Content-Type', 'application/json; charset=utf-8');
      // Already JSON, kept as text so that a repeat gets it byte by byte.
      return reply.serializer(String).send(text as never);
    },
  );
  done();
};

/** @throws HubRefusal `conflict` when the key came with another body */
function findEarlier(services: HubServices, repeat: { key: string; bodySha256: string }): CreateAnswer | null {
  const earlier = services.idempotency.byKey(repeat.key);
  if (earlier === undefined) return null;
  if (earlier.bodySha256 !== repeat.bodySha256) {
    throw new HubRefusal('conflict', 'This Idempotency-Key was used with another body.');
  }
  return createAnswer.parse(JSON.parse(earlier.answer));
}
