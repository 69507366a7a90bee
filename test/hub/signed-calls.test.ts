import { describe, expect, it } from 'vitest';
import { createNonce } from '../../main/protocol/signature.ts';
import { enrolmentWorkerId, parseEnrolmentToken } from '../../main/protocol/enrolment.ts';
import { joinAgent, TestAgent } from './support/test-agent.ts';
import { startStillHub, type TestHub } from './support/test-hub.ts';

const nowSeconds = ({ clock }: TestHub): number => Math.floor(clock.nowMs() / 1_000);

describe('a signed call', () => {
  it('is answered with a signature over the answer', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const answer = await agent.requestWork();
    expect(answer).toMatchObject({ status: 204, body: null, verified: true });
  });

  it('is refused unsigned when the worker is unknown or the signature does not fit', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const stranger = await new TestAgent(hub.url, 'nobody', agent.secret).requestWork();
    expect(stranger).toMatchObject({ status: 401, verified: null, body: { error: { code: 'unknown_worker' } } });
    const wrong = await agent.requestWork({}, { secret: 'another-secret-entirely' });
    expect(wrong).toMatchObject({ status: 401, verified: null, body: { error: { code: 'bad_signature' } } });
    const unsigned = await fetch(`${hub.url}/internal/request-work`, { method: 'POST', body: '{}' });
    expect(unsigned.status).toBe(401);
  });

  it('is refused when body, path or query were changed on the way', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const changedBody = await agent.requestWork({}, { sendBody: Buffer.from('{"sessionId":"x"}') });
    expect(changedBody.body.error.code).toBe('bad_signature');
    const sha256 = 'a'.repeat(64);
    const path = `/internal/blobs/${sha256}?encoding=identity`;
    const changedQuery = await agent.call('GET', path, undefined, { sendPath: path.replace('identity', 'br') });
    expect(changedQuery.body.error.code).toBe('bad_signature');
  });

  it('is verified before it is parsed, and a wrong field is then named by its path', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const noJson = await agent.call('POST', '/internal/request-work', Buffer.from('{"a":'));
    expect(noJson).toMatchObject({ status: 400, verified: true, body: { error: { code: 'bad_request' } } });
    const wrongField = await agent.requestWork({ capacity: { page: -1, exclusive: 0 } });
    expect(wrongField).toMatchObject({ status: 400, verified: true });
    expect(wrongField.body.error.details.issues[0].path).toBe('capacity.page');
    const empty = await agent.call('POST', '/internal/heartbeat', undefined);
    expect(empty).toMatchObject({ status: 400, verified: true });
    const unknownCall = await agent.call('POST', '/internal/no-such-call', {});
    expect(unknownCall).toMatchObject({ status: 404, verified: true });
  });

  it('is refused, signed and with the hub’s time, when its timestamp is off', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    for (const timestamp of [nowSeconds(hub) - 310, nowSeconds(hub) + 310]) {
      const answer = await agent.requestWork({}, { timestamp });
      expect(answer).toMatchObject({ status: 401, verified: true, body: { error: { code: 'clock_skew' } } });
      expect(answer.body.error.details.hubTimeMs).toBe(hub.clock.nowMs());
    }
    expect((await agent.requestWork({}, { timestamp: nowSeconds(hub) - 200 })).status).toBe(204);
  });

  it('gets in once: a copy of it is refused, after a restart of the hub too', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const copy = { timestamp: nowSeconds(hub), nonce: createNonce() };
    const message = { idempotencyKey: 'same' };
    expect((await agent.requestWork(message, copy)).status).toBe(204);
    const replayed = await agent.requestWork(message, copy);
    expect(replayed).toMatchObject({ status: 401, verified: true, body: { error: { code: 'nonce_reused' } } });
    await hub.hub.close();
    const again = await startStillHub({ dataFolder: hub.dataFolder });
    const afterRestart = new TestAgent(again.url, agent.workerId, agent.secret);
    afterRestart.sessionId = agent.sessionId;
    expect((await afterRestart.requestWork(message, copy)).body.error.code).toBe('nonce_reused');
    expect((await afterRestart.requestWork(message)).status).toBe(204);
  });

  it('of a revoked worker is refused, signed, and its tasks go back', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    await agent.takeTask();
    await hub.api('POST', `/api/workers/${agent.workerId}/revoke`);
    const answer = await agent.requestWork();
    expect(answer).toMatchObject({ status: 401, verified: true, body: { error: { code: 'revoked_worker' } } });
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).body).toMatchObject({ status: 'pending', attempts: 0 });
  });

  it('is limited after too many refusals, but its right signature always passes', async () => {
    const hub = await startStillHub({ limits: { failedAuthenticationsPerMinute: 3 } });
    const agent = await joinAgent(hub);
    const other = await joinAgent(hub, 'worker-2');
    for (let attempt = 0; attempt < 3; attempt += 1) await agent.requestWork({}, { secret: `wrong-secret-${attempt}` });
    const limited = await agent.requestWork({}, { secret: 'one-more-wrong-secret' });
    expect(limited).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } });
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await agent.requestWork()).status).toBe(204);
    expect((await other.requestWork({}, { secret: 'a-wrong-secret' })).status).toBe(401);
    hub.clock.advance(61_000);
    expect((await agent.requestWork({}, { secret: 'and-another-secret' })).status).toBe(401);
  });
});

describe('a secret', () => {
  it('is rotated with an overlap: the new one counts from its first use, the old one a while longer', async () => {
    const hub = await startStillHub({ limits: { secretOverlapSeconds: 100 } });
    const agent = await joinAgent(hub);
    const oldSecret = agent.secret;
    const rotate = () => agent.call('POST', '/internal/rotate-secret', { sessionId: agent.sessionId });
    const first = await rotate();
    const second = await rotate();
    expect(second.body.secret).toBe(first.body.secret);
    expect((await agent.requestWork()).status).toBe(204);
    agent.secret = first.body.secret;
    expect(await agent.requestWork()).toMatchObject({ status: 204, verified: true });
    expect(await agent.requestWork({}, { secret: oldSecret })).toMatchObject({ status: 204, verified: true });
    hub.clock.advance(101_000);
    const late = await agent.requestWork({}, { secret: oldSecret, timestamp: nowSeconds(hub) });
    expect(late.body.error.code).toBe('bad_signature');
    expect((await agent.requestWork({}, { timestamp: nowSeconds(hub) })).status).toBe(204);
  });
});

describe('enrolment', () => {
  const enrol = (url: string, token: string, instanceId: string) => {
    const parsed = parseEnrolmentToken(token);
    if (parsed === null) throw new Error('not a token');
    const caller = new TestAgent(url, enrolmentWorkerId(parsed.tokenId), parsed.key);
    return caller.call('POST', '/internal/enrol', { instanceId, label: 'Büro', agentVersion: '0.1.0' });
  };

  it('gives the first instance a worker, and the same one when it asks again', async () => {
    const hub = await startStillHub();
    const token = hub.hub.createEnrolmentToken();
    const first = await enrol(hub.url, token, 'instance-1');
    expect(first).toMatchObject({ status: 200, verified: true });
    expect((await enrol(hub.url, token, 'instance-1')).body).toEqual(first.body);
    const other = await enrol(hub.url, token, 'instance-2');
    expect(other).toMatchObject({ status: 403, verified: true, body: { error: { code: 'token_used' } } });
    const agent = new TestAgent(hub.url, first.body.workerId, first.body.secret);
    expect((await agent.handshake()).status).toBe(200);
    const workers = (await hub.api('GET', '/api/workers')).body.workers;
    expect(workers).toMatchObject([{ workerId: first.body.workerId, label: 'Büro', state: 'online' }]);
  });

  it('is over when the token expires', async () => {
    const hub = await startStillHub({ limits: { enrolmentTokenSeconds: 100 } });
    const { body } = await hub.api('POST', '/api/enrolment-tokens');
    hub.clock.advance(101_000);
    const late = await enrol(hub.url, body.token, 'instance-1');
    expect(late.body.error.code).toBe('token_used');
    expect(late.status).toBe(403);
  });

  it('keeps tokens and workers apart', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const asWorker = await agent.call('POST', '/internal/enrol', { instanceId: 'i', label: '', agentVersion: '1' });
    expect(asWorker.status).toBe(400);
    const parsed = parseEnrolmentToken(hub.hub.createEnrolmentToken());
    const asToken = new TestAgent(hub.url, enrolmentWorkerId(parsed?.tokenId ?? ''), parsed?.key ?? '');
    expect((await asToken.handshake()).status).toBe(400);
  });
});
