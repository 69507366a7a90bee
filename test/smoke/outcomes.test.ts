import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { LegworkError } from '../../main/protocol/error-table.ts';
import { type Expectation, mismatches } from './mismatches.ts';
import { type OutcomeSite, serveOutcomeSite } from './outcome-site.ts';
import { startTaskRunner, type TaskRunner } from './task-runner.ts';

const AUDIT_TIMEOUT_MS = 240_000;

let site: OutcomeSite;
let runner: TaskRunner;

beforeAll(async () => {
  [site, runner] = await Promise.all([serveOutcomeSite(), startTaskRunner()]);
});

beforeEach(() => {
  site.onCrashWish(() => void killRenderers(runner));
});

afterAll(async () => {
  await runner.close();
  await site.close();
});

/** Ends every renderer of the runner's browsers, as the system does when memory is short. */
async function killRenderers(runner: TaskRunner): Promise<void> {
  for (const processId of await runner.browserProcesses()) {
    try {
      const commandLine = readFileSync(`/proc/${processId}/cmdline`, 'utf8');
      if (commandLine.includes('--type=renderer')) process.kill(processId, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** What an attempt came to: its result, or its error as the hub would see it. */
async function outcomeOf(type: string, payload: unknown): Promise<unknown> {
  try {
    return (await runner.run(type, payload)).result;
  } catch (error) {
    if (error instanceof LegworkError) return { error: error.code, detail: error.detail, message: error.message };
    throw error;
  }
}

const needsProc = process.platform !== 'linux';

const RENDERED: { path: string; payload?: object; expected: Expectation; linuxOnly?: boolean }[] = [
  { path: '/missing', expected: { status: 404, title: 'Missing' } },
  { path: '/broken', expected: { status: 500, title: 'Broken' } },
  { path: '/download', expected: { error: 'download_refused' } },
  { path: '/dialog', expected: { status: 200, dialogs: [{ type: 'alert', message: 'Do you hear me?' }] } },
  { path: '/popup', expected: { status: 200, popups: [/\/plain$/] } },
  { path: '/redirects', expected: { error: 'too_many_redirects' } },
  { path: '/endless', payload: { timeoutMs: 1_500 }, expected: { error: 'page_timeout' } },
  { path: '/silent', payload: { timeoutMs: 1_500 }, expected: { error: 'page_timeout' } },
  { path: '/large', expected: { error: 'page_too_large' } },
  { path: '/json', expected: { status: 200, contentType: 'application/json', html: null, body: /./ } },
  { path: '/cut-off', expected: { error: 'empty_response' } },
  // The last one: the blank page that waits for the next task dies with this one.
  { path: '/crash', payload: { waitUntil: 'networkidle' }, expected: { error: 'page_crashed' }, linuxOnly: true },
];

describe('website_html: a defined outcome for each', () => {
  test.each(RENDERED)('$path', async ({ path, payload, expected, linuxOnly }) => {
    if (linuxOnly === true && needsProc) return;
    const outcome = await outcomeOf('website_html', { url: `${site.url}${path}`, ...payload });
    expect(mismatches(outcome, expected)).toEqual([]);
  });
});

const AUDITED: { path: string; payload?: { timeoutMs: number }; expected: Expectation; linuxOnly?: boolean }[] = [
  { path: '/missing', expected: { error: 'audit_failed', detail: 'The page answered with status 404.' } },
  { path: '/broken', expected: { error: 'audit_failed', detail: 'The page answered with status 500.' } },
  { path: '/dialog', expected: { scores: { seo: (score: number) => score > 0 } } },
  { path: '/popup', expected: { scores: { seo: (score: number) => score > 0 } } },
  { path: '/redirects', expected: { error: 'too_many_redirects' } },
  { path: '/endless', payload: { timeoutMs: 5_000 }, expected: { error: 'page_timeout', detail: /after 5000 ms/ } },
  { path: '/silent', payload: { timeoutMs: 5_000 }, expected: { error: 'page_timeout' } },
  { path: '/busy-loop', payload: { timeoutMs: 5_000 }, expected: { error: 'page_timeout' } },
  { path: '/crash', expected: { error: 'page_crashed' }, linuxOnly: true },
  { path: '/json', expected: { error: 'audit_failed', detail: /^NOT_HTML: .*application\/json/ } },
  { path: '/cut-off', expected: { error: 'empty_response' } },
];

describe('lighthouse_html: a defined outcome for each', { timeout: AUDIT_TIMEOUT_MS }, () => {
  test.each(AUDITED)('$path', async ({ path, payload, expected, linuxOnly }) => {
    if (linuxOnly === true && needsProc) return;
    const outcome = await outcomeOf('lighthouse_html', { url: `${site.url}${path}`, categories: ['seo'], ...payload });
    expect(mismatches(outcome, expected)).toEqual([]);
    // A browser that is still starting when the time is up is closed once it has started.
    if (payload !== undefined) await vi.waitUntil(async () => (await runner.profiles()).length === 0, 60_000);
    expect(await runner.profiles()).toEqual([]);
  });
});
