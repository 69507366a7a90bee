import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NetworkGuard } from '../../../main/browser/network-guard/guard.ts';
import { TaskTraffic } from '../../../main/browser/network-guard/page-network.ts';
import { RobotsGate } from '../../../main/browser/robots/robots-gate.ts';
import type { TaskContext } from '../../../main/browser/task-definition.ts';
import { lighthouseHtml } from '../../../main/browser/tasks/lighthouse-html.ts';
import { websiteHtml } from '../../../main/browser/tasks/website-html.ts';
import { toLegworkError } from '../../../main/protocol/error-table.ts';
import { systemClock } from '../../../main/protocol/ports.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { LOOPBACK_NETWORK } from '../../support/loopback-network.ts';
import { CHROMIUM_PATH, HEADLESS_SHELL_PATH, RenderBench } from '../render.ts';

const PAGE = '<!doctype html><html lang=en><title>page</title><h1>page</h1>';
const AUDIT_TIMEOUT_MS = 240_000;

let server: Server;
let origin: string;
let bench: RenderBench;
let guard: NetworkGuard;
let gate: RobotsGate;
const asked: string[] = [];

/** How a page of the site leads on to another one, by the first part of its path. */
const WAYS: Readonly<Record<string, (target: string) => { location?: string; html?: string }>> = {
  redirect: (location) => ({ location }),
  meta: (target) => ({ html: `<!doctype html><meta http-equiv="refresh" content="0;url=${target}">` }),
  script: (target) => ({ html: `<!doctype html><script>location.replace('${target}')</script>` }),
  frame: (target) => ({ html: `${PAGE}<iframe src="${target}"></iframe>` }),
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = request.url ?? '';
    asked.push(url);
    if (url === '/robots.txt') return void response.end('User-agent: *\nDisallow: /no');
    const [, way = '', target = ''] = /^\/(\w+)\?(.+)$/.exec(url) ?? [];
    const { location, html = PAGE } = WAYS[way]?.(target) ?? {};
    response.setHeader('content-type', 'text/html');
    if (location !== undefined) response.writeHead(302, { location });
    response.end(html);
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  guard = new NetworkGuard({ allow: LOOPBACK_NETWORK.allowedPrivateHosts, hub: null, log: new RecordingLog() });
  gate = new RobotsGate({ guard, clock: systemClock, userAgent: 'Legwork' });
  bench = new RenderBench();
});

beforeEach(() => void asked.splice(0));

afterAll(async () => {
  await bench.close();
  await guard.close();
  server.closeAllConnections();
  server.close();
});

/** A task's context where the host wants robots.txt asked for single pages. */
function honouring(): TaskContext {
  const context = bench.context(new AbortController().signal);
  const traffic = new TaskTraffic();
  return { ...context, checkRedirect: (url) => gate.check(url, { signal: context.signal, traffic }) };
}

/** 'visited', or the code of the failure. */
async function outcomeOf(visit: Promise<unknown>): Promise<string> {
  return visit.then(
    () => 'visited',
    (error: unknown) => toLegworkError(error).code,
  );
}

const ENGINES = [
  { engine: 'any', path: HEADLESS_SHELL_PATH },
  { engine: 'chromium', path: CHROMIUM_PATH },
] as const;

describe.each(ENGINES)('a page in $engine that is led on', ({ engine, path }) => {
  const visit = (url: string, context: TaskContext): Promise<string> =>
    outcomeOf(websiteHtml.run(websiteHtml.payloadSchema.parse({ url, engine }), context));

  test.skipIf(path === null).each(['redirect', 'meta', 'script'])('by %s is not led past robots.txt', async (way) => {
    expect(await visit(`${origin}/${way}?/no`, honouring())).toBe('robots_disallowed');
    expect(asked).toContain(`/${way}?/no`);
    expect(asked).not.toContain('/no');
    expect(await visit(`${origin}/${way}?/yes`, honouring())).toBe('visited');
  });

  test.skipIf(path === null)('is led wherever it wants while nobody has to be asked', async () => {
    expect(await visit(`${origin}/redirect?/no`, bench.context(new AbortController().signal))).toBe('visited');
    expect(asked).toContain('/no');
  });

  test.skipIf(path === null)('shows what others put into it', async () => {
    expect(await visit(`${origin}/frame?/no`, honouring())).toBe('visited');
    expect(asked).toContain('/no');
  });
});

describe.skipIf(CHROMIUM_PATH === null)('an audit', { timeout: AUDIT_TIMEOUT_MS }, () => {
  const audit = (url: string): Promise<string> => {
    const payload = { url, onlyAudits: ['document-title'], throttling: 'provided' };
    return outcomeOf(lighthouseHtml.run(lighthouseHtml.payloadSchema.parse(payload), honouring()));
  };

  test('is not led past robots.txt, and goes on where it is allowed', async () => {
    expect(await audit(`${origin}/redirect?/no`)).toBe('robots_disallowed');
    expect(asked).not.toContain('/no');
    expect(await audit(`${origin}/redirect?/yes`)).toBe('visited');
    expect(asked).toContain('/yes');
  });
});
