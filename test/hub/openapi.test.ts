import { expect, it } from 'vitest';
import { startStillHub } from './support/test-hub.ts';

it('the OpenAPI document has every route, and each of its references leads somewhere', async () => {
  const hub = await startStillHub();
  const { status, body, text } = await hub.api('GET', '/openapi.json');
  expect(status).toBe(200);
  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining([
      '/internal/enrol',
      '/internal/handshake',
      '/internal/request-work',
      '/internal/heartbeat',
      '/internal/results',
      '/internal/goodbye',
      '/internal/leave',
      '/internal/rotate-secret',
      '/internal/blobs/{sha256}',
      '/api/jobs',
      '/api/jobs/{id}/blobs/{name}',
      '/api/events',
      '/health',
      '/metrics',
    ]),
  );
  for (const [, reference] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    let found: unknown = body;
    for (const part of String(reference).split('/')) found = (found as Record<string, unknown> | undefined)?.[part];
    expect(found, String(reference)).toBeDefined();
  }
  const create = body.paths['/api/jobs'].post;
  expect(JSON.stringify(create.requestBody)).toContain('"priority"');
  expect(create.security).toEqual([{ operatorKey: [] }]);
  expect(create.responses['4XX'].content['application/json'].schema.properties.error).toBeDefined();
});

it('the task types are listed with the schemas of their payloads', async () => {
  const hub = await startStillHub();
  const { body } = await hub.api('GET', '/api/task-types');
  expect(body.taskTypes).toMatchObject([
    { name: 'website_html', lane: 'page', payload: { type: 'object', required: ['url'] } },
    { name: 'lighthouse_html', lane: 'exclusive' },
  ]);
});
