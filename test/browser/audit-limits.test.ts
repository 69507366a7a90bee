import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lighthouseHtml } from '../../main/browser/tasks/lighthouse-html.ts';
import { toLegworkError } from '../../main/protocol/error-table.ts';
import { CHROMIUM_PATH, RenderBench } from './render.ts';

const AUDIT_TIMEOUT_MS = 240_000;
const ALLOWED_BYTES = 300_000;

describe.skipIf(CHROMIUM_PATH === null)('an audit', { timeout: AUDIT_TIMEOUT_MS }, () => {
  let site: Server;
  let url: string;
  let bench: RenderBench;
  let cutOff: Promise<void>;

  beforeAll(async () => {
    let onCutOff: () => void = () => {};
    cutOff = new Promise((resolve) => {
      onCutOff = resolve;
    });
    site = createServer((request, response) => {
      if (request.url !== '/stream') {
        response.setHeader('content-type', 'text/html');
        response.end('<!doctype html><html lang=en><title>page</title><h1>page</h1><script src="/stream"></script>');
        return;
      }
      // A picture that cannot be decoded is given up after its first bytes; a script is loaded to its end.
      response.setHeader('content-type', 'text/javascript');
      const part = Buffer.alloc(64 * 1024, ' ');
      const write = (): void => {
        while (!response.destroyed && response.write(part));
      };
      response.on('drain', write).on('close', onCutOff);
      write();
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
    bench = new RenderBench({ pageLimits: { totalBytes: ALLOWED_BYTES } });
  });

  afterAll(async () => {
    await bench.close();
    site.closeAllConnections();
    site.close();
  });

  test('ends when its page has loaded as much as the host allows', async () => {
    const context = bench.context(new AbortController().signal);
    const payload = lighthouseHtml.payloadSchema.parse({ url, onlyAudits: ['document-title'], throttling: 'provided' });
    const error = await lighthouseHtml.run(payload, context).then(() => null, toLegworkError);
    expect(error).toMatchObject({ code: 'page_too_large' });
    expect(error?.detail).toContain(`${ALLOWED_BYTES} bytes`);
    // What was on its way when it was cut off is counted as well.
    expect(context.traffic.bytesDown).toBeGreaterThan(ALLOWED_BYTES / 2);
    expect(context.traffic.bytesDown).toBeLessThan(10 * ALLOWED_BYTES);
    await cutOff;
  });
});
