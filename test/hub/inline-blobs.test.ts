import { brotliCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../main/protocol/canonical-string.ts';
import { storedFiles } from './support/stored-files.ts';
import { joinAgent } from './support/test-agent.ts';
import { OPERATOR_KEY, startStillHub } from './support/test-hub.ts';

/** A blob as a result carries it; `sent` stands in for its bytes. */
function carried(name: string, content: Buffer, encoding: 'identity' | 'br' = 'identity', sent?: Buffer) {
  const bytes = sent ?? (encoding === 'br' ? brotliCompressSync(content) : content);
  return {
    name,
    sha256: sha256Hex(content),
    sizeBytes: content.byteLength,
    contentType: 'text/plain',
    content: { encoding, base64: bytes.toString('base64') },
  };
}

describe('a result that carries its blobs', () => {
  it('is recorded with them in one call, beside blobs that were sent before', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const task = await agent.takeTask();
    const before = await agent.putBlob('large', Buffer.from('sent before'), 'text/plain');
    const blobs = [
      before,
      carried('plain', Buffer.from([0, 255, 128])),
      carried('packed', Buffer.from('Grüße'.repeat(500)), 'br'),
      carried('empty', Buffer.alloc(0)),
    ];
    expect(await agent.submit(task, { blobs })).toMatchObject({ status: 200, verified: true });
    const read = async (name: string): Promise<Buffer> => {
      const headers = { Authorization: `Bearer ${OPERATOR_KEY}` };
      const answer = await fetch(`${hub.url}/api/jobs/${jobId}/blobs/${name}`, { headers });
      return Buffer.from(await answer.arrayBuffer());
    };
    expect((await read('large')).toString()).toBe('sent before');
    expect([...(await read('plain'))]).toEqual([0, 255, 128]);
    expect((await read('packed')).toString()).toBe('Grüße'.repeat(500));
    expect((await read('empty')).byteLength).toBe(0);
  });

  it('does not mind an upload of the same blob that is under way', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const task = await agent.takeTask();
    const content = Buffer.from('some text');
    const blob = carried('text', content);
    await agent.putPart(blob.sha256, content.subarray(0, 4), { offset: 0, total: content.byteLength });
    expect(await agent.submit(task, { blobs: [blob] })).toMatchObject({ status: 200 });
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).body.status).toBe('completed');
  });

  it.each([
    ['other bytes', carried('text', Buffer.from('good'), 'identity', Buffer.from('evil'))],
    ['bytes that do not decode', carried('text', Buffer.from('good'), 'br', Buffer.from('evil'))],
    ['no Base64', { ...carried('text', Buffer.from('good')), content: { encoding: 'identity', base64: '%%%' } }],
    ['far more than it says', carried('text', Buffer.from('good'), 'br', brotliCompressSync(Buffer.alloc(50_000_000)))],
    ['more than nothing', carried('text', Buffer.alloc(0), 'br', brotliCompressSync(Buffer.from('more')))],
  ])('is not recorded when one of them is %s; the next try is', async (_what, wrong) => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const task = await agent.takeTask();
    const refused = await agent.submit(task, { blobs: [wrong, carried('other', Buffer.from('right'))] });
    expect(refused).toMatchObject({ status: 422, verified: true, body: { error: { code: 'blob_mismatch' } } });
    expect((await hub.api('GET', `/api/jobs/${jobId}`)).body.status).toBe('processing');
    expect(storedFiles(hub.dataFolder)).toEqual([sha256Hex(Buffer.from('right'))]);
    expect(await agent.submit(task, { blobs: [carried('text', Buffer.from('good'))] })).toMatchObject({ status: 200 });
  });

  it('may carry as much as the handshake says, and no more', async () => {
    const hub = await startStillHub({ limits: { maxInlineBlobBytes: 100 } });
    const agent = await joinAgent(hub);
    await hub.createJob();
    const task = await agent.takeTask();
    const half = carried('half', Buffer.alloc(50, 1));
    const more = carried('more', Buffer.alloc(51, 2));
    expect(await agent.submit(task, { blobs: [half, more] })).toMatchObject({
      status: 413,
      verified: true,
      body: { error: { code: 'too_large', details: { limitBytes: 100 } } },
    });
    expect(storedFiles(hub.dataFolder)).toEqual([]);
    const { content: _sent, ...missing } = more;
    const without = await agent.submit(task, { blobs: [half, missing] });
    expect(without.body.error).toMatchObject({ code: 'blobs_missing', details: { missing: [more.sha256] } });
    expect(await agent.submit(task, { blobs: [half] })).toMatchObject({ status: 200 });
    expect((await agent.handshake()).body.maxInlineBlobBytes).toBe(100);
  });
});
