import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { collectBlobGarbage } from '../../main/hub/blobs/blob-garbage.ts';
import { BlobFiles } from '../../main/hub/blobs/blob-files.ts';
import { sha256Hex } from '../../main/protocol/canonical-string.ts';
import { systemClock } from '../../main/protocol/ports.ts';
import { storedFiles } from './support/stored-files.ts';
import { joinAgent, type TestAgent } from './support/test-agent.ts';
import { startStillHub, temporaryFolder } from './support/test-hub.ts';

async function status(agent: TestAgent, sha256: string, encoding: string): Promise<unknown> {
  return (await agent.call('GET', `/internal/blobs/${sha256}?encoding=${encoding}`, undefined)).body;
}

describe('an upload', () => {
  it('in parts resumes where the hub says, in either encoding', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const content = randomBytes(9_000);
    for (const encoding of ['br', 'identity'] as const) {
      const part = Buffer.concat([content, Buffer.from(encoding)]);
      const sha256 = sha256Hex(part);
      const encoded = encoding === 'br' ? brotliCompressSync(part) : part;
      const total = encoded.byteLength;
      const send = (from: number, to: number) =>
        agent.putPart(sha256, encoded.subarray(from, to), { offset: from, total, encoding });
      expect(await status(agent, sha256, encoding)).toEqual({ status: 'absent', offset: 0 });
      expect(await send(0, 4_000)).toMatchObject({ status: 202, body: { status: 'partial', offset: 4_000 } });
      const repeated = await send(0, 4_000);
      expect(repeated).toMatchObject({ status: 416, verified: true });
      expect(repeated.body.error).toMatchObject({ code: 'offset_mismatch', details: { offset: 4_000 } });
      expect((await send(5_000, 6_000)).body.error.details).toEqual({ offset: 4_000 });
      expect(await status(agent, sha256, encoding)).toEqual({ status: 'partial', offset: 4_000 });
      expect(await send(4_000, total)).toMatchObject({ status: 200, body: { status: 'stored', offset: total } });
      expect(await send(4_000, total)).toMatchObject({ status: 200, body: { status: 'stored' } });
      expect(await status(agent, sha256, encoding)).toMatchObject({ status: 'stored' });
    }
  });

  it('of nothing is a blob too', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const sha256 = sha256Hex(Buffer.alloc(0));
    expect((await agent.putPart(sha256, Buffer.alloc(0), { offset: 0, total: 0 })).body.status).toBe('stored');
  });

  it('whose bytes are not those of its name is dropped, whole or in parts', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const content = Buffer.from('good content');
    const sha256 = sha256Hex(content);
    const total = content.byteLength;
    const wrong = await agent.putPart(sha256, Buffer.from('evil content'), { offset: 0, total });
    expect(wrong).toMatchObject({ status: 422, verified: true, body: { error: { code: 'blob_mismatch' } } });
    await agent.putPart(sha256, Buffer.from('evil '), { offset: 0, total });
    const parts = await agent.putPart(sha256, content.subarray(5), { offset: 5, total });
    expect(parts.body.error.code).toBe('blob_mismatch');
    const noBrotli = await agent.putPart(sha256, content, { offset: 0, total, encoding: 'br' });
    expect(noBrotli.body.error.code).toBe('blob_mismatch');
    const cut = brotliCompressSync(content).subarray(0, 8);
    expect((await agent.putPart(sha256, cut, { offset: 0, total: 8, encoding: 'br' })).body.error.code).toBe(
      'blob_mismatch',
    );
    expect(storedFiles(hub.dataFolder)).toEqual([]);
    expect((await agent.putPart(sha256, content, { offset: 0, total })).status).toBe(200);
  });

  it('that decodes to more than is allowed is refused without filling memory or disk', async () => {
    const hub = await startStillHub({ limits: { maxBlobBytes: 40 * 1024 * 1024 } });
    const agent = await joinAgent(hub);
    const bomb = brotliCompressSync(Buffer.alloc(60 * 1024 * 1024), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 5 },
    });
    expect(bomb.byteLength).toBeLessThan(10_000);
    const sha256 = sha256Hex(Buffer.from('whatever'));
    const answer = await agent.putPart(sha256, bomb, { offset: 0, total: bomb.byteLength, encoding: 'br' });
    expect(answer).toMatchObject({ status: 413, verified: true, body: { error: { code: 'too_large' } } });
    expect(storedFiles(hub.dataFolder)).toEqual([]);
    const announced = await agent.putPart(sha256, Buffer.from('x'), { offset: 0, total: 50 * 1024 * 1024 });
    expect(announced.body.error).toMatchObject({ code: 'too_large', details: { limitBytes: 40 * 1024 * 1024 } });
  });

  it('of a large blob that compresses well is stored', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const content = Buffer.alloc(30 * 1024 * 1024, 'legwork');
    const encoded = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } });
    const sha256 = sha256Hex(content);
    const answer = await agent.putPart(sha256, encoded, { offset: 0, total: encoded.byteLength, encoding: 'br' });
    expect(answer.body).toMatchObject({ status: 'stored' });
    expect(await status(agent, sha256, 'br')).toMatchObject({ status: 'stored', offset: content.byteLength });
  });

  it('of the same blob by two agents at once succeeds for both, and neither spoils the other’s', async () => {
    const hub = await startStillHub();
    const agents = [await joinAgent(hub, 'worker-1'), await joinAgent(hub, 'worker-2')] as const;
    const content = randomBytes(200_000);
    const sha256 = sha256Hex(content);
    const total = content.byteLength;
    await agents[0].putPart(sha256, randomBytes(100_000), { offset: 0, total });
    await agents[1].putPart(sha256, content.subarray(0, 100_000), { offset: 0, total });
    const rest = { offset: 100_000, total };
    expect((await agents[0].putPart(sha256, content.subarray(100_000), rest)).status).toBe(422);
    const answers = await Promise.all([
      agents[0].putPart(sha256, content, { offset: 0, total }),
      agents[1].putPart(sha256, content.subarray(100_000), rest),
      agents[1].putPart(sha256, content.subarray(100_000), rest),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(storedFiles(hub.dataFolder)).toEqual([sha256]);
  });

  it('leaves nothing of itself when another agent has stored the blob meanwhile', async () => {
    const hub = await startStillHub();
    const agents = [await joinAgent(hub, 'worker-1'), await joinAgent(hub, 'worker-2')] as const;
    const content = randomBytes(2_000);
    const sha256 = sha256Hex(content);
    const total = content.byteLength;
    await agents[0].putPart(sha256, content.subarray(0, 1_000), { offset: 0, total });
    expect((await agents[1].putPart(sha256, content, { offset: 0, total })).status).toBe(200);
    const rest = await agents[0].putPart(sha256, content.subarray(1_000), { offset: 1_000, total });
    expect(rest).toMatchObject({ status: 200, body: { status: 'stored', offset: total } });
    expect(storedFiles(hub.dataFolder)).toEqual([sha256]);
  });

  it('is refused, signed, when a part is too large or reaches beyond the end', async () => {
    const hub = await startStillHub({ limits: { maxBlobChunkBytes: 2_048 } });
    const agent = await joinAgent(hub);
    const sha256 = 'd'.repeat(64);
    const large = await agent.putPart(sha256, Buffer.alloc(4_096), { offset: 0, total: 4_096 });
    expect(large).toMatchObject({ status: 413, verified: true, body: { error: { details: { limitBytes: 2_048 } } } });
    const beyond = await agent.putPart(sha256, Buffer.alloc(10), { offset: 0, total: 5 });
    expect(beyond.body.error.details.issues[0].path).toBe('total');
    expect((await agent.call('PUT', `/internal/blobs/${sha256}?offset=0&total=1`, Buffer.from('x'))).status).toBe(400);
    expect((await agent.call('PUT', '/internal/blobs/..%2fhub.key?offset=0&total=1&encoding=br', {})).status).toBe(400);
  });
});

describe('a part of a result', () => {
  it('is downloaded with its type and name, and never as something that runs in the hub’s origin', async () => {
    const hub = await startStillHub();
    const agent = await joinAgent(hub);
    const jobId = await hub.createJob();
    const task = await agent.takeTask();
    const html = Buffer.from('<script>alert(document.domain)</script>');
    const page = await agent.putBlob('page.html', html, 'text/html; charset=utf-8');
    const odd = await agent.putBlob('odd.bin', Buffer.from('x'), 'text/x\r\nSet-Cookie: a=b');
    await agent.submit(task, { blobs: [page, odd] });
    const answer = await hub.api('GET', `/api/jobs/${jobId}/blobs/page.html`);
    expect(answer.text).toBe(html.toString());
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(html.byteLength),
      'content-disposition': 'attachment; filename="page.html"',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
    });
    const safe = await hub.api('GET', `/api/jobs/${jobId}/blobs/odd.bin`);
    expect(safe.headers.get('content-type')).toBe('application/octet-stream');
    expect((await hub.api('GET', `/api/jobs/${jobId}/blobs/other.html`)).status).toBe(404);
    const anonymous = await fetch(`${hub.url}/api/jobs/${jobId}/blobs/page.html`);
    expect(anonymous.status).toBe(401);
  });
});

describe('garbage', () => {
  it('is what nobody names and nobody has touched for long; everything else stays', async () => {
    const folder = temporaryFolder();
    const blobs = new BlobFiles({ folder, maxBlobBytes: 1_000, clock: systemClock });
    const put = async (text: string, part = text): Promise<string> => {
      const sha256 = sha256Hex(Buffer.from(text));
      const query = { offset: 0, total: text.length, encoding: 'identity' as const };
      await blobs.put(sha256, 'worker-1', query, Buffer.from(part));
      return sha256;
    };
    const referenced = await put('referenced');
    const unreferenced = await put('unreferenced');
    const unfinished = await put('unfinished', 'unfin');
    const old = new Date(Date.now() - 100_000);
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), old, old);
    }
    const fresh = await put('fresh');
    const isReferenced = (sha256: string): boolean => sha256 === referenced;
    expect(await collectBlobGarbage({ blobs, olderThanMs: Date.now() - 50_000, isReferenced })).toBe(2);
    expect(existsSync(blobs.pathOf(referenced))).toBe(true);
    expect(existsSync(blobs.pathOf(unreferenced))).toBe(false);
    expect(existsSync(blobs.pathOf(fresh))).toBe(true);
    expect(blobs.status(unfinished, 'worker-1', 'identity')).toMatchObject({ status: 'absent' });
  });
});
