import {
  canInstallDocumentation,
  DOCUMENTATION,
  DOCUMENTATION_COMMAND,
  hasDocumentation,
} from '../../build/setup-documentation.mjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { between, type Expectation, isPositive, mismatches } from './mismatches.ts';
import { type ServedFolder, serveFolder } from './serve-folder.ts';
import { startTaskRunner, type TaskRunner } from './task-runner.ts';

type Package = keyof typeof DOCUMENTATION;

/** An audit beside all the other tests of a small machine takes several times as long as alone. */
const AUDIT_TIMEOUT_MS = 240_000;

let runner: TaskRunner;
const served = new Map<Package, ServedFolder>();

beforeAll(async () => {
  runner = await startTaskRunner();
  for (const [name, folder] of Object.entries(DOCUMENTATION) as [Package, string][]) {
    if (hasDocumentation(folder)) served.set(name, await serveFolder(folder));
  }
});

afterAll(async () => {
  await runner.close();
  for (const site of served.values()) await site.close();
});

/** The site's address. Where the set-up can install it, its absence is a failure; elsewhere the test says what it lacks. */
function siteUrl(name: Package, skip: (reason: string) => never): string {
  const site = served.get(name);
  if (site !== undefined) return site.url;
  const reason = `The package ${name} is missing. On Debian, as root: ${DOCUMENTATION_COMMAND}`;
  if (!canInstallDocumentation()) return skip(reason);
  throw new Error(reason);
}

const PAGES: { name: Package; path: string; expected: Expectation; text: RegExp }[] = [
  {
    name: 'sqlite3-doc',
    path: '/index.html',
    expected: { status: 200, title: 'SQLite Home Page', requestCount: between(3, 12), consoleErrors: { length: 0 } },
    text: /What Is SQLite\?/,
  },
  {
    name: 'sqlite3-doc',
    path: '/atomiccommit.html',
    expected: { title: 'Atomic Commit In SQLite', requestCount: between(20, 60), timings: { lcpMs: isPositive } },
    text: /Rollback journal/i,
  },
  // A page that its script fills: 1.6 MB, most of it drawings that open when asked.
  { name: 'sqlite3-doc', path: '/lang_select.html', expected: { title: 'SELECT' }, text: /Compound Select/i },
  { name: 'git-doc', path: '/giteveryday.html', expected: { title: 'giteveryday(7)' }, text: /Individual Developer/ },
  {
    name: 'git-doc',
    path: '/user-manual.html',
    expected: { title: 'Git User Manual', transferredBytes: between(250_000, 600_000) },
    text: /Repositories and Branches/,
  },
  { name: 'git-doc', path: '/git-config.html', expected: { title: 'git-config(1)' }, text: /core\.fileMode/ },
];

describe('website_html on documentation that others wrote', () => {
  test.for(PAGES)('$name $path', async ({ name, path, expected, text }, { skip }) => {
    const url = `${siteUrl(name, skip)}${path}`;
    const payload = { url, text: true, markdown: true, screenshot: { fullPage: true, format: 'jpeg' } };
    const { result, blobText, blobs } = await runner.run('website_html', payload);
    expect(mismatches(result, { finalUrl: url, status: 200, ...(expected as object) })).toEqual([]);
    expect(await blobText('page.html')).toMatch(/<\/html>\s*$/i);
    expect(await blobText('page.txt')).toMatch(text);
    expect(await blobText('page.md')).toMatch(text);
    expect(blobs.find((blob) => blob.contentType === 'image/jpeg')?.sizeBytes).toBeGreaterThan(10_000);
  });
});

const AUDITS: { name: Package; path: string; expected: Expectation }[] = [
  {
    name: 'sqlite3-doc',
    path: '/whentouse.html',
    expected: { scores: { accessibility: between(50, 95), seo: between(50, 95), 'best-practices': between(50, 100) } },
  },
  {
    name: 'git-doc',
    path: '/user-manual.html',
    expected: { scores: { accessibility: between(60, 100), seo: between(50, 95), 'best-practices': between(50, 100) } },
  },
];

describe('lighthouse_html on documentation that others wrote', { timeout: AUDIT_TIMEOUT_MS }, () => {
  test.for(AUDITS)('$name $path', async ({ name, path, expected }, { skip }) => {
    const url = `${siteUrl(name, skip)}${path}`;
    const { result, blobText } = await runner.run('lighthouse_html', { url });
    const everywhere = {
      finalUrl: url,
      scores: { performance: between(5, 100) },
      metrics: { fcpMs: isPositive, lcpMs: isPositive, speedIndexMs: isPositive, ttiMs: isPositive },
      benchmarkIndex: isPositive,
      erroredAudits: { length: 0 },
    };
    expect([...mismatches(result, everywhere), ...mismatches(result, expected)]).toEqual([]);
    expect(await blobText('report.html')).toContain('<title>Lighthouse Report</title>');
  });
});
