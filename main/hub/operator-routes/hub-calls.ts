import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { lane, taskTypeName } from '../../protocol/fields.ts';
import type { HubServices } from '../hub-services.ts';

/** What operators ask the hub about itself. */
export const hubCalls: FastifyPluginCallbackZod<{ services: HubServices }> = (server, { services }, done) => {
  server.get(
    '/webhook-secret',
    {
      schema: {
        summary: 'Read the secret that webhooks are signed with',
        tags: ['hub'],
        response: { 200: z.object({ secret: z.string() }) },
      },
    },
    () => ({ secret: services.webhookSecret }),
  );

  server.get(
    '/task-types',
    {
      schema: {
        summary: 'List the task types that jobs can have',
        tags: ['hub'],
        response: {
          200: z.object({
            taskTypes: z.array(
              z.object({ name: taskTypeName, version: z.number().int(), summary: z.string(), lane, payload: z.json() }),
            ),
          }),
        },
      },
    },
    () => ({
      taskTypes: services.catalogue.list().map(({ name, version, summary, lane, payloadSchema }) => ({
        name,
        version,
        summary,
        lane,
        payload: z.json().parse(z.toJSONSchema(payloadSchema, { io: 'input', unrepresentable: 'any' })),
      })),
    }),
  );
  done();
};
