import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../main/commands/exit-codes.ts';
import { type LegworkProgram, startLegwork } from '../support/legwork-program.ts';
import { processesOf } from './processes-of.ts';

let folder: string;
let results: string;
let site: Server;
let siteUrl: string;
let demo: LegworkProgram | null;

beforeEach(async () => {
  // Everything below has this in its environment, so that nothing can hide; its name is not to be mistaken for others.
  folder = mkdtempSync(join(tmpdir(), 'legwork-test-demo-'));
  results = join(folder, 'results');
  demo = null;
  site = createServer((request, response) => {
    if (request.url === '/hangs') return;
    const isMissing = request.url === '/missing';
    response.writeHead(isMissing ? 404 : 200, { 'Content-Type': 'text/html' });
    response.end('<!doctype html><html lang="en"><title>A page</title><h1>Hello</h1>');
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});

afterEach(async () => {
  demo?.child.kill('SIGKILL');
  await demo?.exited;
  if (process.platform === 'linux') await untilGone();
  site.closeAllConnections();
  site.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

function startDemo(args: string[]): LegworkProgram {
  demo = startLegwork(['demo', '--results', results, ...args], { TMPDIR: folder });
  return demo;
}

/** Resolves when no process of the demo is left; the test's time-out is the limit. */
async function untilGone(): Promise<void> {
  while (processesOf(folder).length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
}

describe('demo', () => {
  it('shows the whole way for given pages, and leaves nothing but the results', { timeout: 240_000 }, async () => {
    const program = startDemo([`${siteUrl}/`, `${siteUrl}/missing`]);
    const { code } = await program.exited;
    expect(program.output()).toMatch(/✓ {2}website_html .* 200 /);
    expect(program.output()).toMatch(/✓ {2}website_html .* 404 /);
    expect(program.output()).toMatch(/✓ {2}lighthouse_html .*perf \d+, a11y \d+, best \d+, seo \d+ /);
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual(['results']);
    const [first = ''] = readdirSync(results).filter((name) => name.startsWith('01-'));
    expect(readFileSync(join(results, first, 'page.html'), 'utf8')).toContain('<h1>Hello</h1>');
    expect(readFileSync(join(results, first, 'screenshot.jpeg')).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  });

  it('touches no folder that it has not made', { timeout: 120_000 }, async () => {
    mkdirSync(results);
    writeFileSync(join(results, 'mine.txt'), 'precious');
    const { code } = await startDemo([siteUrl]).exited;
    expect(code).toBe(EXIT_CODES.usage.code);
    expect(demo?.output()).toContain('not from an earlier demo');
    expect(readFileSync(join(results, 'mine.txt'), 'utf8')).toBe('precious');
  });
});

describe.skipIf(process.platform !== 'linux')('demo, interrupted', () => {
  it.each([
    ['when its hub has just started', /hub +http/],
    ['while pages are loaded', /started +website/],
  ])('%s leaves no process and no file', { timeout: 120_000 }, async (_when, moment) => {
    const program = startDemo([`${siteUrl}/hangs`, `${siteUrl}/`]);
    await program.line(moment);
    expect(processesOf(folder).length).toBeGreaterThan(1);
    program.child.kill('SIGINT');
    expect((await program.exited).code).toBe(EXIT_CODES.interrupted.code);
    // What was killed may take a moment to be gone.
    await untilGone();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('by SIGKILL leaves no process', { timeout: 120_000 }, async () => {
    const program = startDemo([`${siteUrl}/`]);
    await program.line(/started +website/);
    program.child.kill('SIGKILL');
    await program.exited;
    await untilGone();
  });
});
