import type { FastifyReply } from 'fastify';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { heartbeatRequest, heartbeatResponse } from '../../protocol/heartbeat.ts';
import { requestWorkRequest, requestWorkResponse } from '../../protocol/request-work.ts';
import { submitResultRequest, submitResultResponse } from '../../protocol/results.ts';
import { storeInlineBlobs } from '../blobs/inline-blobs.ts';
import type { HubServices } from '../hub-services.ts';
import { workerOf } from './signed-calls.ts';

/** Asking for work, keeping it and delivering what came of it. */
export const workCalls: FastifyPluginCallbackZod<{ services: HubServices }> = (server, { services }, done) => {
  const { limits, clock, sessions, keeper, waiting, commands, recorder, diagnostics, blobs, metrics } = services;

  server.post(
    '/request-work',
    {
      schema: {
        summary: 'Ask for tasks; held open while there are none',
        tags: ['agent'],
        body: requestWorkRequest,
        response: { 200: requestWorkResponse, 204: z.null().describe('The wait is over and there is nothing to say.') },
      },
    },
    async (request, reply) => {
      const worker = workerOf(request);
      const session = sessions.require(worker.id, request.body.sessionId);
      commands.acknowledge(worker.id, request.body.acknowledgedCommands, clock.nowMs());
      const answer = await waiting.request(session, request.body, { closed: hangUpSignal(reply) });
      worker.lastSeenMs = clock.nowMs();
      return answer === null ? reply.code(204).send(null) : reply.code(200).send(answer);
    },
  );

  server.post(
    '/heartbeat',
    {
      schema: {
        summary: 'Renew leases and tell progress',
        tags: ['agent'],
        body: heartbeatRequest,
        response: { 200: heartbeatResponse },
      },
    },
    (request) => {
      const worker = workerOf(request);
      sessions.require(worker.id, request.body.sessionId);
      commands.acknowledge(worker.id, request.body.acknowledgedCommands, clock.nowMs());
      if (request.body.diagnostics !== undefined) {
        diagnostics.put(worker.id, JSON.stringify(request.body.diagnostics), clock.nowMs());
      }
      const leases = keeper.renew(worker.id, request.body.leases);
      return { ...leases, leaseSeconds: limits.leaseSeconds, commands: commands.open(worker.id) };
    },
  );

  server.post(
    '/results',
    {
      schema: {
        summary: 'Deliver the outcome of a task',
        tags: ['agent'],
        body: submitResultRequest,
        response: { 200: submitResultResponse },
      },
    },
    async (request) => {
      const worker = workerOf(request);
      const { submitted, storedBytes } = await storeInlineBlobs(blobs, request.body, limits.maxInlineBlobBytes);
      metrics.blobUploadBytes.inc(storedBytes);
      recorder.record(worker.id, submitted);
      return { status: 'stored' as const };
    },
  );
  done();
};

/** Aborts when the caller is gone before it was answered. */
function hangUpSignal(reply: FastifyReply): AbortSignal {
  const hungUp = new AbortController();
  const { raw } = reply;
  raw.once('close', () => {
    if (!raw.writableEnded) hungUp.abort();
  });
  if (raw.destroyed) hungUp.abort();
  return hungUp.signal;
}
