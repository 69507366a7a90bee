import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contract } from '../../preload/contract.ts';
import { UiStack } from './ui-stack.ts';

let stack: UiStack;
beforeEach(async () => {
  stack = await new UiStack().start();
});
afterEach(() => stack.close());

describe('what the agent does', () => {
  it('shows a task from the queue over its stages to its result, and answers by the contract', async () => {
    const taskId = await stack.done('/ok?secret=1');
    const snapshot = await stack.until(({ activity }) => activity === 'idle');
    expect(contract.calls.snapshot.answer.parse(snapshot)).toEqual(snapshot);
    expect(snapshot.today).toMatchObject({ completed: 1, failed: 0, bytesDown: 1000, bytesUp: 10 });
    expect(snapshot.recent).toMatchObject([{ taskId, host: 'site.example', outcome: 'completed' }]);

    const task = contract.calls.task.answer.parse(await stack.call('task', { taskId }));
    expect(task).toMatchObject({ status: 'completed', canCancel: false, canRetry: false, delivery: null });
    expect(task?.timeline.map(({ step }) => step)).toEqual(['queued', 'started', 'stage', 'stage', 'finished']);
    expect(task?.timeline.every(({ atMs }) => atMs !== null)).toBe(true);
    expect(task?.attemptHistory[0]?.blobs.map(({ name }) => name)).toEqual(['body.svg', 'page.html', 'screenshot.png']);
  });

  it('says what to do about an error', async () => {
    const taskId = await stack.done('/fail');
    const task = await stack.call('task', { taskId });
    expect(task?.attemptHistory[0]).toMatchObject({
      outcome: 'failed',
      error: { code: 'tls_failed' },
      advice: "Check the site's certificate.",
    });
    expect(task?.canRetry).toBe(true);
    await stack.call('retryTask', { taskId });
    await stack.until(({ today }) => today.failed === 2);
    expect((await stack.call('task', { taskId }))?.attemptHistory).toHaveLength(2);
  });

  it('masks cookies, and runs the same task with the same cookies again', async () => {
    const payload = {
      url: 'https://site.example/ok',
      cookies: [{ name: 'session', value: 'cookie-of-the-test', domain: 'site.example', path: '/' }],
    };
    const { taskId } = await stack.call('enqueue', { type: 'website_html', payload });
    await stack.until(({ recent }) => recent.length === 1);
    const shown = await stack.call('task', { taskId });
    expect(JSON.stringify(shown)).not.toContain('cookie-of-the-test');
    expect(shown?.payload['cookies']).toBe('***');

    const again = await stack.call('runAgain', { taskId });
    expect(again.taskId).not.toBe(taskId);
    await stack.until(({ recent }) => recent.length === 2);
    const stored = stack.keeper.agent?.queue.get(again.taskId)?.payload ?? {};
    expect(stack.keeper.vault?.open(stored)['cookies']).toMatchObject([{ value: 'cookie-of-the-test' }]);
  });

  it('pauses until a time, resumes, cancels, and stops everything at once', async () => {
    const untilMs = Date.now() + 3_600_000;
    await stack.call('pause', { untilMs });
    expect(stack.ui.snapshot()).toMatchObject({
      activity: 'paused',
      tray: 'paused',
      pause: { by: 'host', note: '', untilMs },
    });
    const { taskId } = await stack.call('enqueue', {
      type: 'website_html',
      payload: { url: 'https://waiting.example/hang' },
    });
    expect(stack.ui.snapshot().queue).toMatchObject({ pending: 1, next: [{ taskId, host: 'waiting.example' }] });
    await stack.call('resume', null);
    const working = await stack.until(({ running }) => running.length === 1 && running[0]?.progress.percent === 50);
    expect(working).toMatchObject({ activity: 'working', tray: 'working', statusLine: 'Rendering waiting.example' });
    expect((await stack.call('history', { filter: { outcome: 'running' }, offset: 0, limit: 10 })).rows).toMatchObject([
      { taskId, outcome: 'running', durationMs: null },
    ]);

    await stack.call('stopAllNow', null);
    const stopped = await stack.until(({ running }) => running.length === 0);
    expect(stopped.pause?.by).toBe('host');
    expect(await stack.call('cancelTask', { taskId })).toEqual({ done: true });
    expect(await stack.call('cancelTask', { taskId })).toEqual({ done: false });
    expect(await stack.call('task', { taskId: 'nobody' })).toBeNull();
  });

  it('refuses what does not fit, in words, without a stack', async () => {
    expect(await stack.failure('enqueue', { type: 'website_html', payload: { url: 'ftp://x/' } })).toMatchObject({
      code: 'invalid_payload',
      message: expect.stringContaining('payload.url'),
    });
    expect(await stack.failure('enqueue', { type: 'no_such_type', payload: {} })).toMatchObject({
      code: 'unknown_type',
    });
    expect(await stack.failure('history', { filter: {}, offset: -1, limit: 1_000 })).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(/offset.*limit/),
    });
    expect(await stack.ui.answer('__proto__', null)).toMatchObject({ failure: { code: 'unknown_call' } });
    expect(await stack.ui.answer('toString', null)).toMatchObject({ failure: { code: 'unknown_call' } });
    expect(await stack.failure('runAgain', { taskId: 'nobody' })).toMatchObject({ code: 'no_task' });
  });
});

describe('what has been done', () => {
  it('lists attempts with filters, and exports them so that no spreadsheet runs anything', async () => {
    await stack.done('/ok');
    await stack.done('/fail,"=1+1"');
    const page = await stack.call('history', { filter: { toMs: Date.now() + 1 }, offset: 0, limit: 50 });
    expect(page).toMatchObject({ total: 2, rows: [{ outcome: 'failed' }, { outcome: 'completed' }] });
    expect((await stack.call('history', { filter: { text: 'FAIL' }, offset: 0, limit: 50 })).total).toBe(1);
    expect(await stack.call('historyFacets', null)).toEqual({ types: ['website_html'], hosts: ['site.example'] });
    const chart = await stack.call('activityChart', null);
    expect(chart).toHaveLength(24);
    expect(chart.reduce((sum, { completed, failed }) => sum + completed + failed, 0)).toBe(2);

    const saved = await stack.call('exportHistory', { format: 'csv', filter: {} });
    const lines = readFileSync(join(stack.folder, 'downloads', fileOf(saved)), 'utf8').split('\r\n');
    expect(lines[0]).toMatch(/^attemptId,taskId,attempt,type,url/);
    expect(lines).toHaveLength(4);
    const json = await stack.call('exportHistory', { format: 'json', filter: { outcome: 'failed' } });
    const exported: unknown = JSON.parse(readFileSync(join(stack.folder, 'downloads', fileOf(json)), 'utf8'));
    expect(exported).toMatchObject([{ outcome: 'failed', errorCode: 'tls_failed' }]);
  });

  it('shows the scores of a page over time', async () => {
    await stack.done('/', 'lighthouse_html');
    await stack.done('/', 'lighthouse_html');
    const [page, ...others] = await stack.call('scoredPages', { text: 'SITE' });
    expect(others).toEqual([]);
    expect(page).toMatchObject({
      host: 'site.example',
      audits: 2,
      categories: { performance: 0.87, accessibility: 1, seo: null },
    });
    const points = await stack.call('scores', { url: page?.url ?? '', formFactor: 'mobile' });
    expect(points).toMatchObject([{ metrics: { lcpMs: 1200, cls: 0.02 } }, { categories: { performance: 0.87 } }]);
    expect(points[0]?.atMs).toBeLessThanOrEqual(points[1]?.atMs ?? 0);
  });

  it('says how much room is taken, what was used, and cleans up', async () => {
    await stack.done('/ok');
    expect(await stack.call('storage', null)).toMatchObject({ dataFolder: stack.folder, tasks: 1 });
    expect((await stack.call('storage', null)).blobBytes).toBeGreaterThan(0);
    expect(await stack.call('usage', null)).toMatchObject([
      { tasks: 1, bytesDown: 1000, byType: [{ hubUrl: '', type: 'website_html' }] },
    ]);
    expect(await stack.call('cleanNow', null)).toMatchObject({ deletedTasks: 0 });
  });
});

function fileOf(saved: { kind: string; path?: string }): string {
  return saved.path?.replace('download/', '') ?? '';
}
