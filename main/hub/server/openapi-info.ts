import { LEGWORK_VERSION } from '../../protocol/version.ts';

const signatureHeader = (name: string) => ({ type: 'apiKey' as const, in: 'header' as const, name });

/** What `/openapi.json` says beside the routes. */
export const OPENAPI_INFO = {
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
};
