import Database from 'better-sqlite3';
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HubStartError } from '../../main/hub/start-hub.ts';
import { listJobsSql } from '../../main/hub/store/job-list.ts';
import { MAKE_READY, NEXT_SCHEDULED, OLDEST_READY, READY_OF_TYPE } from '../../main/hub/store/job-store.ts';
import { EXPIRED_LEASES, OPEN_LEASES_OF_WORKER } from '../../main/hub/store/lease-store.ts';
import { openStore } from '../../main/hub/store/open-store.ts';
import { DUE_WEBHOOKS } from '../../main/hub/store/webhook-store.ts';
import { joinAgent } from './support/test-agent.ts';
import { startStillHub, temporaryFolder } from './support/test-hub.ts';

const databaseOf = (folder: string): string => join(folder, 'hub.sqlite');

describe('a hub', () => {
  it('refuses the database of a newer one and leaves it as it is', async () => {
    const dataFolder = temporaryFolder();
    const file = databaseOf(dataFolder);
    const newer = new Database(file);
    newer.exec('CREATE TABLE future (a)');
    newer.pragma('user_version = 99');
    newer.close();
    const before = readFileSync(file);
    await expect(startStillHub({ dataFolder })).rejects.toThrow(/version 99.*newer hub.*Update/s);
    expect(readFileSync(file)).toEqual(before);
  });

  it('refuses what is damaged or not its own, with a reason', async () => {
    const damaged = temporaryFolder();
    writeFileSync(databaseOf(damaged), 'this is not a database, however long it may be'.repeat(100));
    await expect(startStillHub({ dataFolder: damaged })).rejects.toThrow(HubStartError);
    const foreign = temporaryFolder();
    const other = new Database(databaseOf(foreign));
    other.exec('CREATE TABLE guests (name TEXT)');
    other.close();
    await expect(startStillHub({ dataFolder: foreign })).rejects.toThrow(/not one of a hub/);
  });

  it('refuses to share its data folder', async () => {
    const hub = await startStillHub();
    await expect(startStillHub({ dataFolder: hub.dataFolder })).rejects.toThrow(/another hub runs/);
    await hub.hub.close();
    await startStillHub({ dataFolder: hub.dataFolder });
  });

  it('says clearly that a port is taken or its options are wrong', async () => {
    const hub = await startStillHub();
    const port = Number(new URL(hub.url).port);
    await expect(startStillHub({ port })).rejects.toThrow(new RegExp(`cannot listen on 127.0.0.1:${port}`));
    const neverRenewed = { leaseSeconds: 5, heartbeatSeconds: 3_600 };
    await expect(startStillHub({ limits: neverRenewed })).rejects.toThrow(/at most half of a lease/);
    await expect(startStillHub({ operatorKey: 'short' })).rejects.toThrow(/at least 16/);
    await expect(startStillHub({ hubKey: 'no key' })).rejects.toThrow(/64 hex digits/);
  });

  it('keeps its key readable for its user only, and does not start with another or without', async () => {
    const hub = await startStillHub();
    const file = join(hub.dataFolder, 'hub.key');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await hub.hub.close();
    const key = readFileSync(file, 'utf8');
    await expect(startStillHub({ dataFolder: hub.dataFolder, hubKey: 'f'.repeat(64) })).rejects.toThrow(/not the one/);
    rmSync(file);
    await expect(startStillHub({ dataFolder: hub.dataFolder })).rejects.toThrow(/hub key file .* is gone/);
    writeFileSync(file, key);
    chmodSync(file, 0o644);
    const again = await startStillHub({ dataFolder: hub.dataFolder });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await again.hub.close();
  });

  it('writes no secret, token or signature into its files or its log', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const rotated = await agent.call('POST', '/internal/rotate-secret', { sessionId: agent.sessionId });
    const token = hub.hub.createEnrolmentToken();
    await agent.requestWork({}, { secret: 'not-the-right-secret' });
    await hub.api('GET', '/api/webhook-secret');
    await hub.createJob();
    await agent.submit(await agent.takeTask());
    const secrets = [
      agent.secret,
      String(rotated.body.secret),
      token.split('_')[2] ?? '',
      'operator-key-for-tests',
      'v1=',
    ];
    const contents = readdirSync(hub.dataFolder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    contents.push(JSON.stringify(hub.log.lines));
    expect(contents.length).toBeGreaterThan(3);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(2);
      expect(contents.some((content) => content.includes(secret))).toBe(false);
    }
  });
});

describe('a hot statement', () => {
  const planOf = (sql: string, ...parameters: unknown[]): string => {
    const store = openStore(databaseOf(temporaryFolder()));
    const plan = store.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters);
    store.close();
    return plan.map((step) => step.detail).join('\n');
  };

  it('finds the next job by its partial index, without sorting', () => {
    const plan = planOf(READY_OF_TYPE, 'website_html');
    expect(plan).toMatch(/SEARCH jobs USING INDEX jobs_ready \(type=\?\)/);
    expect(plan).not.toMatch(/TEMP B-TREE|SCAN/);
    expect(planOf(OLDEST_READY)).toMatch(/USING COVERING INDEX jobs_waiting$/);
    expect(planOf(NEXT_SCHEDULED)).toMatch(/USING COVERING INDEX jobs_scheduled$/);
    expect(planOf(MAKE_READY, 0)).toMatch(/jobs_scheduled \(run_at_ms<\?\)/);
  });

  it('finds leases that expire, and those of a worker, by partial indexes', () => {
    const expiry = planOf(EXPIRED_LEASES, 0, 10);
    expect(expiry).toMatch(/SEARCH l USING INDEX leases_open_by_expiry/);
    expect(expiry).not.toMatch(/TEMP B-TREE|SCAN/);
    expect(planOf(OPEN_LEASES_OF_WORKER, 'w')).toMatch(/SEARCH l USING INDEX leases_open_by_worker/);
    expect(planOf(DUE_WEBHOOKS, 0, '[]', 10)).toMatch(/USING INDEX webhook_deliveries_due/);
  });

  it('lists a page of jobs from an index, whatever it is filtered by', () => {
    const after = { createdAtMs: 1, sequence: 1 };
    const parameters = { limit: 1, afterCreatedAtMs: 1, afterSequence: 1, status: 'failed', type: 't', workerId: 'w' };
    for (const filter of [{}, { status: 'failed' as const }, { type: 't' }, { workerId: 'w' }]) {
      const plan = planOf(listJobsSql({ ...filter, after, limit: 1 }), parameters);
      expect(plan).toMatch(/SEARCH jobs USING INDEX jobs_by_/);
      expect(plan).not.toMatch(/TEMP B-TREE|SCAN/);
    }
  });
});
