import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlobFolder } from '../../../main/agent/outbox/blob-folder.ts';
import { DeliveryLoop } from '../../../main/agent/outbox/delivery-loop.ts';
import { openDatabase } from '../../../main/agent/queue/open-database.ts';
import { Queue } from '../../../main/agent/queue/queue.ts';
import { HubClient } from '../../../main/agent/server/hub-client.ts';
import { HubGate } from '../../../main/agent/server/hub-gate.ts';
import { NodeHttpTransport } from '../../../main/agent/server/http-transport.ts';
import type { BlobReference } from '../../../main/protocol/fields.ts';
import { systemClock } from '../../../main/protocol/ports.ts';
import { submitResultRequest } from '../../../main/protocol/results.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { startSignedServer, type Answer } from '../server/signed-server.ts';
import { BlobsAndResults } from './blobs-and-results.ts';

const SECRET = 'a1b2c3d4'.repeat(8);
const MAX_CHUNK_BYTES = 10_000;

let folder: string;
let database: ReturnType<typeof openDatabase>;
let queue: Queue;
let hub: BlobsAndResults;
let maxInlineBlobBytes: number;
let log: RecordingLog;
let stop: () => Promise<void>;
let wake: () => void;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-delivery-'));
  database = openDatabase(join(folder, 'legwork.sqlite'));
  queue = new Queue({ database, clock: systemClock, random: () => 0 });
  queue.beginEpoch();
  hub = new BlobsAndResults();
  maxInlineBlobBytes = 0;
  log = new RecordingLog();
  const server = await startSignedServer(SECRET, (request) => hub.answer(request));
  const transport = new NodeHttpTransport(server.origin);
  const client = new HubClient({
    transport,
    credentials: () => ({ workerId: 'w', secret: SECRET }),
    basePath: '',
    clock: systemClock,
    log,
  });
  const loop = new DeliveryLoop({
    queue,
    blobs: new BlobFolder(join(folder, 'blobs')),
    client,
    // No delay between tries: what is tested is what is tried, not when.
    gate: new HubGate({ clock: systemClock, random: () => 0 }),
    clock: systemClock,
    random: () => 0,
    log,
    typeVersion: () => 1,
    limits: () => ({ maxChunkBytes: MAX_CHUNK_BYTES, maxBlobBytes: 1_000_000, maxInlineBlobBytes }),
    onEnd: () => undefined,
  });
  const abort = new AbortController();
  const running = loop.run(abort.signal);
  wake = () => loop.wake();
  stop = async () => {
    abort.abort();
    await running;
    transport.close();
    await server.close();
  };
});

afterEach(async () => {
  await stop();
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function writeBlob(name: string, content: Buffer, contentType = 'text/html'): BlobReference {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const shard = join(folder, 'blobs', sha256.slice(0, 2));
  mkdirSync(shard, { recursive: true });
  writeFileSync(join(shard, sha256), content);
  return { name, sha256, sizeBytes: content.byteLength, contentType };
}

let leases = 0;
/** A finished result of a leased task. @returns its attempt id */
function finish(blobs: BlobReference[]): string {
  leases += 1;
  queue.enqueue({
    type: 'website_html',
    url: 'http://x/',
    payload: { url: 'http://x/' },
    lane: 'page',
    origin: 'hub',
    jobId: `job-${leases}`,
    leaseId: `lease-${leases}`,
    leaseExpiresAtMs: Date.now() + 60_000,
  });
  const claimed = queue.claim({ lane: 'page', limit: 1, epoch: 1 })[0];
  if (claimed === undefined) throw new Error('nothing to claim');
  queue.complete({ attemptId: claimed.attemptId, result: { title: 'x' }, blobs, typeVersion: 1 });
  wake();
  return claimed.attemptId;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(10);
}

describe('delivering results', () => {
  it('uploads the blobs, compressed where it pays, then the record', async () => {
    const html = writeBlob('page.html', Buffer.from('<p>All work and no play</p>'.repeat(1_000)));
    const picture = writeBlob('screenshot.png', randomBytes(5_000), 'image/png');
    const attemptId = finish([html, picture]);
    await until(() => queue.outboxCount() === 0);
    expect(hub.results).toEqual([{ attemptId, outcome: 'completed' }]);
    expect([...hub.stored.keys()].sort()).toEqual([html.sha256, picture.sha256].sort());
  });

  it('sends small parts within the record, and a large one before it', async () => {
    maxInlineBlobBytes = 20_000;
    const html = Buffer.from('<p>All work and no play</p>'.repeat(100));
    const picture = randomBytes(15_000);
    const film = randomBytes(8_000);
    const blobs = [
      writeBlob('film.webm', film, 'video/webm'),
      writeBlob('screenshot.png', picture, 'image/png'),
      writeBlob('page.html', html),
    ];
    const attemptId = finish(blobs);
    await until(() => queue.outboxCount() === 0);
    expect(hub.results).toEqual([{ attemptId, outcome: 'completed' }]);
    expect(blobs.map(({ sha256 }) => hub.stored.get(sha256))).toEqual([film, picture, html]);
    expect([...new Set(hub.puts)]).toEqual([blobs[1]?.sha256]);
  });

  it.each<[what: string, answer: Answer]>([
    ['the hub finds it too large', { status: 413, body: { error: { code: 'too_large', message: 'less, please' } } }],
    ['something on the way does', { status: 413, secret: null, body: {} }],
    ['the line breaks', { status: 200, raw: (response) => response.socket?.destroy() }],
  ])('sends every part by itself after a record with parts in it did not get through: %s', async (_what, answer) => {
    maxInlineBlobBytes = 20_000;
    const answers = [answer];
    hub.interfere = () => answers.shift();
    const page = writeBlob('page.html', Buffer.from('<p>once more</p>'));
    finish([page]);
    await until(() => queue.outboxCount() === 0);
    expect(hub.results.length).toBe(1);
    expect(hub.puts).toEqual([page.sha256]);
  });

  it('goes on at the byte where an earlier upload broke off', async () => {
    const content = randomBytes(55_000);
    const blob = writeBlob('big.png', content, 'image/png');
    hub.partial.set(blob.sha256, content.subarray(0, 30_000));
    const offsets: number[] = [];
    hub.interfere = ({ method, pathAndQuery }) => {
      const offset = new URL(pathAndQuery, 'http://hub').searchParams.get('offset');
      if (method === 'PUT' && offset !== null) offsets.push(Number(offset));
      return undefined;
    };
    finish([blob]);
    await until(() => queue.outboxCount() === 0);
    expect(offsets).toEqual([30_000, 40_000, 50_000]);
    expect(hub.stored.get(blob.sha256)?.equals(content)).toBe(true);
  });

  it('follows the hub to the offset that it wants, and starts again when the hub has other bytes', async () => {
    const content = randomBytes(25_000);
    const blob = writeBlob('big.png', content, 'image/png');
    hub.partial.set(blob.sha256, randomBytes(12_000));
    finish([blob]);
    await until(() => queue.outboxCount() === 0);
    expect(hub.stored.get(blob.sha256)?.equals(content)).toBe(true);
  });

  it('uploads a part again that the hub has lost', async () => {
    const blob = writeBlob('page.html', Buffer.from('<p>once</p>'));
    let isLost = false;
    hub.interfere = ({ pathAndQuery }) => {
      if (pathAndQuery === '/internal/results' && !isLost) {
        isLost = true;
        hub.stored.clear();
      }
      return undefined;
    };
    finish([blob]);
    await until(() => queue.outboxCount() === 0);
    expect(hub.results.length).toBe(1);
  });

  it('counts a result that is stored already as delivered: the answer to the first try was lost', async () => {
    let isFirst = true;
    hub.interfere = (request) => {
      if (request.pathAndQuery !== '/internal/results' || !isFirst) return undefined;
      isFirst = false;
      hub.record(request);
      return { status: 200, raw: (response) => response.socket?.destroy() };
    };
    const attemptId = finish([]);
    await until(() => queue.outboxCount() === 0);
    expect(hub.results).toEqual([{ attemptId, outcome: 'completed' }]);
  });

  it('ends the delivery when the lease is lost, and keeps the reason', async () => {
    hub.interfere = ({ pathAndQuery }) =>
      pathAndQuery === '/internal/results'
        ? { status: 410, body: { error: { code: 'lease_lost', message: 'somebody else has it' } } }
        : undefined;
    finish([]);
    await until(() => queue.outboxCount() === 0);
    expect(hub.results).toEqual([]);
  });

  it('tells a failure when a part of the result is gone from the disk', async () => {
    const blob = { name: 'page.html', sha256: 'f'.repeat(64), sizeBytes: 3, contentType: 'text/html' };
    const attemptId = finish([blob]);
    await until(() => queue.outboxCount() === 0);
    expect(hub.results).toEqual([{ attemptId, outcome: 'failed' }]);
  });

  it('tells a failure when a part is larger than the hub takes', async () => {
    finish([writeBlob('huge.png', randomBytes(1_000_001), 'image/png')]);
    await until(() => queue.outboxCount() === 0);
    expect(hub.results.map(({ outcome }) => outcome)).toEqual(['failed']);
    expect(hub.stored.size).toBe(0);
  });

  it('keeps a result while the hub fails or does not accept the identity, and delivers it afterwards', async () => {
    const refusals: Answer[] = [
      { status: 503, body: { error: { code: 'unavailable', message: 'later' } } },
      { status: 401, secret: null, body: { error: { code: 'unknown_worker', message: 'who?' } } },
      { status: 200, secret: 'e'.repeat(64), body: { status: 'stored' } },
      { status: 500, raw: (response) => response.socket?.destroy() },
    ];
    hub.interfere = () => refusals.shift();
    finish([]);
    await until(() => queue.outboxCount() === 0);
    expect(hub.results.length).toBe(1);
    expect(refusals).toEqual([]);
  });

  it('is not held up by one result that can never be delivered', async () => {
    let firstLease = '';
    hub.interfere = ({ pathAndQuery, body }) => {
      if (pathAndQuery !== '/internal/results') return undefined;
      const { leaseId } = submitResultRequest.parse(JSON.parse(body.toString()));
      firstLease ||= leaseId;
      return leaseId === firstLease
        ? { status: 400, body: { error: { code: 'bad_request', message: 'blobs.0.name: no' } } }
        : undefined;
    };
    finish([]);
    await until(() => firstLease !== '');
    finish([]);
    await until(() => hub.results.length === 1 && queue.outboxCount() === 0);
  });
});
