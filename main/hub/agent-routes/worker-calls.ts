import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { enrolRequest, enrolResponse, rotateSecretRequest, rotateSecretResponse } from '../../protocol/enrolment.ts';
import { goodbyeRequest, goodbyeResponse } from '../../protocol/goodbye.ts';
import { handshakeRequest, handshakeResponse } from '../../protocol/handshake.ts';
import { leaveRequest, leaveResponse } from '../../protocol/leave.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { HubServices } from '../hub-services.ts';
import { HubRefusal } from '../refusal.ts';
import { isOlderVersion } from './compare-versions.ts';
import { tokenOf, workerOf } from './signed-calls.ts';

/** Enrolment, rotation, handshake, goodbye and leaving: who an agent is and whether it is there. */
export const workerCalls: FastifyPluginCallbackZod<{ services: HubServices }> = (server, { services }, done) => {
  const { limits, clock, enrolment, workers, sessions, keeper, waiting, transactions, events } = services;

  server.post(
    '/enrol',
    {
      schema: {
        summary: 'Exchange a one-time token for a worker id and secret',
        tags: ['agent'],
        body: enrolRequest,
        response: { 200: enrolResponse },
      },
    },
    (request) => {
      const worker = enrolment.enrol(tokenOf(request), request.body);
      return { workerId: worker.id, secret: worker.secret };
    },
  );

  server.post(
    '/rotate-secret',
    {
      schema: {
        summary: 'Ask for a new secret',
        tags: ['agent'],
        body: rotateSecretRequest,
        response: { 200: rotateSecretResponse },
      },
    },
    (request) => {
      const worker = workerOf(request);
      sessions.require(worker.id, request.body.sessionId);
      return { secret: workers.rotate(worker) };
    },
  );

  server.post(
    '/handshake',
    {
      schema: {
        summary: 'Start a session',
        tags: ['agent'],
        body: handshakeRequest,
        response: { 200: handshakeResponse },
      },
    },
    (request) => {
      const worker = workerOf(request);
      const handshake = request.body;
      if (handshake.protocolVersion !== PROTOCOL_VERSION) {
        const supported = [PROTOCOL_VERSION];
        throw new HubRefusal('protocol_unsupported', 'The hub speaks another version.', { supported });
      }
      const { minimumAgentVersion } = services;
      if (minimumAgentVersion !== undefined && isOlderVersion(handshake.agentVersion, minimumAgentVersion)) {
        throw new HubRefusal('agent_too_old', 'The agent must be updated.', { minimumAgentVersion });
      }
      const before = sessions.current(worker.id);
      const { session, leases } = transactions.run(() => {
        const session = sessions.begin(worker.id, handshake);
        return { session, leases: keeper.takeOver(session, handshake) };
      });
      sessions.take(session);
      if (before !== undefined && sessions.isSameStart(before, handshake)) waiting.dismiss(worker.id);
      else waiting.refuse(worker.id, new HubRefusal('superseded', 'A newer start of this worker has taken over.'));
      workers.storeLastSeen(worker);
      events.publish('worker', { workerId: worker.id, state: 'online', epoch: session.epoch });
      return {
        workerId: worker.id,
        sessionId: session.id,
        hubTimeMs: clock.nowMs(),
        leaseSeconds: limits.leaseSeconds,
        heartbeatSeconds: limits.heartbeatSeconds,
        maxWaitSeconds: limits.maxWaitSeconds,
        maxTasksPerRequest: limits.maxTasksPerRequest,
        maxBlobBytes: limits.maxBlobBytes,
        maxBlobChunkBytes: limits.maxBlobChunkBytes,
        maxInlineBlobBytes: limits.maxInlineBlobBytes,
        ...leases,
        ...(minimumAgentVersion === undefined ? {} : { minimumAgentVersion }),
      };
    },
  );

  server.post(
    '/goodbye',
    {
      schema: {
        summary: 'Leave and give leases back',
        tags: ['agent'],
        body: goodbyeRequest,
        response: { 200: goodbyeResponse },
      },
    },
    (request) => {
      const worker = workerOf(request);
      const { sessionId, reason } = request.body;
      const session = sessions.require(worker.id, sessionId);
      // First, or the poll that is still held would be handed the very tasks that come back.
      waiting.dismiss(worker.id);
      const returnedLeases = transactions.run(() => {
        const returned = keeper.takeBack(worker.id, request.body.returnedLeases);
        // A paused or sleeping agent comes back with the same session.
        if (reason === 'stopped' || reason === 'leaving') sessions.end(session, 'goodbye');
        return returned;
      });
      workers.storeLastSeen(worker);
      events.publish('worker', { workerId: worker.id, state: reason === 'paused' ? 'paused' : 'offline', reason });
      return { returnedLeases };
    },
  );

  server.post(
    '/leave',
    {
      schema: {
        summary: 'Leave for good: leases go back, the secret is revoked',
        tags: ['agent'],
        body: leaveRequest,
        response: { 200: leaveResponse },
      },
    },
    (request) => {
      const worker = workerOf(request);
      transactions.run(() => keeper.takeBack(worker.id, request.body.returnedLeases));
      services.revoke(worker);
      return { status: 'left' as const };
    },
  );
  done();
};
