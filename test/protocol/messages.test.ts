import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { blobPath, putBlobQuery, putBlobResponse } from '../../main/protocol/blobs.ts';
import { rotateSecretRequest } from '../../main/protocol/enrolment.ts';
import { goodbyeRequest } from '../../main/protocol/goodbye.ts';
import { leaveRequest } from '../../main/protocol/leave.ts';
import { handshakeRequest, handshakeResponse } from '../../main/protocol/handshake.ts';
import { heartbeatRequest, heartbeatResponse } from '../../main/protocol/heartbeat.ts';
import { requestWorkRequest, requestWorkResponse } from '../../main/protocol/request-work.ts';
import { submitResultRequest } from '../../main/protocol/results.ts';

const HASH = 'ea5947abd3adc0c033b260e88635dff600544e700676464d005d61eb9749d494';

/** A message that its schema accepts, and changes that make it one that the schema must refuse. */
interface Case {
  schema: z.ZodType;
  good: Record<string, unknown>;
  /** What is changed, and the path of the field that the refusal must name. */
  bad: [Record<string, unknown>, string][];
}

const TASK = {
  leaseId: 'lease-1',
  leaseSeconds: 120,
  jobId: 'job-1',
  type: 'website_html',
  payload: { url: 'https://example.org/' },
  priority: 5,
  maxAttempts: 3,
};

const CASES: Record<string, Case> = {
  handshakeRequest: {
    schema: handshakeRequest,
    good: {
      protocolVersion: 1,
      agentVersion: '0.1.0',
      instanceId: 'i',
      epoch: 1,
      startId: 's',
      operatingSystem: { platform: 'linux', release: '6', architecture: 'x64' },
      cpuCount: 2,
      memoryBytes: 0,
      browsers: [],
      taskTypes: [],
      heldLeases: [],
      unsentResults: [],
    },
    bad: [
      [{ startId: undefined }, 'startId'],
      [{ epoch: 0 }, 'epoch'],
      [{ epoch: '1' }, 'epoch'],
      [{ epoch: 2 ** 53 }, 'epoch'],
      [{ instanceId: '' }, 'instanceId'],
      [{ instanceId: 'x'.repeat(129) }, 'instanceId'],
      [{ instanceId: 'a/b' }, 'instanceId'],
      [{ instanceId: 'a\n' }, 'instanceId'],
      [{ operatingSystem: { platform: 'linux' } }, 'operatingSystem.release'],
      [{ browsers: [{ kind: 'firefox', version: '1' }] }, 'browsers.0.kind'],
      [{ taskTypes: [{ type: 'Website', version: 1 }] }, 'taskTypes.0.type'],
      [{ heldLeases: Array.from({ length: 10_001 }, () => 'l') }, 'heldLeases'],
      [{ unsentResults: [{ leaseId: 'l' }] }, 'unsentResults.0.attemptId'],
      [{ cpuCount: 1.5 }, 'cpuCount'],
      [{ memoryBytes: -1 }, 'memoryBytes'],
    ],
  },
  handshakeResponse: {
    schema: handshakeResponse,
    good: {
      workerId: 'w',
      sessionId: 's',
      hubTimeMs: 1,
      leaseSeconds: 60,
      heartbeatSeconds: 20,
      maxWaitSeconds: 50,
      maxTasksPerRequest: 10,
      maxBlobBytes: 1,
      maxBlobChunkBytes: 1_024,
      keptLeases: [],
      lostLeases: [],
    },
    bad: [
      [{ leaseSeconds: 4 }, 'leaseSeconds'],
      [{ heartbeatSeconds: 0 }, 'heartbeatSeconds'],
      [{ maxWaitSeconds: 51 }, 'maxWaitSeconds'],
      [{ maxTasksPerRequest: 0 }, 'maxTasksPerRequest'],
      [{ maxBlobChunkBytes: 1_023 }, 'maxBlobChunkBytes'],
      [{ keptLeases: undefined }, 'keptLeases'],
      [{ minimumAgentVersion: null }, 'minimumAgentVersion'],
    ],
  },
  requestWorkRequest: {
    schema: requestWorkRequest,
    good: {
      sessionId: 's',
      idempotencyKey: 'k',
      capacity: { page: 0, exclusive: 0 },
      types: [],
      heldLeases: [],
      power: { onBattery: null, idle: true },
      waitSeconds: 50,
    },
    bad: [
      [{ capacity: { page: 1 } }, 'capacity.exclusive'],
      [{ capacity: { page: -1, exclusive: 0 } }, 'capacity.page'],
      [{ waitSeconds: 51 }, 'waitSeconds'],
      [{ power: {} }, 'power.onBattery'],
      [{ idempotencyKey: undefined }, 'idempotencyKey'],
      [{ acknowledgedCommands: Array.from({ length: 101 }, () => 'c') }, 'acknowledgedCommands'],
    ],
  },
  requestWorkResponse: {
    schema: requestWorkResponse,
    good: { tasks: [TASK] },
    bad: [
      [{ tasks: [{ ...TASK, payload: [] }] }, 'tasks.0.payload'],
      [{ tasks: [{ ...TASK, payload: null }] }, 'tasks.0.payload'],
      [{ tasks: [{ ...TASK, priority: 0 }] }, 'tasks.0.priority'],
      [{ tasks: [{ ...TASK, priority: 11 }] }, 'tasks.0.priority'],
      [{ tasks: [{ ...TASK, maxAttempts: 21 }] }, 'tasks.0.maxAttempts'],
      [{ tasks: [{ ...TASK, leaseSeconds: 0 }] }, 'tasks.0.leaseSeconds'],
      [{ tasks: [{ ...TASK, jobId: 77 }] }, 'tasks.0.jobId'],
      [{ lostLeases: [{ leaseId: 'l', reason: 'stolen' }] }, 'lostLeases.0.reason'],
      [{ commands: [{ id: 'c', command: 'reboot' }] }, 'commands.0.command'],
      [{ tasks: {} }, 'tasks'],
    ],
  },
  heartbeatRequest: {
    schema: heartbeatRequest,
    good: {
      sessionId: 's',
      leases: [{ leaseId: 'l', state: 'running', progress: { percent: 100, stage: 'saving' } }],
    },
    bad: [
      [{ leases: [{ leaseId: 'l', state: 'done' }] }, 'leases.0.state'],
      [
        { leases: [{ leaseId: 'l', state: 'running', progress: { percent: 101, stage: '' } }] },
        'leases.0.progress.percent',
      ],
      [
        { leases: [{ leaseId: 'l', state: 'running', progress: { percent: 1, stage: 'x'.repeat(101) } }] },
        'leases.0.progress.stage',
      ],
      [{ diagnostics: [] }, 'diagnostics'],
    ],
  },
  heartbeatResponse: {
    schema: heartbeatResponse,
    good: { renewedLeases: ['l'], leaseSeconds: 60 },
    bad: [
      [{ leaseSeconds: undefined }, 'leaseSeconds'],
      [{ renewedLeases: [''] }, 'renewedLeases.0'],
    ],
  },
  submitResultRequest: {
    schema: submitResultRequest,
    good: {
      leaseId: 'l',
      jobId: 'j',
      attemptId: 'a',
      type: 'website_html',
      typeVersion: 1,
      attempts: 0,
      outcome: 'completed',
      startedAtMs: 1,
      finishedAtMs: 2,
      durationMs: 1,
      result: { title: 'é' },
      error: null,
      blobs: [{ name: 'page.html', sha256: HASH, sizeBytes: 0, contentType: 'text/html' }],
    },
    bad: [
      [{ outcome: 'cancelled' }, 'outcome'],
      [{ result: undefined }, 'result'],
      [{ result: 'text' }, 'result'],
      [{ error: { code: 'boom', class: 'permanent', message: '' } }, 'error.code'],
      [{ typeVersion: 0 }, 'typeVersion'],
      [{ attempts: 101 }, 'attempts'],
      [{ durationMs: 0.5 }, 'durationMs'],
      [{ startedAtMs: '2026-11-22T00:00:00Z' }, 'startedAtMs'],
      [{ blobs: [{ name: '../page.html', sha256: HASH, sizeBytes: 0, contentType: '' }] }, 'blobs.0.name'],
      [{ blobs: [{ name: '.html', sha256: HASH, sizeBytes: 0, contentType: '' }] }, 'blobs.0.name'],
      [{ blobs: [{ name: 'Page.html', sha256: HASH, sizeBytes: 0, contentType: '' }] }, 'blobs.0.name'],
      [{ blobs: [{ name: 'a', sha256: HASH.toUpperCase(), sizeBytes: 0, contentType: '' }] }, 'blobs.0.sha256'],
      [{ blobs: [{ name: 'a', sha256: HASH, sizeBytes: -1, contentType: '' }] }, 'blobs.0.sizeBytes'],
    ],
  },
  goodbyeRequest: {
    schema: goodbyeRequest,
    good: { sessionId: 's', reason: 'stopped', returnedLeases: [{ leaseId: 'l', attemptsUsed: 0 }] },
    bad: [
      [{ reason: 'bored' }, 'reason'],
      [{ returnedLeases: ['l'] }, 'returnedLeases.0'],
      [{ returnedLeases: [{ leaseId: 'l', attemptsUsed: -1 }] }, 'returnedLeases.0.attemptsUsed'],
    ],
  },
  leaveRequest: {
    schema: leaveRequest,
    good: { returnedLeases: [{ leaseId: 'l', attemptsUsed: 1 }] },
    bad: [
      [{ returnedLeases: undefined }, 'returnedLeases'],
      [{ returnedLeases: [{ leaseId: 'l', attemptsUsed: 101 }] }, 'returnedLeases.0.attemptsUsed'],
    ],
  },
  rotateSecretRequest: {
    schema: rotateSecretRequest,
    good: { sessionId: 's' },
    bad: [[{ sessionId: '' }, 'sessionId']],
  },
};

describe.each(Object.entries(CASES))('%s', (_name, { schema, good, bad }) => {
  it('accepts a good message and ignores a field that it does not know', () => {
    expect(schema.safeParse(good).error).toBeUndefined();
    const read = schema.parse({ ...good, fieldOfTheFuture: true });
    expect(read).not.toHaveProperty('fieldOfTheFuture');
    expect(read).toMatchObject(good);
  });

  it('refuses everything that is no object', () => {
    for (const wrong of [null, undefined, [], 'text', 7]) expect(schema.safeParse(wrong).success).toBe(false);
  });

  it.each(bad)('refuses %j and names %s', (change, path) => {
    const parsed = schema.safeParse({ ...good, ...change });
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});

it('may leave out what has a default', () => {
  expect(requestWorkResponse.parse({ tasks: [] })).toEqual({ tasks: [], lostLeases: [], commands: [] });
  expect(heartbeatResponse.parse({ renewedLeases: [], leaseSeconds: 1 })).toMatchObject({
    lostLeases: [],
    commands: [],
  });
  expect(heartbeatRequest.parse({ sessionId: 's', leases: [] })).toMatchObject({ acknowledgedCommands: [] });
});

describe('the query of a PUT of a blob', () => {
  it('is written in one order and read back', () => {
    const path = blobPath(HASH, { offset: 4_194_304, total: 5_000_000, encoding: 'br' });
    expect(path).toBe(`/internal/blobs/${HASH}?offset=4194304&total=5000000&encoding=br`);
    const query = Object.fromEntries(new URL(path, 'http://hub').searchParams);
    expect(putBlobQuery.parse(query)).toEqual({ offset: 4_194_304, total: 5_000_000, encoding: 'br' });
  });

  it.each([
    [{ offset: '-1' }],
    [{ offset: '1.5' }],
    [{ offset: 'one' }],
    [{ offset: undefined }],
    [{ total: 'Infinity' }],
    [{ encoding: 'gzip' }],
    [{ encoding: undefined }],
    [{ offset: ['1', '2'] }],
  ])('is refused with %j', (change) => {
    expect(putBlobQuery.safeParse({ offset: '0', total: '1', encoding: 'identity', ...change }).success).toBe(false);
  });

  it('is answered with how much there is', () => {
    expect(putBlobResponse.safeParse({ status: 'partial', offset: 7 }).success).toBe(true);
    expect(putBlobResponse.safeParse({ status: 'partial' }).success).toBe(false);
    expect(putBlobResponse.safeParse({ status: 'created', offset: 7 }).success).toBe(false);
  });
});
