import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { workerSecret } from '../../protocol/enrolment.ts';
import { identifier, jsonObject, unixMs } from '../../protocol/fields.ts';
import { command } from '../../protocol/request-work.ts';
import { createSecret } from '../../protocol/signature.ts';
import { createId } from '../create-id.ts';
import type { HubServices } from '../hub-services.ts';
import { HubRefusal } from '../refusal.ts';
import { readJsonObject } from '../store/job-rows.ts';
import type { Worker } from '../workers/worker-directory.ts';

const workerView = z.object({
  workerId: identifier,
  label: z.string(),
  state: z.enum(['online', 'offline', 'revoked']),
  waiting: z.boolean().describe('It asks for work right now.'),
  openLeases: z.number().int(),
  createdAtMs: unixMs,
  lastSeenMs: unixMs.nullable(),
  revokedAtMs: unixMs.nullable(),
  session: z
    .object({
      sessionId: identifier,
      instanceId: identifier,
      epoch: z.number().int(),
      startedAtMs: unixMs,
      machine: jsonObject.describe('What the handshake said.'),
    })
    .nullable(),
});
const workerParams = z.object({ id: identifier });
const newWorker = z.strictObject({
  workerId: identifier,
  secret: workerSecret.optional().describe('Without it one is made.'),
  label: z.string().max(100).optional(),
});

/** Workers and how they come to the hub. */
export const workerCalls: FastifyPluginCallbackZod<{ services: HubServices }> = (server, { services }, done) => {
  const { workers, sessions, waiting, leases, commands, enrolment, clock, diagnostics } = services;
  const tags = ['workers'];

  const requireWorker = (id: string): Worker => {
    const worker = workers.find(id);
    if (worker === undefined) throw new HubRefusal('not_found', `There is no worker ${id}.`);
    return worker;
  };

  const toView = (worker: Worker): z.infer<typeof workerView> => {
    const session = sessions.current(worker.id);
    const isOnline = session !== undefined && services.isOnline(worker);
    return {
      workerId: worker.id,
      label: worker.label,
      state: worker.revokedAtMs !== null ? 'revoked' : isOnline ? 'online' : 'offline',
      waiting: waiting.isWaiting(worker.id),
      openLeases: leases.openIdsOfWorker(worker.id).length,
      createdAtMs: worker.createdAtMs,
      lastSeenMs: worker.lastSeenMs,
      revokedAtMs: worker.revokedAtMs,
      session:
        session === undefined
          ? null
          : {
              sessionId: session.id,
              instanceId: session.instanceId,
              epoch: session.epoch,
              startedAtMs: session.startedAtMs,
              machine: readJsonObject(session.facts),
            },
    };
  };

  server.get(
    '/workers',
    { schema: { summary: 'List workers', tags, response: { 200: z.object({ workers: z.array(workerView) }) } } },
    () => ({ workers: workers.all().map(toView) }),
  );

  server.post(
    '/workers',
    {
      schema: {
        summary: 'Register a worker with a shared secret',
        description: 'The answer is the only time that the secret is shown.',
        tags,
        body: newWorker,
        response: { 201: z.object({ workerId: identifier, secret: workerSecret }) },
      },
    },
    (request, reply) => {
      const secret = request.body.secret ?? createSecret();
      const worker = workers.register({ ...request.body, secret });
      reply.code(201);
      return { workerId: worker.id, secret };
    },
  );

  server.get(
    '/workers/:id',
    { schema: { summary: 'Read a worker', tags, params: workerParams, response: { 200: workerView } } },
    (request) => toView(requireWorker(request.params.id)),
  );

  server.get(
    '/workers/:id/diagnostics',
    {
      schema: {
        summary: 'Read what a worker sent after the command send_diagnostics',
        tags,
        params: workerParams,
        response: { 200: z.object({ receivedAtMs: unixMs, diagnostics: jsonObject }) },
      },
    },
    (request) => {
      const found = diagnostics.get(requireWorker(request.params.id).id);
      if (found === undefined) throw new HubRefusal('not_found', 'The worker has sent no diagnostics yet.');
      return { receivedAtMs: found.receivedAtMs, diagnostics: readJsonObject(found.diagnostics) };
    },
  );

  server.post(
    '/workers/:id/revoke',
    {
      schema: {
        summary: 'Refuse everything more from a worker; its jobs go back to the queue',
        tags,
        params: workerParams,
        response: { 200: workerView },
      },
    },
    (request) => {
      const worker = requireWorker(request.params.id);
      services.revoke(worker);
      return toView(worker);
    },
  );

  server.post(
    '/workers/:id/commands',
    {
      schema: {
        summary: 'Tell a worker something; repeated to it until it acknowledges',
        tags,
        params: workerParams,
        body: z.strictObject({ command: command.shape.command }),
        response: { 202: command },
      },
    },
    (request, reply) => {
      const worker = requireWorker(request.params.id);
      const given = { id: createId('command', clock.nowMs()), command: request.body.command };
      commands.insert(worker.id, given, clock.nowMs());
      waiting.newsFor(worker.id);
      reply.code(202);
      return given;
    },
  );

  server.post(
    '/enrolment-tokens',
    {
      schema: {
        summary: 'Make a one-time enrolment token',
        tags,
        response: { 201: z.object({ token: z.string(), expiresAtMs: unixMs }) },
      },
    },
    (_request, reply) => {
      reply.code(201);
      return enrolment.createToken();
    },
  );
  done();
};
