import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { blobPath, type BlobEncoding } from '../../../main/protocol/blobs.ts';
import { sha256Hex } from '../../../main/protocol/canonical-string.ts';
import type { LeasedTask } from '../../../main/protocol/request-work.ts';
import { createNonce, HEADER, signRequest, verifyResponse } from '../../../main/protocol/signature.ts';

/** What a signed call was answered with. */
export interface AgentAnswer {
  status: number;
  // The shape depends on the call; tests look into it freely.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
  /** Whether the answer is provably the hub's; null when it is not signed at all. */
  verified: boolean | null;
  headers: Headers;
}

/** What a test does to a request after or before it is signed. */
export interface Tampering {
  timestamp?: number;
  nonce?: string;
  /** Sent instead of what was signed. */
  sendPath?: string;
  sendBody?: Buffer;
  secret?: string;
  signal?: AbortSignal;
  contentType?: string;
}

/** An agent as a hub sees it: signs calls and checks answers by the protocol, and does nothing else. */
export class TestAgent {
  readonly url: string;
  readonly workerId: string;
  secret: string;
  instanceId: string = randomUUID();
  epoch = 1;
  startId: string = randomUUID();
  sessionId = '';
  readonly #nowMs: () => number;

  /** @param nowMs what its calls are signed with */
  constructor(url: string, workerId: string, secret: string, nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
    this.url = url;
    this.workerId = workerId;
    this.secret = secret;
  }

  async call(method: string, path: string, body: unknown, tampering: Tampering = {}): Promise<AgentAnswer> {
    const bytes =
      body === undefined ? Buffer.alloc(0) : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const timestamp = tampering.timestamp ?? Math.floor(this.#nowMs() / 1_000);
    const nonce = tampering.nonce ?? createNonce();
    const secret = tampering.secret ?? this.secret;
    const signature = signRequest(secret, { timestamp, nonce, method, pathAndQuery: path, body: bytes });
    const sent = tampering.sendBody ?? bytes;
    const response = await fetch(this.url + (tampering.sendPath ?? path), {
      method,
      headers: {
        'Content-Type': tampering.contentType ?? 'application/json',
        [HEADER.workerId]: this.workerId,
        [HEADER.timestamp]: String(timestamp),
        [HEADER.nonce]: nonce,
        [HEADER.signature]: signature,
      },
      body: method === 'GET' ? null : new Uint8Array(sent),
      signal: tampering.signal ?? null,
    });
    const answer = Buffer.from(await response.arrayBuffer());
    const signed = response.headers.get(HEADER.signature);
    const verified =
      signed === null
        ? null
        : verifyResponse(
            secret,
            {
              timestamp: Number(response.headers.get(HEADER.timestamp)),
              nonce: response.headers.get(HEADER.nonce) ?? '',
              status: response.status,
              requestNonce: nonce,
              body: answer,
            },
            signed,
          );
    const text = answer.toString('utf8');
    return {
      status: response.status,
      body: text === '' ? null : JSON.parse(text),
      verified,
      headers: response.headers,
    };
  }

  /** Shakes hands and, when that succeeds, uses the new session from then on. */
  async handshake(fields: Record<string, unknown> = {}): Promise<AgentAnswer> {
    const answer = await this.call('POST', '/internal/handshake', {
      protocolVersion: 1,
      agentVersion: '0.1.0',
      instanceId: this.instanceId,
      epoch: this.epoch,
      startId: this.startId,
      operatingSystem: { platform: 'linux', release: '6', architecture: 'x64' },
      cpuCount: 2,
      memoryBytes: 1_000_000,
      browsers: [{ kind: 'headless_shell', version: '156' }],
      taskTypes: [{ type: 'website_html', version: 1 }],
      heldLeases: [],
      unsentResults: [],
      ...fields,
    });
    if (answer.status === 200) this.sessionId = answer.body.sessionId;
    return answer;
  }

  requestWork(fields: Record<string, unknown> = {}, tampering: Tampering = {}): Promise<AgentAnswer> {
    const message = {
      sessionId: this.sessionId,
      idempotencyKey: randomUUID(),
      capacity: { page: 1, exclusive: 0 },
      types: ['website_html', 'lighthouse_html'],
      heldLeases: [],
      power: { onBattery: null, idle: null },
      waitSeconds: 0,
      ...fields,
    };
    return this.call('POST', '/internal/request-work', message, tampering);
  }

  /** One task; fails when there is none. */
  async takeTask(fields: Record<string, unknown> = {}): Promise<LeasedTask> {
    const answer = await this.requestWork(fields);
    const task: LeasedTask | undefined = answer.body?.tasks?.[0];
    if (task === undefined) throw new Error(`no task: ${answer.status} ${JSON.stringify(answer.body)}`);
    return task;
  }

  heartbeat(
    leases: { leaseId: string; state?: string; progress?: object }[],
    fields: object = {},
  ): Promise<AgentAnswer> {
    return this.call('POST', '/internal/heartbeat', {
      sessionId: this.sessionId,
      leases: leases.map((lease) => ({ state: 'running', ...lease })),
      ...fields,
    });
  }

  submit(task: { leaseId: string; jobId: string }, fields: Record<string, unknown> = {}): Promise<AgentAnswer> {
    return this.call('POST', '/internal/results', this.submission(task, fields));
  }

  /** What `submit` sends. */
  submission(task: { leaseId: string; jobId: string }, fields: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      leaseId: task.leaseId,
      jobId: task.jobId,
      attemptId: randomUUID(),
      type: 'website_html',
      typeVersion: 1,
      attempts: 1,
      outcome: 'completed',
      startedAtMs: this.#nowMs() - 1_000,
      finishedAtMs: this.#nowMs(),
      durationMs: 1_000,
      result: { title: 'Übersicht' },
      error: null,
      blobs: [],
      ...fields,
    };
  }

  putPart(
    sha256: string,
    part: Buffer,
    query: { offset: number; total: number; encoding?: BlobEncoding },
  ): Promise<AgentAnswer> {
    const path = blobPath(sha256, { encoding: 'identity', ...query });
    return this.call('PUT', path, part, { contentType: 'application/octet-stream' });
  }

  /** Sends a whole blob and gives the reference to it. */
  async putBlob(
    name: string,
    content: Buffer,
    contentType: string,
  ): Promise<{ name: string; sha256: string; sizeBytes: number; contentType: string }> {
    const sha256 = sha256Hex(content);
    const answer = await this.putPart(sha256, content, { offset: 0, total: content.byteLength });
    if (answer.status !== 200) throw new Error(`putting ${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return { name, sha256, sizeBytes: content.byteLength, contentType };
  }

  goodbye(fields: Record<string, unknown> = {}): Promise<AgentAnswer> {
    return this.call('POST', '/internal/goodbye', {
      sessionId: this.sessionId,
      reason: 'stopped',
      returnedLeases: [],
      ...fields,
    });
  }
}

/** Registers a worker at the hub and shakes hands as it; its clock is the hub's. */
export async function joinAgent(
  target: {
    url: string;
    clock: { nowMs(): number };
    hub: { registerWorker(worker: { workerId: string; secret: string }): void };
  },
  workerId = 'worker-1',
): Promise<TestAgent> {
  const secret = `secret-of-${workerId}-0123456789`;
  target.hub.registerWorker({ workerId, secret });
  const agent = new TestAgent(target.url, workerId, secret, () => target.clock.nowMs());
  const answer = await agent.handshake();
  if (answer.status !== 200) throw new Error(`handshake: ${answer.status} ${JSON.stringify(answer.body)}`);
  return agent;
}

/** Waits until the hub holds this worker's request open. */
export async function untilWaiting(
  target: { api(method: string, path: string): Promise<{ body: { waiting?: boolean } }> },
  workerId: string,
): Promise<void> {
  for (;;) {
    const { body } = await target.api('GET', `/api/workers/${workerId}`);
    if (body.waiting === true) return;
    await pause(10);
  }
}
