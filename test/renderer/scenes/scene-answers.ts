import { z } from 'zod';
import { lighthousePayload } from '../../../main/browser/lighthouse-html/payload.ts';
import { websiteHtmlPayload } from '../../../main/browser/website-html/payload.ts';
import type { CallAnswer, CallHandlers, LogLine, ScoredPage, UiSnapshot } from '../../../preload/contract.ts';
import type { SceneHistory } from './scene-history.ts';
import { sceneSettings } from './scene-settings.ts';
import { taskOf } from './scene-tasks.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a scene's agent answers, and what was asked of it. */
export interface SceneWorld {
  nowMs: number;
  isEmpty: boolean;
  history: SceneHistory;
  snapshot: () => UiSnapshot;
  /** Changes the snapshot and tells the window. */
  change: (part: Partial<UiSnapshot>) => void;
  /** Answers of one scene in place of the usual ones. */
  overrides: Partial<CallHandlers>;
}

function schemaOf(payload: z.ZodType): CallAnswer<'taskTypes'>[number]['payloadSchema'] {
  return JSON.parse(JSON.stringify(z.toJSONSchema(payload, { io: 'input', unrepresentable: 'any' })));
}

export function sceneLogLines(nowMs: number, count: number): LogLine[] {
  const messages = [
    'task finished',
    'work requested',
    'result delivered',
    'lease renewed',
    'browser recycled',
    'page is slow',
  ];
  const levels = ['info', 'info', 'info', 'debug', 'info', 'warn'] as const;
  return Array.from({ length: count }, (_, index) => ({
    sequence: index + 1,
    atMs: nowMs - (count - index) * 1_700,
    level: index % 41 === 40 ? 'error' : (levels[index % levels.length] ?? 'info'),
    message: index % 41 === 40 ? 'connection to the site failed' : (messages[index % messages.length] ?? ''),
    fields: { taskId: `task-${index}`, host: 'shop.example.com', durationMs: 300 + ((index * 37) % 900) },
  }));
}

/** What the agent of most scenes answers. */
export function sceneAnswers(world: SceneWorld): CallHandlers {
  const { nowMs, history } = world;
  let settings = sceneSettings();
  const scored: ScoredPage[] = world.isEmpty ? [] : scoredPages(nowMs);
  return {
    snapshot: () => world.snapshot(),
    pause: ({ untilMs }) => {
      world.change({
        activity: 'paused',
        tray: 'paused',
        statusLine: 'Paused by you.',
        pause: { by: 'host', note: '', untilMs },
      });
      return null;
    },
    resume: () => {
      world.change({ activity: 'idle', tray: 'idle', statusLine: 'Connected. Waiting for work.', pause: null });
      return null;
    },
    stopAllNow: () => {
      world.change({ activity: 'paused', tray: 'paused', running: [], pause: { by: 'host', note: '', untilMs: null } });
      return null;
    },
    quit: () => null,
    taskTypes: () => [
      {
        name: 'website_html',
        summary: 'Renders a page with Chromium and keeps its HTML, how it loaded, and a picture of it.',
        lane: 'page',
        enabled: true,
        payloadSchema: schemaOf(websiteHtmlPayload),
      },
      {
        name: 'lighthouse_html',
        summary: 'Audits a page with Lighthouse and keeps its scores, its metrics and the whole report.',
        lane: 'exclusive',
        enabled: true,
        payloadSchema: schemaOf(lighthousePayload),
      },
    ],
    enqueue: () => ({ taskId: 'task-0' }),
    cancelTask: ({ taskId }) => {
      world.change({ running: world.snapshot().running.filter((task) => task.taskId !== taskId) });
      return { done: true };
    },
    retryTask: () => ({ done: true }),
    runAgain: () => ({ taskId: 'task-0' }),
    task: ({ taskId }) => {
      const row = history.row(taskId);
      return row === undefined ? null : taskOf(row);
    },
    openArtefactFolder: () => ({ done: true }),
    history: ({ filter, offset, limit }) => history.page(filter, offset, limit),
    historyFacets: () => history.facets(),
    exportHistory: () => ({ kind: 'saved', path: '/home/anna/Documents/legwork-history.csv' }),
    activityChart: () =>
      Array.from({ length: 24 }, (_, index) => ({
        fromMs: nowMs - (24 - index) * HOUR_MS,
        completed: world.isEmpty ? 0 : Math.round(60 + 50 * Math.sin(index / 3.2) + (index % 4) * 6),
        failed: world.isEmpty || index % 5 !== 2 ? 0 : 1 + (index % 3),
        medianDurationMs: world.isEmpty ? null : 1_400 + 600 * Math.sin(index / 2.3),
      })),
    scoredPages: ({ text }) => scored.filter((page) => page.url.includes(text)),
    scores: () =>
      Array.from({ length: 18 }, (_, index) => {
        const wobble = Math.sin(index / 2.1) * 4 + index * 0.7;
        return {
          taskId: `task-${index * 5 + 3}`,
          atMs: nowMs - (18 - index) * DAY_MS,
          categories: {
            performance: clamp((70 + wobble) / 100),
            accessibility: clamp((90 + wobble / 3) / 100),
            'best-practices': index === 7 ? null : clamp((78 + wobble / 2) / 100),
            seo: 1,
          },
          metrics: {
            fcpMs: 1_700 - wobble * 20,
            lcpMs: 3_100 - wobble * 60,
            tbtMs: 260 - wobble * 8,
            cls: 0.08 - index * 0.002,
            speedIndexMs: 2_600 - wobble * 30,
            ttiMs: 4_100 - wobble * 50,
          },
        };
      }),
    settings: () => settings,
    changeSettings: ({ values }) => {
      settings = settings.map((one) =>
        one.key in values ? { ...one, value: values[one.key], source: 'file' as const } : one,
      );
      return { kind: 'changed', applied: Object.keys(values), afterRestart: [] };
    },
    usage: () => (world.isEmpty ? [] : usageMonths()),
    storage: () => ({
      dataFolder: '/home/anna/.local/share/legwork',
      databaseBytes: world.isEmpty ? 98_304 : 84_213_760,
      blobBytes: world.isEmpty ? 0 : 1_912_400_000,
      logBytes: 4_320_000,
      freeBytes: 182_000_000_000,
      tasks: world.isEmpty ? 0 : 12_480,
    }),
    cleanNow: () => ({ deletedTasks: 1_204, freedBytes: 312_000_000 }),
    inspectEnrolment: ({ hubUrlOrLink }) => {
      const link = URL.canParse(hubUrlOrLink) ? new URL(hubUrlOrLink) : null;
      const hubUrl = link?.searchParams.get('hub') ?? hubUrlOrLink;
      if (!URL.canParse(hubUrl)) throw new Error('This is not the address of a server.');
      return {
        hubUrl,
        host: new URL(hubUrl).host,
        isEncrypted: hubUrl.startsWith('https:'),
        replaces: null,
        abilities: [
          'Have public web pages opened in a browser on this machine, from your network address.',
          'Receive what these pages contain: HTML, pictures and audit reports.',
          'See the name and size of this machine, and which browser it has.',
        ],
        token: link?.searchParams.get('token') ?? null,
      };
    },
    enrol: () => null,
    leaveHub: () => {
      world.change({ hub: null });
      return null;
    },
    finishFirstRun: () => {
      world.change({ firstRun: false });
      return null;
    },
    setStartAtLogin: ({ enabled }) => {
      world.change({ startAtLogin: enabled });
      return { enabled };
    },
    findBrowsers: () => [
      { name: 'Google Chrome', version: '156.0.8078.91', path: '/opt/google/chrome/chrome', inUse: false },
      { name: 'Chromium', version: '156.0.8078.79', path: '/usr/bin/chromium', inUse: true },
    ],
    useBrowser: () => null,
    downloadBrowser: () => {
      world.change({
        browser: { state: 'downloading', version: '156.0.8078.79', receivedBytes: 61_000_000, totalBytes: 172_000_000 },
      });
      return null;
    },
    cancelBrowserDownload: () => {
      world.change({ browser: { state: 'missing' } });
      return null;
    },
    checkForUpdate: () => null,
    downloadUpdate: () => null,
    installUpdate: () => null,
    logLines: ({ limit }) => (world.isEmpty ? [] : sceneLogLines(nowMs, Math.min(limit, 400))),
    saveDiagnostics: () => ({ kind: 'saved', path: '/home/anna/Documents/legwork-diagnostics.zip' }),
    openExternal: () => ({ done: true }),
    ...world.overrides,
  };
}

function scoredPages(nowMs: number): ScoredPage[] {
  return [
    ['https://example.org/', 87, 96, 92, 100],
    ['https://shop.example.com/products/42', 43, 78, 83, 91],
    ['https://docs.example.net/', 98, 100, 100, 100],
    ['https://www.baeckerei-huber.example/', 71, 88, 75, 92],
    ['https://news.example.co.uk/', 28, 64, 58, 83],
  ].map(([url, performance, accessibility, practices, seo], index) => ({
    url: String(url),
    host: new URL(String(url)).host,
    formFactor: index % 3 === 1 ? 'desktop' : 'mobile',
    audits: 18 - index * 2,
    lastAtMs: nowMs - (index * 7 + 1) * HOUR_MS,
    categories: {
      performance: Number(performance) / 100,
      accessibility: Number(accessibility) / 100,
      'best-practices': Number(practices) / 100,
      seo: index === 3 ? null : Number(seo) / 100,
    },
  }));
}

function usageMonths(): CallAnswer<'usage'> {
  return Array.from({ length: 14 }, (_, index) => {
    const month = new Date(Date.UTC(2026, 10 - index, 1)).toISOString().slice(0, 7);
    const tasks = Math.round(21_000 - index * 1_100 + ((index * 5_003) % 4_000));
    const share = {
      hubUrl: 'https://hub.example.org',
      browserMs: tasks * 2_900,
      bytesDown: tasks * 1_700_000,
      bytesUp: tasks * 41_000,
    };
    return {
      month,
      tasks,
      browserMs: share.browserMs,
      bytesDown: share.bytesDown,
      bytesUp: share.bytesUp,
      byType: [
        { ...share, type: 'website_html', tasks: Math.round(tasks * 0.8), browserMs: share.browserMs * 0.4 },
        { ...share, type: 'lighthouse_html', tasks: Math.round(tasks * 0.18), browserMs: share.browserMs * 0.6 },
        { ...share, hubUrl: '', type: 'website_html', tasks: Math.round(tasks * 0.02), browserMs: 0 },
      ],
    };
  });
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
