import { type UiSnapshot, uiSnapshot } from '../../preload/contract.ts';

/** A snapshot of an agent that has nothing to do, with what a test is about in its place. */
export function aSnapshot(overrides: Partial<UiSnapshot> = {}): UiSnapshot {
  return uiSnapshot.parse({
    sequence: 1,
    atMs: 1_760_000_000_000,
    version: '1.2.3',
    shell: 'desktop',
    platform: 'linux',
    firstRun: false,
    activity: 'idle',
    tray: 'idle',
    statusLine: 'Connected, waiting for work',
    hub: { url: 'https://hub.example.org', workerId: 'w1', link: 'connected', reason: null, lastContactAtMs: null },
    problems: [],
    running: [],
    queue: { pending: 0, undelivered: 0, next: [] },
    today: { completed: 0, failed: 0, bytesDown: 0, bytesUp: 0, browserMs: 0 },
    recent: [],
    pause: null,
    limits: { mayWork: true, reasons: [] },
    concurrency: { now: 3, max: 3, reason: null },
    stopping: null,
    startAtLogin: false,
    browser: { state: 'ready', name: 'Chromium', version: '159.0.0.1', path: '/usr/bin/chromium' },
    update: { state: 'unavailable', checkedAtMs: 1_760_000_000_000 },
    secretStore: 'strong',
    sandbox: true,
    ...overrides,
  } satisfies UiSnapshot);
}
