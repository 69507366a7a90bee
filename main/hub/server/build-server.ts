import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import { fastify, type FastifyInstance } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import { LEGWORK_VERSION, PROTOCOL_VERSION } from '../../protocol/version.ts';
import { blobCalls } from '../agent-routes/blob-calls.ts';
import { signCalls } from '../agent-routes/signed-calls.ts';
import { workCalls } from '../agent-routes/work-calls.ts';
import { workerCalls as agentWorkerCalls } from '../agent-routes/worker-calls.ts';
import type { HubServices } from '../hub-services.ts';
import { resultBlobCalls } from '../operator-routes/blob-calls.ts';
import { createJobCalls } from '../operator-routes/create-job-calls.ts';
import { eventCalls } from '../operator-routes/event-calls.ts';
import { hubCalls } from '../operator-routes/hub-calls.ts';
import { jobCalls } from '../operator-routes/job-calls.ts';
import { workerCalls } from '../operator-routes/worker-calls.ts';
import { errorBody, HubRefusal } from '../refusal.ts';
import { answerBrokenRequest, createErrorHandler } from './error-answers.ts';
import { MethodCheck } from './method-check.ts';
import { refuseDeepNesting } from './nesting.ts';
import { documentRoute, OPENAPI, SECURITY } from './openapi.ts';
import { createKeyCheck } from './operator-key.ts';

/** A body may be this much larger than its limit to be refused with a signature. */
const REFUSABLE_BYTES = 1024 * 1024;
/** A whole request has to arrive within this time; answers may take as long as they need. */
const RECEIVE_WITHIN_MS = 120_000;

/** The HTTP server with all routes, not listening yet. */
export async function buildServer(
  services: HubServices,
  { operatorKey, trustProxy }: { operatorKey: string; trustProxy: boolean },
): Promise<FastifyInstance> {
  const { limits, log } = services;
  const handleError = createErrorHandler(log);
  const server = fastify({
    logger: false,
    // One proxy: what stands further left in X-Forwarded-For is a mere claim of the client.
    trustProxy: trustProxy ? (_address, hop) => hop === 0 : false,
    bodyLimit: limits.maxOperatorBodyBytes,
    requestTimeout: RECEIVE_WITHIN_MS,
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void handleError(error, request, reply),
    clientErrorHandler: answerBrokenRequest,
  });
  server.setValidatorCompiler(validatorCompiler);
  // What the hub answers is typed by the schemas already; checking it again would cost time on each call.
  server.setSerializerCompiler(() => (value) => JSON.stringify(value));
  server.setErrorHandler(handleError);
  answerUnknownPaths(server);
  observe(server, services);
  await server.register(swagger, OPENAPI);
  await server.register(agentRoutes, { prefix: '/internal', services });
  await server.register(operatorRoutes, { services, isOperator: createKeyCheck(operatorKey) });
  server.get('/health', { schema: { summary: 'Say that the hub is up', tags: ['hub'] } }, () => ({
    status: 'ok',
    version: LEGWORK_VERSION,
    protocolVersion: PROTOCOL_VERSION,
  }));
  server.get('/openapi.json', { schema: { hide: true } }, () => server.swagger());
  await server.ready();
  return server;
}

async function agentRoutes(server: FastifyInstance, { services }: { services: HubServices }): Promise<void> {
  const { limits, authenticator, clock } = services;
  await limitRate(server, limits.agentRequestsPerMinute);
  signCalls(server, { authenticator, clock, maxMessageBytes: limits.maxMessageBytes });
  server.addHook('onRoute', (route) => {
    route.bodyLimit = Math.max(limits.maxMessageBytes, limits.maxBlobChunkBytes) + REFUSABLE_BYTES;
    documentRoute(route, SECURITY.agent);
  });
  await server.register(agentWorkerCalls, { services });
  await server.register(workCalls, { services });
  await server.register(blobCalls, { services });
}

async function operatorRoutes(
  server: FastifyInstance,
  { services, isOperator }: { services: HubServices; isOperator: (authorization: string | undefined) => boolean },
): Promise<void> {
  const { limits, failures, metrics } = services;
  await limitRate(server, limits.operatorRequestsPerMinute);
  server.addHook('onRequest', async (request, reply) => {
    if (isOperator(request.headers.authorization)) return;
    failures.check(request.ip, 'operator');
    failures.note(request.ip, 'operator');
    void reply.header('WWW-Authenticate', 'Bearer');
    throw new HubRefusal('unauthorized', 'Send the operator’s key as Authorization: Bearer <key>.');
  });
  server.addHook('onRoute', (route) => documentRoute(route, SECURITY.operator));
  acceptEmptyBodies(server);
  server.addHook('preValidation', async (request) => refuseDeepNesting(request.body));
  const prefix = '/api';
  await server.register(createJobCalls, { services, prefix });
  await server.register(jobCalls, { services, prefix });
  await server.register(resultBlobCalls, { services, prefix });
  await server.register(workerCalls, { services, prefix });
  await server.register(eventCalls, { services, prefix });
  await server.register(hubCalls, { services, prefix });
  server.get(
    '/metrics',
    { schema: { summary: 'Figures for Prometheus', tags: ['hub'], produces: ['text/plain'] } },
    async (_request, reply) => {
      void reply.header('Content-Type', metrics.registry.contentType).serializer(String);
      return metrics.registry.metrics();
    },
  );
}

/** A client that always says `Content-Type: application/json` may leave the body out where none is needed. */
function acceptEmptyBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser(['application/json', 'text/plain']);
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, String(body), done);
  });
}

async function limitRate(server: FastifyInstance, maxPerMinute: number): Promise<void> {
  await server.register(rateLimit, {
    max: maxPerMinute,
    timeWindow: 60_000,
    errorResponseBuilder: (_request, context) =>
      new HubRefusal('rate_limited', 'Too many calls.', undefined, Math.ceil(context.ttl / 1_000)),
    addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    addHeadersOnExceeding: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
    },
  });
}

function answerUnknownPaths(server: FastifyInstance): void {
  const methods = new MethodCheck();
  server.addHook('onRoute', (route) => methods.add(route.url, [route.method].flat()));
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const allowed = methods.methodsOf(path);
    if (allowed.length === 0) return reply.code(404).send(errorBody('not_found', `There is no ${path}.`));
    return reply
      .code(405)
      .header('Allow', allowed.join(', '))
      .send(errorBody('method_not_allowed', `${path} has ${allowed.join(', ')}.`));
  });
}

function observe(server: FastifyInstance, { metrics, log }: HubServices): void {
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { method } = request;
    metrics.requests.observe({ method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1_000);
    log.debug('request', { method, route, status: reply.statusCode, durationMs: Math.round(reply.elapsedTime) });
  });
}
