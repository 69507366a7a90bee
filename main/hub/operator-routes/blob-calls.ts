import { createReadStream } from 'node:fs';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { blobReference, identifier } from '../../protocol/fields.ts';
import type { HubServices } from '../hub-services.ts';
import { HubRefusal } from '../refusal.ts';
import { requireJob } from './job-calls.ts';

/** Content types that can be sent as they are; anything else might break the header. */
const HEADER_SAFE = /^[\u0020-\u007e]+$/;

/**
 * The parts of results. They come from pages that nobody here wrote, so they are sent to be saved, not shown, and may
 * run nothing even if a browser shows them.
 */
export const resultBlobCalls: FastifyPluginCallbackZod<{ services: HubServices }> = (server, { services }, done) => {
  const { results, blobs } = services;

  server.get(
    '/jobs/:id/blobs/:name',
    {
      schema: {
        summary: 'Download a part of a result',
        tags: ['jobs'],
        params: z.object({ id: identifier, name: blobReference.shape.name }),
      },
    },
    (request, reply) => {
      const job = requireJob(services, request.params.id);
      const { name } = request.params;
      const blob = job.result_attempt_id === null ? undefined : results.blob(job.result_attempt_id, name);
      if (blob === undefined) throw new HubRefusal('not_found', `The job has no part ${name}.`);
      const sizeBytes = blobs.sizeOf(blob.sha256);
      if (sizeBytes === null) throw new HubRefusal('internal', `The file of ${name} is gone.`);
      const contentType = HEADER_SAFE.test(blob.content_type) ? blob.content_type : 'application/octet-stream';
      return reply
        .headers({
          'Content-Type': contentType,
          'Content-Length': sizeBytes,
          'Content-Disposition': `attachment; filename="${name}"`,
          'Content-Security-Policy': "sandbox; default-src 'none'",
          'X-Content-Type-Options': 'nosniff',
          'Cache-Control': 'private, max-age=0',
          ETag: `"${blob.sha256}"`,
        })
        .send(createReadStream(blobs.pathOf(blob.sha256)));
    },
  );
  done();
};
