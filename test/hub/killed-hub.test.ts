import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { sha256Hex } from '../../main/protocol/canonical-string.ts';
import { TestAgent } from './support/test-agent.ts';
import { callOperatorApi, OPERATOR_KEY, temporaryFolder } from './support/test-hub.ts';

const PROGRAM = fileURLToPath(new URL('support/hub-program.ts', import.meta.url));

async function spawnHub(dataFolder: string): Promise<{ url: string; program: ChildProcess }> {
  const program = spawn(process.execPath, [PROGRAM, dataFolder, OPERATOR_KEY], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void program.kill('SIGKILL'));
  const [line] = (await once(program.stdout, 'data')) as [Buffer];
  return { url: line.toString('utf8').trim(), program };
}

async function kill(program: ChildProcess): Promise<void> {
  const gone = once(program, 'exit');
  program.kill('SIGKILL');
  await gone;
}

it('a hub that is killed keeps every answer that it gave', async () => {
  const dataFolder = temporaryFolder();
  const secret = 'secret-of-the-worker-0123';
  const content = randomBytes(50_000);
  const sha256 = sha256Hex(content);
  const total = content.byteLength;

  const first = await spawnHub(dataFolder);
  await callOperatorApi(first.url, 'POST', '/api/workers', { workerId: 'worker-1', secret });
  const job = { type: 'website_html', payload: { url: 'https://example.com/' } };
  await callOperatorApi(first.url, 'POST', '/api/jobs', { jobs: [job, job] });
  const agent = new TestAgent(first.url, 'worker-1', secret);
  await agent.handshake();
  const tasks = (await agent.requestWork({ capacity: { page: 2, exclusive: 0 }, idempotencyKey: 'k' })).body.tasks;
  expect(tasks).toHaveLength(2);
  await agent.putPart(sha256, content.subarray(0, 30_000), { offset: 0, total });
  await kill(first.program);

  const second = await spawnHub(dataFolder);
  const again = new TestAgent(second.url, 'worker-1', secret);
  again.sessionId = agent.sessionId;
  const repeated = await again.requestWork({ capacity: { page: 2, exclusive: 0 }, idempotencyKey: 'k' });
  const leaseIds = (list: { leaseId: string }[]): string[] => list.map((task) => task.leaseId).sort();
  expect(leaseIds(repeated.body.tasks)).toEqual(leaseIds(tasks));
  expect((await again.putPart(sha256, content.subarray(30_000), { offset: 30_000, total })).status).toBe(200);
  const attemptId = 'attempt-1';
  const blobs = [{ name: 'shot.png', sha256, sizeBytes: total, contentType: 'image/png' }];
  expect((await again.submit(tasks[0], { attemptId, blobs })).status).toBe(200);
  await kill(second.program);

  const third = await spawnHub(dataFolder);
  const last = new TestAgent(third.url, 'worker-1', secret);
  expect((await last.submit(tasks[0], { attemptId, blobs })).body.error.code).toBe('already_stored');
  const stats = await callOperatorApi(third.url, 'GET', '/api/jobs/stats');
  expect(stats.body.byStatus).toMatchObject({ completed: 1, processing: 1 });
  const download = await fetch(`${third.url}/api/jobs/${tasks[0].jobId}/blobs/shot.png`, {
    headers: { Authorization: `Bearer ${OPERATOR_KEY}` },
  });
  expect(sha256Hex(new Uint8Array(await download.arrayBuffer()))).toBe(sha256);
  await kill(third.program);
});
