import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { uploadBlob } from '../../../main/agent/outbox/upload-blob.ts';
import { HubClient } from '../../../main/agent/server/hub-client.ts';
import { NodeHttpTransport } from '../../../main/agent/server/http-transport.ts';
import { systemClock } from '../../../main/protocol/ports.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { startSignedServer, type Answer, type SeenRequest } from '../server/signed-server.ts';

const SECRET = 'a1b2c3d4'.repeat(8);
const CHUNKS = 5;
const CONTENT = Buffer.alloc(50_000, 'x');

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Uploads to a hub that answers like this; how it ended, and how often the hub was sent a part. */
async function upload(answer: (request: SeenRequest) => Answer): Promise<{ error: unknown; parts: number }> {
  const server = await startSignedServer(SECRET, (request) =>
    request.method === 'GET' ? { status: 200, body: { status: 'absent', offset: 0 } } : answer(request),
  );
  const transport = new NodeHttpTransport(server.origin);
  closers.push(async () => {
    transport.close();
    await server.close();
  });
  const client = new HubClient({
    transport,
    credentials: () => ({ workerId: 'w', secret: SECRET }),
    basePath: '',
    clock: systemClock,
    log: new RecordingLog(),
  });
  const sha256 = createHash('sha256').update(CONTENT).digest('hex');
  const error: unknown = await uploadBlob({
    client,
    // A kind that is not compressed, so that its parts can be counted.
    blob: { name: 'screenshot.png', sha256, sizeBytes: CONTENT.byteLength, contentType: 'image/png' },
    content: CONTENT,
    maxChunkBytes: CONTENT.byteLength / CHUNKS,
    signal: new AbortController().signal,
  }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { error, parts: server.seen.filter(({ method }) => method === 'PUT').length };
}

const partial = (offset: number): Answer => ({ status: 202, body: { status: 'partial', offset } });
const elsewhere = (offset: number): Answer => ({
  status: 416,
  body: { error: { code: 'offset_mismatch', message: 'elsewhere', details: { offset } } },
});

describe('a hub that never has a blob whole', () => {
  it.each<[string, (offset: number) => Answer]>([
    ['forgets what it was sent', () => partial(0)],
    ['has always just lost the last part', (offset) => partial(offset)],
    ['has it all and wants more', () => partial(CONTENT.byteLength)],
    ['has more than there is', () => partial(9e15)],
  ])('and %s is sent only so much of it, for now', async (_what, answer) => {
    const { error, parts } = await upload(({ pathAndQuery }) =>
      answer(Number(new URL(pathAndQuery, 'http://hub').searchParams.get('offset'))),
    );
    expect(error).toMatchObject({ code: 'upload_endless', retryable: true });
    expect(parts).toBeLessThanOrEqual(CHUNKS + 8);
  });

  it.each<[string, () => Answer]>([
    ['sends us to and fro', () => elsewhere(0)],
    ['sends us beyond the end', () => elsewhere(CONTENT.byteLength + 1)],
  ])('and %s is asked only so often', async (_what, answer) => {
    const { error, parts } = await upload(answer);
    expect(error).toMatchObject({ code: 'offset_mismatch' });
    expect(parts).toBeLessThanOrEqual(9);
  });
});

it('a hub that has some of it is sent the rest', async () => {
  let isFirst = true;
  const { error, parts } = await upload(({ pathAndQuery, body }) => {
    const offset = Number(new URL(pathAndQuery, 'http://hub').searchParams.get('offset'));
    if (isFirst) {
      isFirst = false;
      return elsewhere(30_000);
    }
    const end = offset + body.byteLength;
    return end < CONTENT.byteLength ? partial(end) : { status: 200, body: { status: 'stored', offset: end } };
  });
  expect({ error, parts }).toEqual({ error: null, parts: 3 });
});
