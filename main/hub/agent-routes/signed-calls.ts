import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createNonce, HEADER, signResponse } from '../../protocol/signature.ts';
import type { Clock } from '../../protocol/ports.ts';
import { HubRefusal } from '../refusal.ts';
import { refuseDeepNesting } from '../server/nesting.ts';
import type { EnrolmentToken } from '../workers/enrolment.ts';
import type { Worker } from '../workers/worker-directory.ts';
import type { Authenticator, SignedCall } from './authenticate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set as soon as the signature is verified; the answer is signed with the same secret. */
    signedCall: SignedCall | null;
  }
  interface FastifyContextConfig {
    /** The body is bytes, not JSON, and may have this many. */
    rawBodyBytes?: number;
  }
}

const NOTHING = Buffer.alloc(0);

/**
 * Makes every route of this scope a signed call: the raw body is verified before any of it is parsed, and the answer is
 * signed, refusals included.
 */
export function signCalls(
  server: FastifyInstance,
  options: { authenticator: Authenticator; clock: Clock; maxMessageBytes: number },
): void {
  const { authenticator, clock } = options;
  server.decorateRequest('signedCall', null);
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const verify = (request: FastifyRequest): void => {
    const body = Buffer.isBuffer(request.body) ? request.body : NOTHING;
    const call = authenticator.identify({
      method: request.method,
      pathAndQuery: request.raw.url ?? '',
      headers: request.headers,
      body,
      address: request.ip,
    });
    request.signedCall = call;
    authenticator.admit(call);
    const { rawBodyBytes } = request.routeOptions.config;
    const limitBytes = rawBodyBytes ?? options.maxMessageBytes;
    if (body.byteLength > limitBytes) throw new HubRefusal('too_large', 'The body is too large.', { limitBytes });
    if (rawBodyBytes === undefined) request.body = body.byteLength === 0 ? undefined : parseJson(body);
  };
  server.addHook('preValidation', async (request) => verify(request));
  server.setNotFoundHandler(() => {
    throw new HubRefusal('not_found', 'The protocol has no such call.');
  });
  server.addHook('onSend', async (request, reply, payload) => {
    sign(request, reply, payload, clock);
    return payload;
  });
}

/**
 * The worker that made a call.
 * @throws HubRefusal `bad_request` when it was signed with an enrolment token
 */
export function workerOf(request: FastifyRequest): Worker {
  const signer = request.signedCall?.signer;
  if (signer?.kind === 'worker') return signer.worker;
  throw new HubRefusal('bad_request', 'This call must be signed with a worker’s secret.');
}

/**
 * The enrolment token that a call was signed with.
 * @throws HubRefusal `bad_request` when it was signed by a worker
 */
export function tokenOf(request: FastifyRequest): EnrolmentToken {
  const signer = request.signedCall?.signer;
  if (signer?.kind === 'token') return signer.token;
  throw new HubRefusal('bad_request', 'This call must be signed with an enrolment token.');
}

function parseJson(body: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new HubRefusal('bad_request', 'The body is not JSON.', { issues: [{ path: '', message: 'is not JSON' }] });
  }
  refuseDeepNesting(value);
  return value;
}

function sign(request: FastifyRequest, reply: FastifyReply, payload: unknown, clock: Clock): void {
  const call = request.signedCall;
  if (call === null) return;
  // A 204 goes out without the `null` that it was given.
  const body = typeof payload === 'string' && reply.statusCode !== 204 ? Buffer.from(payload) : NOTHING;
  const timestamp = Math.floor(clock.nowMs() / 1_000);
  const nonce = createNonce();
  const parts = { timestamp, nonce, status: reply.statusCode, requestNonce: call.nonce, body };
  void reply
    .header(HEADER.timestamp, timestamp)
    .header(HEADER.nonce, nonce)
    .header(HEADER.signature, signResponse(call.secret, parts));
}
