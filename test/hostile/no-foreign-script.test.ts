import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { taskDefinitions } from '../../main/browser/tasks/registry.ts';
import { TaskCatalogue } from '../../main/protocol/task-type.ts';
import { jsonOf, RenderBench } from '../browser/render.ts';

/** Every field of a schema with its path. */
function fieldsOf(schema: unknown, path = ''): { path: string; node: Record<string, unknown> }[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const node = schema as Record<string, unknown>;
  const found: { path: string; node: Record<string, unknown> }[] = [{ path, node }];
  const properties = (node['properties'] ?? {}) as Record<string, unknown>;
  for (const [name, child] of Object.entries(properties)) found.push(...fieldsOf(child, `${path}.${name}`));
  found.push(...fieldsOf(node['items'], `${path}[]`));
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    for (const child of (node[key] ?? []) as unknown[]) found.push(...fieldsOf(child, path));
  }
  return found;
}

const SPEAKS_OF_CODE = /script|code|expression|function|eval|inject|javascript|\bjs\b|hook|onload|worker/i;
/** Names that speak of it and do not carry any. */
const HARMLESS = new Set(['.javaScriptEnabled']);

const CATALOGUE = new TaskCatalogue(taskDefinitions);
const FOREIGN_ADDRESSES = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\tscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'file:///etc/passwd',
  'blob:https://a.example/1',
  'about:blank',
  'chrome://settings',
  'view-source:https://a.example/',
  'filesystem:https://a.example/temporary/x',
  'devtools://devtools/bundled/inspector.html',
  'chrome-extension://abc/x.html',
  'ftp://a.example/',
  'ws://a.example/',
  '//a.example/',
  'https://user:password@a.example/',
  'https://a.example/\r\nX: y',
];

describe.each(taskDefinitions.map((type) => [type.name, type] as const))('%s', (name, { payloadSchema }) => {
  const fields = fieldsOf(z.toJSONSchema(payloadSchema, { io: 'input', unrepresentable: 'any' }));

  it('has no field for a script of a hub', () => {
    expect(fields.length).toBeGreaterThan(5);
    expect(fields.map(({ path }) => path).filter((path) => SPEAKS_OF_CODE.test(path) && !HARMLESS.has(path))).toEqual(
      [],
    );
  });

  it('takes no field that it does not declare, anywhere', () => {
    const open = fields.filter(
      ({ node }) => node['properties'] !== undefined && node['additionalProperties'] !== false,
    );
    expect(open.map(({ path }) => path)).toEqual([]);
    for (const extra of ['script', 'evaluate', 'onPage', 'addInitScript', 'steps']) {
      expect(() => CATALOGUE.parsePayload(name, { url: 'https://a.example/', [extra]: 'alert(1)' })).toThrow(
        /no such field/,
      );
    }
  });

  it.each(FOREIGN_ADDRESSES)('refuses the address %j', (url) => {
    expect(() => CATALOGUE.parsePayload(name, { url })).toThrow(/payload\.url/);
  });
});

describe('what a payload says in words', () => {
  let site: http.Server;
  let bench: RenderBench;
  beforeAll(async () => {
    site = http.createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.end(`<!doctype html><title>page</title><pre id="report"></pre><script>
        setTimeout(() => { report.textContent = JSON.stringify({ pwned: 'pwned' in window, title: document.title }); }, 300);</script>`);
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    bench = new RenderBench();
  });
  afterAll(async () => {
    await bench.close();
    site.closeAllConnections();
    site.close();
  });

  const CODE = 'globalThis.pwned = document.title = 1';
  it.each<[string, Record<string, unknown>]>([
    ['a selector', { waitForSelector: `#report:not(:empty), x"); ${CODE}; ("` }],
    ['a user agent', { userAgent: `"; ${CODE}; "` }],
    ['a header', { extraHeaders: { 'X-A': `</script><script>${CODE}</script>` } }],
    ['a cookie', { cookies: [{ name: 'a', value: CODE.replaceAll(' ', '') }] }],
    ['an address', { url: `?x=<script>${CODE}</script>#javascript:${CODE}` }],
  ])('is not executed: %s', { timeout: 60_000 }, async (_what, wishes) => {
    const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
    const query = typeof wishes['url'] === 'string' ? wishes['url'] : '';
    const payload = { ...wishes, url: origin + query };
    const rendered = await bench
      .render({ waitForSelector: '#report:not(:empty)', ...payload })
      .catch((error: unknown) => error);
    if (rendered instanceof Error) {
      expect(rendered.message).toMatch(/is not a CSS selector/);
      return;
    }
    const { html } = rendered as Awaited<ReturnType<RenderBench['render']>>;
    expect(jsonOf(html, 'report')).toEqual({ pwned: false, title: 'page' });
  });
});
