import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { joinAgent } from './support/test-agent.ts';
import { startStillHub, type TestHub } from './support/test-hub.ts';
import { startWebhookReceiver } from './support/webhook-receiver.ts';

/** Waits until the hub knows how so many attempts went: their retries can only be due after that. */
async function untilAttempted(hub: TestHub, outcome: 'retried' | 'given_up', times: number): Promise<void> {
  const line = `legwork_hub_webhook_attempts_total{outcome="${outcome}"} ${times}`;
  while (!(await hub.api('GET', '/metrics')).text.includes(line)) await pause(10);
}

describe('a webhook', () => {
  it('tells of a completed job, signed with the secret that the operator reads', async () => {
    const hub = await startStillHub();
    const receiver = await startWebhookReceiver();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob({ webhookUrl: receiver.url });
    await agent.submit(await agent.takeTask());
    const { headers, body } = await receiver.next();
    const { secret } = (await hub.api('GET', '/api/webhook-secret')).body;
    const timestamp = String(headers['x-legwork-timestamp']);
    const expected = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    expect(headers['x-legwork-signature']).toBe(`v1=${expected}`);
    expect(JSON.parse(body)).toMatchObject({
      id: headers['x-legwork-webhook-id'],
      event: 'job.completed',
      job: { id: jobId, status: 'completed' },
      resultUrl: `/api/jobs/${jobId}/result`,
    });
  });

  it.each([
    ['http://127.0.0.1:PORT/hook', 'loopback'],
    ['http://localhost:PORT/hook', 'loopback'],
    ['http://[::ffff:127.0.0.1]:PORT/hook', 'mapped|loopback'],
    ['http://2130706433:PORT/hook', 'loopback'],
    ['http://169.254.169.254/latest/meta-data', 'link_local'],
    ['http://10.0.0.1/hook', 'private'],
    ['http://printer.local/hook', 'local_name'],
    ['http://example.com:6379/hook', 'port'],
  ])('to %s is not sent and not tried again, unless the hub was told to', async (url, rule) => {
    const hub = await startStillHub({ allowedWebhookHosts: [] });
    const receiver = await startWebhookReceiver();
    const webhookUrl = url.replace('PORT', new URL(receiver.url).port);
    const jobId = await hub.createJob({ webhookUrl });
    await hub.api('POST', `/api/jobs/${jobId}/cancel`);
    const givenUp = (): boolean => hub.log.lines.some((line) => line.message === 'webhook given up');
    while (!givenUp()) await pause(10);
    expect(JSON.stringify(hub.log.lines)).toMatch(
      new RegExp(`is refused by the rule (${rule}); --allowed-webhook-hosts`),
    );
    expect(receiver.received).toEqual([]);
  });

  it('is sent to no receiver that cannot be read as one', async () => {
    await expect(startStillHub({ allowedWebhookHosts: ['0.0.0.0/0'] })).rejects.toThrow(/too wide/);
  });

  it('is sent again after failures, with the same id, also by a hub that was restarted meanwhile', async () => {
    const hub = await startStillHub({ webhookSecret: 'a-webhook-secret-of-ours' });
    const receiver = await startWebhookReceiver([500, 302]);
    const jobId = await hub.createJob({ webhookUrl: receiver.url });
    await hub.api('POST', `/api/jobs/${jobId}/cancel`);
    const first = await receiver.next();
    expect(JSON.parse(first.body).event).toBe('job.cancelled');
    await untilAttempted(hub, 'retried', 1);
    hub.clock.advance(6_000);
    await receiver.next();
    await hub.hub.close();
    hub.clock.advance(3_600_000);
    const again = await startStillHub({ dataFolder: hub.dataFolder, clock: hub.clock });
    const third = await receiver.next();
    expect(third.body).toBe(first.body);
    expect(third.headers['x-legwork-webhook-id']).toBe(first.headers['x-legwork-webhook-id']);
    await again.hub.close();
    expect(receiver.received).toHaveLength(3);
  });

  it('is not held up by another receiver that never answers, however much is owed to that one', async () => {
    const hub = await startStillHub({ limits: { webhookTimeoutMs: 600_000 } });
    const hanging = createServer();
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      hanging.closeAllConnections();
      hanging.close();
    });
    const receiver = await startWebhookReceiver([500]);
    const slowUrl = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}/`;
    const cancel = async (webhookUrl: string) => {
      const jobId = await hub.createJob({ webhookUrl });
      await hub.api('POST', `/api/jobs/${jobId}/cancel`);
    };
    for (let count = 0; count < 70; count += 1) await cancel(slowUrl);
    await cancel(receiver.url);
    const first = await receiver.next();
    await untilAttempted(hub, 'retried', 1);
    hub.clock.advance(6_000);
    expect((await receiver.next()).body).toBe(first.body);
  });

  it('is given up after its last attempt', async () => {
    const hub = await startStillHub({ limits: { webhookAttempts: 2 } });
    const receiver = await startWebhookReceiver(Array.from({ length: 5 }, () => 503));
    const jobId = await hub.createJob({ webhookUrl: receiver.url });
    await hub.api('POST', `/api/jobs/${jobId}/cancel`);
    await untilAttempted(hub, 'retried', 1);
    hub.clock.advance(10_000);
    await untilAttempted(hub, 'given_up', 1);
    hub.clock.advance(3_600_000);
    expect(receiver.received).toHaveLength(2);
    expect(hub.log.lines.filter((line) => line.message === 'webhook given up')).toHaveLength(1);
  });
});
