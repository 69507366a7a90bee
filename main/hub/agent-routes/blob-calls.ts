import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { blobEncoding, blobStatusResponse, putBlobQuery, putBlobResponse } from '../../protocol/blobs.ts';
import { sha256 } from '../../protocol/fields.ts';
import type { HubServices } from '../hub-services.ts';
import { workerOf } from './signed-calls.ts';

const blobParams = z.object({ sha256 });
const blobStatusQuery = z.object({ encoding: blobEncoding.default('identity') });

/** The large parts of results. */
export const blobCalls: FastifyPluginCallbackZod<{ services: HubServices }> = (server, { services }, done) => {
  const { limits, blobs, metrics } = services;

  server.put(
    '/blobs/:sha256',
    {
      config: { rawBodyBytes: limits.maxBlobChunkBytes },
      schema: {
        summary: 'Send a part of a blob',
        description: 'The body is the encoded bytes from `offset` on.',
        tags: ['agent'],
        params: blobParams,
        querystring: putBlobQuery,
        response: { 200: putBlobResponse, 202: putBlobResponse },
      },
    },
    async (request, reply) => {
      const worker = workerOf(request);
      const part = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const answer = await blobs.put(request.params.sha256, worker.id, request.query, part);
      metrics.blobUploadBytes.inc(part.byteLength);
      return reply.code(answer.status === 'stored' ? 200 : 202).send(answer);
    },
  );

  server.get(
    '/blobs/:sha256',
    {
      schema: {
        summary: 'Ask how far the upload of a blob is',
        tags: ['agent'],
        params: blobParams,
        querystring: blobStatusQuery,
        response: { 200: blobStatusResponse },
      },
    },
    (request) => blobs.status(request.params.sha256, workerOf(request).id, request.query.encoding),
  );
  done();
};
