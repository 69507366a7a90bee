import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import type { HubEvent } from '../event-stream.ts';
import type { HubServices } from '../hub-services.ts';

/** A reader that does not keep up with this much is cut off; it comes back with its last event id. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

/** `GET /api/events`: server-sent events (WHATWG HTML, section 9.2), with catching up by `Last-Event-ID`. */
export const eventCalls: FastifyPluginCallbackZod<{ services: HubServices }> = (server, { services }, done) => {
  const { events, limits, clock, closing } = services;

  server.get(
    '/events',
    {
      schema: {
        summary: 'Follow what happens, as server-sent events',
        description: 'Events: job, progress, worker, and gap when some were missed. Reconnect with Last-Event-ID.',
        tags: ['events'],
        produces: ['text/event-stream'],
      },
    },
    (request, reply) => {
      reply.hijack();
      const { raw } = reply;
      const gone = new AbortController();
      const end = (): void => {
        gone.abort();
        raw.end();
      };
      const write = (text: string): void => {
        if (gone.signal.aborted) return;
        if (raw.writableLength > MAX_UNREAD_BYTES) raw.destroy();
        else raw.write(text);
      };
      raw.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        // A buffering proxy (nginx) would hold the events back.
        'X-Accel-Buffering': 'no',
      });
      const lastEventId = request.headers['last-event-id'];
      const { missed, stop } = events.follow(typeof lastEventId === 'string' ? lastEventId : null, (event) =>
        write(format(event)),
      );
      raw.once('close', () => {
        gone.abort();
        stop();
        closing.removeEventListener('abort', end);
      });
      closing.addEventListener('abort', end, { once: true });
      if (closing.aborted) end();
      write(`retry: 1000\n\n${missed.map(format).join('')}`);
      void beat();

      async function beat(): Promise<void> {
        while (!gone.signal.aborted) {
          await clock.sleep(limits.eventHeartbeatMs, gone.signal);
          write(': still here\n\n');
        }
      }
    },
  );
  done();
};

function format(event: HubEvent): string {
  const id = event.id === '' ? '' : `id: ${event.id}\n`;
  return `${id}event: ${event.kind}\ndata: ${JSON.stringify(event.data)}\n\n`;
}
