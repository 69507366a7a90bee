import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { RouteOptions } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { hubErrorBody } from '../../protocol/hub-errors.ts';
import { LEGWORK_VERSION } from '../../protocol/version.ts';

const signatureHeader = (name: string) => ({ type: 'apiKey' as const, in: 'header' as const, name });

/** How a route is called: signed by an agent, or with the operator's key. */
export const SECURITY = {
  agent: [{ workerId: [], timestamp: [], nonce: [], signature: [] }],
  operator: [{ operatorKey: [] }],
};

/** How `/openapi.json` is made: from the schemas of the routes, and what they cannot say. */
export const OPENAPI: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Legwork hub',
      description:
        'Operator routes under /api take a bearer key. Agent routes under /internal are signed calls: request and ' +
        'answer carry X-Timestamp, X-Nonce and X-Signature.',
      version: LEGWORK_VERSION,
    },
    tags: [
      { name: 'jobs', description: 'Work that operators ask for' },
      { name: 'workers', description: 'The agents that do it' },
      { name: 'events', description: 'What happens, live' },
      { name: 'hub', description: 'The hub itself' },
      { name: 'agent', description: 'Signed calls of agents' },
    ],
    components: {
      securitySchemes: {
        operatorKey: { type: 'http' as const, scheme: 'bearer' },
        workerId: signatureHeader('X-Worker-Id'),
        timestamp: signatureHeader('X-Timestamp'),
        nonce: signatureHeader('X-Nonce'),
        signature: signatureHeader('X-Signature'),
      },
    },
  },
  transform: jsonSchemaTransform,
  transformObject: (document) => {
    if (!('openapiObject' in document)) throw new Error('the document must be OpenAPI 3');
    const { openapiObject } = document;
    const upload = openapiObject.paths?.['/internal/blobs/{sha256}']?.put;
    if (upload !== undefined) {
      upload.requestBody = { required: true, content: { 'application/octet-stream': { schema: {} } } };
    }
    // The one recursive schema of the protocol is "any JSON value"; the transformer names it so, but leaves it out.
    openapiObject.components = {
      ...openapiObject.components,
      schemas: { schema0: { description: 'Any JSON value.' } },
    };
    return openapiObject;
  },
};

/** Adds to a route's documentation what all routes of its kind have. */
export function documentRoute(route: RouteOptions, security: Record<string, string[]>[]): void {
  const response = route.schema?.response;
  route.schema = {
    ...route.schema,
    security,
    response: { ...(typeof response === 'object' ? response : {}), '4xx': hubErrorBody, '5xx': hubErrorBody },
  };
}
