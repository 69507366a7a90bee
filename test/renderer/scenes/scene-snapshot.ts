import type { UiSnapshot } from '../../../preload/contract.ts';

/** An agent at rest, connected to its server. Scenes change what they are about. */
export function restingSnapshot(nowMs: number): UiSnapshot {
  return {
    sequence: 1,
    atMs: nowMs,
    version: '0.2.0',
    shell: 'web',
    platform: 'linux',
    firstRun: false,
    activity: 'idle',
    tray: 'idle',
    statusLine: 'Connected. Waiting for work.',
    hub: {
      url: 'https://hub.example.org',
      workerId: 'worker-7f3a',
      link: 'connected',
      reason: null,
      lastContactAtMs: nowMs - 8_000,
    },
    problems: [],
    running: [],
    queue: { pending: 0, undelivered: 0, next: [] },
    today: { completed: 0, failed: 0, bytesDown: 0, bytesUp: 0, browserMs: 0 },
    recent: [],
    pause: null,
    limits: { mayWork: true, reasons: [] },
    concurrency: { now: 3, max: 3, reason: null },
    stopping: null,
    startAtLogin: true,
    browser: {
      state: 'ready',
      name: 'Chrome for Testing',
      version: '156.0.8078.79',
      path: '/home/anna/.legwork/chrome/chrome',
    },
    update: { state: 'unavailable', checkedAtMs: nowMs - 3_600_000 },
    secretStore: 'strong',
    sandbox: true,
  };
}

/** The same agent in the middle of a working day. */
export function busySnapshot(nowMs: number): UiSnapshot {
  return {
    ...restingSnapshot(nowMs),
    activity: 'working',
    tray: 'working',
    statusLine: 'Rendering shop.example.com, 2 of 14',
    running: [
      {
        taskId: 'task-running-1',
        attemptId: 'attempt-running-1',
        attemptNumber: 1,
        type: 'website_html',
        url: 'https://shop.example.com/products/42',
        host: 'shop.example.com',
        lane: 'page',
        startedAtMs: nowMs - 3_400,
        progress: { percent: 62, stage: 'waiting for the page' },
      },
      {
        taskId: 'task-running-2',
        attemptId: 'attempt-running-2',
        attemptNumber: 2,
        type: 'website_html',
        url: 'https://docs.example.net/',
        host: 'docs.example.net',
        lane: 'page',
        startedAtMs: nowMs - 1_100,
        progress: { percent: 20, stage: 'loading' },
      },
    ],
    queue: {
      pending: 12,
      undelivered: 1,
      next: [
        { taskId: 'task-next-1', type: 'website_html', host: 'www.baeckerei-huber.example', runAtMs: nowMs - 1_000 },
        { taskId: 'task-next-2', type: 'lighthouse_html', host: 'staging.acme.example', runAtMs: nowMs - 500 },
        { taskId: 'task-next-3', type: 'website_html', host: 'news.example.co.uk', runAtMs: nowMs + 95_000 },
      ],
    },
    today: { completed: 1_284, failed: 23, bytesDown: 2_431_900_000, bytesUp: 48_200_000, browserMs: 5_460_000 },
    recent: [
      {
        taskId: 'task-0',
        type: 'website_html',
        host: 'example.org',
        outcome: 'completed',
        finishedAtMs: nowMs - 21_000,
      },
      {
        taskId: 'task-3',
        type: 'lighthouse_html',
        host: 'shop.example.com',
        outcome: 'completed',
        finishedAtMs: nowMs - 74_000,
      },
      {
        taskId: 'task-4',
        type: 'website_html',
        host: 'api.example.dev',
        outcome: 'failed',
        finishedAtMs: nowMs - 130_000,
      },
      {
        taskId: 'task-5',
        type: 'website_html',
        host: 'münchen.example',
        outcome: 'completed',
        finishedAtMs: nowMs - 190_000,
      },
      {
        taskId: 'task-9',
        type: 'website_html',
        host: 'news.example.co.uk',
        outcome: 'cancelled',
        finishedAtMs: nowMs - 400_000,
      },
    ],
    concurrency: { now: 2, max: 6, reason: 'The machine is busy' },
  };
}
