import type { HistoryRow, TaskDetail } from '../../../preload/contract.ts';
import { blobReferences } from './scene-blobs.ts';

const WEBSITE_BLOBS = blobReferences('page.html', 'screenshot.png', 'page.txt');
const LIGHTHOUSE_BLOBS = blobReferences('report.html', 'report.json');

function websiteResult(row: HistoryRow) {
  return {
    requestedUrl: row.url,
    finalUrl: row.url,
    redirects: [{ url: row.url.replace('https:', 'http:'), status: 301 }],
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', server: 'nginx' },
    contentType: 'text/html; charset=utf-8',
    title: 'Example bakery',
    html: 'page.html',
    body: null,
    text: 'page.txt',
    markdown: null,
    screenshot: 'screenshot.png',
    pdf: null,
    har: null,
    timings: {
      dnsMs: 12,
      connectMs: 41,
      tlsMs: 27,
      ttfbMs: 188,
      domContentLoadedMs: 640,
      loadMs: 1_320,
      fcpMs: 512,
      lcpMs: 1_104,
      cls: 0.012,
    },
    consoleErrors: [
      {
        text: "Uncaught TypeError: Cannot read properties of null (reading 'focus')",
        url: `${row.url}app.js`,
        line: 214,
      },
      { text: 'Failed to load resource: the server responded with a status of 404 ()', url: null, line: null },
    ],
    failedRequests: [
      { url: `${row.url}fonts/missing.woff2`, type: 'Font', status: 404, error: null },
      { url: 'https://tracker.example/pixel.gif', type: 'Image', status: null, error: 'net::ERR_BLOCKED_BY_CLIENT' },
    ],
    requestCount: 38,
    transferredBytes: 1_284_310,
    dialogs: [],
    popups: [],
    browser: { engine: 'headless_shell', version: '156.0.8078.79' },
  };
}

export function lighthouseResult(row: HistoryRow) {
  const scores = { performance: 87, accessibility: 96, 'best-practices': 42, seo: 100 };
  const metrics = { fcpMs: 1_420, lcpMs: 2_610, tbtMs: 190, cls: 0.04, speedIndexMs: 2_280, ttiMs: 3_900 };
  return {
    requestedUrl: row.url,
    finalUrl: row.url,
    scores,
    metrics,
    benchmarkIndex: 1_284,
    warnings: ['The page may not be loading as expected because your test URL was redirected.'],
    erroredAudits: [],
    runs: [{ scores, metrics, benchmarkIndex: 1_284 }],
    medianRun: 0,
    formFactor: 'mobile',
    throttling: 'simulate',
    lighthouseVersion: '13.5.0',
    browser: { engine: 'chromium', version: '156.0.8078.79' },
    reports: { json: 'report.json', html: 'report.html' },
  };
}

/** The task that a row of the history is an attempt of. */
export function taskOf(row: HistoryRow): TaskDetail {
  const isLighthouse = row.type === 'lighthouse_html';
  const isRunning = row.outcome === 'running';
  const startedAtMs = row.startedAtMs;
  const finishedAtMs = isRunning ? null : startedAtMs + (row.durationMs ?? 0);
  const first = {
    ...attemptOf(row, startedAtMs, finishedAtMs),
    blobs: row.outcome === 'completed' ? blobsOf(row) : [],
  };
  const failedBefore = {
    ...attemptOf(
      { ...row, attemptId: `${row.attemptId}-before`, outcome: 'failed' },
      startedAtMs - 60_000,
      startedAtMs - 30_000,
    ),
    number: 1,
    error: { code: 'connection_failed', class: 'transient', message: 'The connection to the site failed.' } as const,
    advice: 'Check that the site is up and reachable from this machine.',
  };
  return {
    taskId: row.taskId,
    type: row.type,
    url: row.url,
    host: row.host,
    lane: isLighthouse ? 'exclusive' : 'page',
    status: isRunning ? 'processing' : (row.outcome as 'completed' | 'failed' | 'cancelled'),
    priority: 5,
    attempts: row.attemptNumber,
    maxAttempts: 3,
    origin: row.origin,
    jobId: row.origin === 'hub' ? `job-${row.taskId}` : null,
    createdAtMs: startedAtMs - 4_200,
    runAtMs: startedAtMs - 4_200,
    progress: { percent: isRunning ? 55 : 100, stage: isRunning ? 'loading' : '' },
    payload: {
      url: row.url,
      waitUntil: 'load',
      screenshot: { fullPage: false },
      cookies: [{ name: 'session', value: '•••' }],
    },
    result: row.outcome === 'completed' ? (isLighthouse ? lighthouseResult(row) : websiteResult(row)) : null,
    attemptHistory: row.attemptNumber > 1 ? [failedBefore, first] : [first],
    timeline: [
      { step: 'queued', label: 'Queued', atMs: startedAtMs - 4_200 },
      { step: 'leased', label: 'Leased from the server', atMs: row.origin === 'hub' ? startedAtMs - 3_900 : null },
      { step: 'started', label: 'Started', atMs: startedAtMs },
      { step: 'stage', label: 'Loading', atMs: startedAtMs + 120 },
      {
        step: 'stage',
        label: 'Taking the picture',
        atMs: isRunning ? null : startedAtMs + Math.round((row.durationMs ?? 0) * 0.8),
      },
      { step: 'finished', label: 'Finished', atMs: finishedAtMs },
      {
        step: 'delivered',
        label: 'Delivered',
        atMs: finishedAtMs === null || row.origin === 'local' ? null : finishedAtMs + 340,
      },
    ],
    delivery: row.origin === 'local' ? null : isRunning ? 'waiting' : 'delivered',
    canCancel: isRunning,
    canRetry: row.outcome === 'failed' || row.outcome === 'cancelled',
  };
}

function blobsOf(row: HistoryRow) {
  return row.type === 'lighthouse_html' ? LIGHTHOUSE_BLOBS : WEBSITE_BLOBS;
}

function attemptOf(
  row: HistoryRow,
  startedAtMs: number,
  finishedAtMs: number | null,
): TaskDetail['attemptHistory'][number] {
  return {
    attemptId: row.attemptId,
    number: row.attemptNumber,
    startedAtMs,
    finishedAtMs,
    durationMs: finishedAtMs === null ? null : finishedAtMs - startedAtMs,
    outcome: row.outcome === 'running' ? null : row.outcome,
    error: row.error,
    advice: row.error === null ? null : 'Raise timeoutMs, or wait for an earlier state (waitUntil).',
    blobs: [],
  };
}
