import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BlobFileWriter } from '../../main/browser/blob-writer.ts';
import { TaskTraffic } from '../../main/browser/network-guard/page-network.ts';
import type { SiteAnswer, TaskContext } from '../../main/browser/task-definition.ts';
import { lighthouseHtml } from '../../main/browser/tasks/lighthouse-html.ts';
import { toLegworkError } from '../../main/protocol/error-table.ts';
import { CHROMIUM_PATH, RenderBench } from './render.ts';

const SUFFIX = 'Legwork/0.1';

let server: Server;
let origin: string;
let bench: RenderBench;
const agents = new Set<string>();

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url !== '/favicon.ico') agents.add(request.headers['user-agent'] ?? '');
    const isBusy = request.url === '/busy';
    response.writeHead(isBusy ? 503 : 200, { 'content-type': 'text/html', ...(isBusy ? { 'retry-after': '60' } : {}) });
    response.end('<!doctype html><html lang=en><title>page</title><h1>page</h1>');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  bench = new RenderBench({ userAgentSuffix: SUFFIX });
});

afterAll(async () => {
  await bench.close();
  server.close();
});

async function audit(path: string): Promise<{ code: string | null; answers: SiteAnswer[] }> {
  const answers: SiteAnswer[] = [];
  const context: TaskContext = {
    signal: new AbortController().signal,
    browsers: bench.pool,
    guard: bench.guard,
    traffic: new TaskTraffic(),
    blobs: new BlobFileWriter(bench.settings.blobFolder),
    log: bench.log,
    checkRobots: () => Promise.resolve(),
    progress: () => undefined,
    siteAnswered: (answer) => void answers.push(answer),
    slotFree: () => undefined,
  };
  const payload = { url: `${origin}${path}`, onlyAudits: ['document-title'], throttling: 'provided' };
  const code = await lighthouseHtml.run(lighthouseHtml.payloadSchema.parse(payload), context).then(
    () => null,
    (error: unknown) => toLegworkError(error).code,
  );
  return { code, answers };
}

it.skipIf(CHROMIUM_PATH === null)(
  'an audit tells how its site has answered, and says who visits',
  async () => {
    expect(await audit('/')).toEqual({ code: null, answers: [{ url: `${origin}/`, status: 200, retryAfterMs: null }] });
    expect([...agents]).toEqual([expect.stringMatching(/Android.*Mobile Safari\/[\d.]+ Legwork\/0\.1$/)]);
    const busy = await audit('/busy');
    expect(busy).toMatchObject({ code: 'audit_failed', answers: [{ url: `${origin}/busy`, status: 503 }] });
    expect(busy.answers[0]?.retryAfterMs).toBeGreaterThan(55_000);
    expect(busy.answers[0]?.retryAfterMs).toBeLessThanOrEqual(60_000);
  },
  240_000,
);
