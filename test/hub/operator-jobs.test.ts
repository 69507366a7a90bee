import { describe, expect, it } from 'vitest';
import { joinAgent } from './support/test-agent.ts';
import { startStillHub } from './support/test-hub.ts';

const page = (url: string, fields: object = {}) => ({ type: 'website_html', payload: { url }, ...fields });

describe('creating jobs', () => {
  it('refuses what is wrong with the path of the field', async () => {
    const hub = await startStillHub();
    const cases: [unknown, string][] = [
      [page('ftp://example.com/'), 'payload.url'],
      [{ type: 'website_html', payload: { url: 'https://a.example/', timeoutMs: 'x' } }, 'payload.timeoutMs'],
      [{ type: 'no_such_type', payload: {} }, 'type'],
      [{ payload: {} }, 'type'],
      [page('https://a.example/', { priority: 11 }), 'priority'],
      [page('https://a.example/', { maxAttempts: 0 }), 'maxAttempts'],
      [page('https://a.example/', { runAt: 'tomorrow' }), 'runAt'],
      [page('https://a.example/', { webhookUrl: 'javascript:alert(1)' }), 'webhookUrl'],
      [page('https://a.example/', { prioritiy: 1 }), ''],
      [[], ''],
    ];
    for (const [body, path] of cases) {
      const answer = await hub.api('POST', '/api/jobs', body);
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad_request' } } });
      expect(answer.body.error.details.issues[0].path).toBe(path);
    }
    expect((await hub.api('GET', '/api/jobs/stats')).body.total).toBe(0);
  });

  it('in a batch makes all or none, and names the wrong one', async () => {
    const hub = await startStillHub();
    const urls = Array.from({ length: 500 }, (_, position) => `https://example.com/${position}`);
    const broken = urls.map((url, position) => page(position === 417 ? 'nonsense' : url));
    const refused = await hub.api('POST', '/api/jobs', { jobs: broken });
    expect(refused.status).toBe(400);
    expect(refused.body.error.details.issues).toMatchObject([{ path: 'jobs.417.payload.url' }]);
    expect((await hub.api('GET', '/api/jobs/stats')).body.total).toBe(0);
    const made = await hub.api('POST', '/api/jobs', { jobs: urls.map((url) => page(url)) });
    expect(made.status).toBe(201);
    expect(made.body.jobs).toHaveLength(500);
    expect((await hub.api('GET', '/api/jobs/stats')).body).toMatchObject({
      total: 500,
      byStatus: { pending: 500 },
      byType: { website_html: { pending: 500 } },
    });
    expect((await hub.api('POST', '/api/jobs', { jobs: [] })).status).toBe(400);
    const tooMany = Array.from({ length: 10_001 }, () => page('https://example.com/'));
    expect((await hub.api('POST', '/api/jobs', { jobs: tooMany })).status).toBe(400);
    const most = await hub.api('POST', '/api/jobs', { jobs: tooMany.slice(1) });
    expect(most.body.jobs).toHaveLength(10_000);
  });

  it('with an Idempotency-Key happens once, and the key is bound to the body', async () => {
    const hub = await startStillHub();
    const headers = { 'Idempotency-Key': 'order-4711' };
    const body = { jobs: [page('https://a.example/'), page('https://b.example/')] };
    const answers = await Promise.all([
      hub.api('POST', '/api/jobs', body, headers),
      hub.api('POST', '/api/jobs', body, headers),
    ]);
    expect(answers[0].text).toBe(answers[1].text);
    expect((await hub.api('GET', '/api/jobs/stats')).body.total).toBe(2);
    const other = await hub.api('POST', '/api/jobs', { jobs: [page('https://c.example/')] }, headers);
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } });
    await hub.hub.close();
    const again = await startStillHub({ dataFolder: hub.dataFolder });
    expect((await again.api('POST', '/api/jobs', body, headers)).text).toBe(answers[0].text);
  });

  it('with a known uniqueKey gives the existing one', async () => {
    const hub = await startStillHub();
    const first = await hub.api('POST', '/api/jobs', page('https://a.example/', { uniqueKey: 'k' }));
    const second = await hub.api('POST', '/api/jobs', page('https://b.example/', { uniqueKey: 'k' }));
    expect(first.body).toMatchObject({ existing: false });
    expect(second).toMatchObject({ status: 200, body: { id: first.body.id, existing: true } });
    expect(second.body.payload.url).toBe('https://a.example/');
    const batch = await hub.api('POST', '/api/jobs', {
      jobs: [
        page('https://c.example/', { uniqueKey: 'k' }),
        ...[1, 2].map(() => page('https://d.example/', { uniqueKey: 'n' })),
      ],
    });
    expect(batch.body.jobs.map((job: { existing: boolean }) => job.existing)).toEqual([true, false, true]);
  });
});

describe('the operator’s calls', () => {
  it('need the key', async () => {
    const hub = await startStillHub();
    for (const authorization of [undefined, 'Bearer wrong-operator-key', 'Basic b3A6b3A=', 'Bearer ']) {
      for (const path of ['/api/jobs', '/api/workers', '/api/events', '/metrics']) {
        const response = await fetch(hub.url + path, { headers: authorization === undefined ? {} : { authorization } });
        expect(response.status).toBe(401);
        expect(await response.json()).toMatchObject({ error: { code: 'unauthorized' } });
      }
    }
    expect((await fetch(`${hub.url}/health`)).status).toBe(200);
  });

  it('pass with the right key however often others tried wrong ones, which are limited by the client’s address', async () => {
    const hub = await startStillHub({ trustProxy: true, limits: { failedAuthenticationsPerMinute: 3 } });
    const guess = (from: string) =>
      hub.api('GET', '/api/jobs', undefined, { Authorization: 'Bearer wrong-operator-key', 'X-Forwarded-For': from });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      statuses.push((await guess(`192.0.2.${attempt}, 198.51.100.7`)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429]);
    const right = await hub.api('GET', '/api/jobs', undefined, { 'X-Forwarded-For': '198.51.100.7' });
    expect(right.status).toBe(200);
    expect((await guess('198.51.100.8')).status).toBe(401);
  });

  it('do not let a client choose its address when no proxy is trusted', async () => {
    const hub = await startStillHub({ limits: { failedAuthenticationsPerMinute: 1 } });
    const guess = (from: string) =>
      hub.api('GET', '/api/jobs', undefined, { Authorization: 'Bearer wrong-operator-key', 'X-Forwarded-For': from });
    expect((await guess('192.0.2.1')).status).toBe(401);
    expect((await guess('192.0.2.2')).status).toBe(429);
  });

  it('are answered clearly when they are malformed', async () => {
    const hub = await startStillHub();
    const api = (...call: Parameters<typeof hub.api>) => hub.api(...call);
    expect(await api('GET', '/api/nothing')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    expect(await api('GET', '/api/jobs/job_1')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    const wrongMethod = await api('PATCH', '/api/jobs/job_1');
    expect(wrongMethod).toMatchObject({ status: 405, body: { error: { code: 'method_not_allowed' } } });
    expect(wrongMethod.headers.get('allow')).toContain('DELETE');
    expect((await api('POST', '/api/jobs', '{"type":')).body.error.code).toBe('bad_request');
    expect((await api('POST', '/api/jobs', '')).status).toBe(400);
    const text = await api('POST', '/api/jobs', 'type=website_html', { 'Content-Type': 'text/plain' });
    expect(text).toMatchObject({ status: 415, body: { error: { code: 'unsupported_media_type' } } });
    const badLimit = await api('GET', '/api/jobs?limit=many');
    expect(badLimit.body.error.details.issues[0].path).toBe('limit');
    expect((await api('GET', '/api/jobs?cursor=zzz')).body.error.details.issues[0].path).toBe('cursor');
    expect((await api('GET', '/api/jobs?statuss=pending')).status).toBe(400);
    expect((await api('GET', '/api/jobs/%00')).status).toBe(400);
  });

  it('are answered in the form of the protocol also when they are hardly HTTP', async () => {
    const hub = await startStillHub();
    const badUrl = await hub.api('GET', '/api/jobs/%E0%A4%A');
    expect(badUrl).toMatchObject({ status: 400, body: { error: { code: 'bad_request' } } });
    const longName = await hub.api('GET', `/api/jobs/${'x'.repeat(400)}`);
    expect(longName).toMatchObject({ status: 414, body: { error: { code: 'too_large' } } });
    const headers = await hub.api('GET', '/api/jobs', undefined, { 'X-Long': 'x'.repeat(40_000) });
    expect(headers).toMatchObject({ status: 431, body: { error: { code: 'too_large' } } });
  });

  it('are refused when their body is nested without end', async () => {
    const hub = await startStillHub();
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    for (const depth of [101, 20_000]) {
      const body = `{"type":"website_html","payload":{"url":${nested(depth)}}}`;
      const refused = await hub.api('POST', '/api/jobs', body);
      expect(refused).toMatchObject({ status: 400, body: { error: { code: 'bad_request' } } });
      expect(refused.body.error.message).toMatch(/nested more than 100/);
    }
    const agent = await joinAgent(hub);
    await hub.createJob();
    const task = await agent.takeTask();
    const [before = '', after = ''] = JSON.stringify(agent.submission(task, { result: { deep: 'HERE' } })).split(
      '"HERE"',
    );
    const body = Buffer.from(before + nested(20_000) + after);
    const refused = await agent.call('POST', '/internal/results', body);
    expect(refused).toMatchObject({ status: 400, verified: true, body: { error: { code: 'bad_request' } } });
    expect((await agent.submit(task)).status).toBe(200);
    expect(hub.log.lines.filter((line) => line.level === 'error')).toEqual([]);
  });

  it('are refused when their body is too large or they come too often', async () => {
    const hub = await startStillHub({ limits: { maxOperatorBodyBytes: 1_000, operatorRequestsPerMinute: 3 } });
    const large = await hub.api('POST', '/api/jobs', page(`https://example.com/${'x'.repeat(2_000)}`));
    expect(large).toMatchObject({ status: 413, body: { error: { code: 'too_large' } } });
    await hub.api('GET', '/api/jobs');
    await hub.api('GET', '/api/jobs');
    const limited = await hub.api('GET', '/api/jobs');
    expect(limited).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } });
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('the oldest pending job', () => {
  it('is one that could be handed out now, not one that is scheduled for later', async () => {
    const hub = await startStillHub();
    const oldest = async () => (await hub.api('GET', '/api/jobs/stats')).body.oldestPendingCreatedAtMs;
    await hub.createJob({ runAt: hub.clock.nowMs() + 3_600_000 });
    expect(await oldest()).toBeNull();
    hub.clock.advance(60_000);
    expect((await hub.api('GET', '/metrics')).text).toContain('legwork_hub_oldest_pending_job_age_seconds 0');
    const jobId = await hub.createJob();
    expect(await oldest()).toBe((await hub.api('GET', `/api/jobs/${jobId}`)).body.createdAtMs);
  });
});

describe('the list of jobs', () => {
  it('is paged by key, newest first, without gaps when jobs are added', async () => {
    const hub = await startStillHub();
    const ids: string[] = [];
    for (let position = 0; position < 5; position += 1) ids.unshift(await hub.createJob());
    const first = (await hub.api('GET', '/api/jobs?limit=2')).body;
    await hub.createJob();
    const second = (await hub.api('GET', `/api/jobs?limit=2&cursor=${first.nextCursor}`)).body;
    const third = (await hub.api('GET', `/api/jobs?limit=2&cursor=${second.nextCursor}`)).body;
    const listed = [first, second, third].flatMap(({ jobs }) => jobs.map((job: { id: string }) => job.id));
    expect(listed).toEqual(ids);
    expect(third.nextCursor).toBeNull();
  });

  it('is filtered by status, type, worker, key and time', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const before = hub.clock.nowMs() - 1;
    const audit = await hub.createJob({ type: 'lighthouse_html', uniqueKey: 'audit 1' });
    const taken = await hub.createJob();
    await agent.takeTask();
    const listed = async (query: string): Promise<string[]> =>
      (await hub.api('GET', `/api/jobs?${query}`)).body.jobs.map((job: { id: string }) => job.id);
    expect(await listed('status=processing')).toEqual([taken]);
    expect(await listed('type=lighthouse_html&status=pending')).toEqual([audit]);
    expect(await listed('workerId=worker-1')).toEqual([taken]);
    expect(await listed('uniqueKey=audit%201')).toEqual([audit]);
    expect(await listed(`createdAfter=${before}`)).toEqual([taken, audit]);
    expect(await listed(`createdBefore=${encodeURIComponent(new Date(before).toISOString())}`)).toEqual([]);
  });
});

describe('a job', () => {
  it('is cancelled, retried and deleted only where that makes sense', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const act = async (action: string): Promise<number> =>
      (await hub.api('POST', `/api/jobs/${jobId}/${action}`, undefined, { 'Content-Type': 'application/json' })).status;
    expect(await act('retry')).toBe(409);
    expect(await act('cancel')).toBe(200);
    expect(await act('cancel')).toBe(200);
    expect(await act('retry')).toBe(200);
    const task = await agent.takeTask();
    expect((await hub.api('DELETE', `/api/jobs/${jobId}`)).status).toBe(409);
    await agent.submit(task);
    expect(await act('cancel')).toBe(409);
    expect(await act('retry')).toBe(409);
    expect((await hub.api('DELETE', `/api/jobs/${jobId}`)).status).toBe(204);
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).status).toBe(404);
    expect((await hub.api('GET', '/api/jobs/stats')).body.total).toBe(0);
  });

  it('has no result before there is one', async () => {
    const hub = await startStillHub();
    const jobId = await hub.createJob();
    expect(await hub.api('GET', `/api/jobs/${jobId}/result`)).toMatchObject({ status: 404 });
    expect((await hub.api('GET', `/api/jobs/${jobId}/blobs/page.html`)).status).toBe(404);
  });
});

describe('workers', () => {
  it('are registered by the operator, with a given or a made secret, once', async () => {
    const hub = await startStillHub();
    const given = await hub.api('POST', '/api/workers', { workerId: 'w1', secret: 'a-shared-secret-of-ours' });
    expect(given).toMatchObject({ status: 201, body: { workerId: 'w1', secret: 'a-shared-secret-of-ours' } });
    const made = await hub.api('POST', '/api/workers', { workerId: 'w2' });
    expect(made.body.secret).toMatch(/^[0-9a-f]{64}$/);
    expect((await hub.api('POST', '/api/workers', { workerId: 'w1' })).status).toBe(409);
    expect((await hub.api('POST', '/api/workers', { workerId: 'token:x' })).status).toBe(400);
    expect((await hub.api('POST', '/api/workers', { workerId: 'w3', secret: 'short' })).status).toBe(400);
    const listed = await hub.api('GET', '/api/workers');
    expect(listed.text).not.toContain('a-shared-secret-of-ours');
    expect(listed.body.workers).toMatchObject([
      { workerId: 'w1', state: 'offline', session: null },
      { workerId: 'w2' },
    ]);
  });
});

describe('a worker that the hub is started with', () => {
  it('stays as it is when the same secret is given again, and gets a new one otherwise', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const given = agent.secret;
    agent.secret = (await agent.call('POST', '/internal/rotate-secret', { sessionId: agent.sessionId })).body.secret;
    await agent.requestWork();
    hub.hub.registerWorker({ workerId: agent.workerId, secret: given });
    expect((await agent.requestWork()).status).toBe(204);
    await hub.api('POST', `/api/workers/${agent.workerId}/revoke`);
    hub.hub.registerWorker({ workerId: agent.workerId, secret: given });
    expect((await agent.handshake()).body.error.code).toBe('revoked_worker');
    hub.hub.registerWorker({ workerId: agent.workerId, secret: 'another-secret-0123456789' });
    expect((await agent.handshake()).body.error.code).toBe('bad_signature');
    agent.secret = 'another-secret-0123456789';
    expect((await agent.handshake()).status).toBe(200);
  });
});
