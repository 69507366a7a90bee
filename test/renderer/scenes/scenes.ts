import type { CallHandlers, UiSnapshot } from '../../../preload/contract.ts';
import { SceneHistory } from './scene-history.ts';
import { hostileHistory } from './hostile-history.ts';
import { busySnapshot, restingSnapshot } from './scene-snapshot.ts';

/** A state of the agent that the window is looked at in. */
export interface Scene {
  snapshot: UiSnapshot;
  history: SceneHistory;
  /** Nothing was done yet. */
  isEmpty: boolean;
  overrides: Partial<CallHandlers>;
}

type Changes = Partial<Omit<Scene, 'snapshot'>> & { snapshot?: UiSnapshot };

function scene(nowMs: number, changes: Changes): Scene {
  const isEmpty = changes.isEmpty ?? false;
  return {
    snapshot: busySnapshot(nowMs),
    history: changes.history ?? SceneHistory.generated(isEmpty ? 0 : 400, nowMs - 2_000),
    overrides: {},
    ...changes,
    isEmpty,
  };
}

function problem(code: string, title: string, sentence: string, advice: string | null): UiSnapshot['problems'][number] {
  return { code, title, sentence, advice, severity: 'attention' };
}

/** Every scene by its name; `nowMs` is the time that it plays at. */
export const SCENES: Record<string, (nowMs: number) => Scene> = {
  busy: (nowMs) => scene(nowMs, {}),
  empty: (nowMs) => scene(nowMs, { isEmpty: true, snapshot: restingSnapshot(nowMs) }),
  'first-run': (nowMs) =>
    scene(nowMs, {
      isEmpty: true,
      snapshot: {
        ...restingSnapshot(nowMs),
        firstRun: true,
        hub: null,
        startAtLogin: false,
        browser: { state: 'missing' },
      },
    }),
  'without-server': (nowMs) =>
    scene(nowMs, {
      snapshot: { ...restingSnapshot(nowMs), hub: null, statusLine: 'Ready for tasks of this machine.' },
    }),
  paused: (nowMs) =>
    scene(nowMs, {
      snapshot: {
        ...busySnapshot(nowMs),
        activity: 'paused',
        tray: 'paused',
        statusLine: 'Paused; nothing new is started.',
        running: [],
        pause: { by: 'host', note: '', untilMs: nowMs + 2_520_000 },
      },
    }),
  limited: (nowMs) =>
    scene(nowMs, {
      snapshot: {
        ...busySnapshot(nowMs),
        activity: 'limited',
        tray: 'idle',
        statusLine: 'Your limits say not now.',
        running: [],
        limits: {
          mayWork: false,
          reasons: [
            {
              rule: 'work_hours',
              sentence: 'It is outside the hours in which you let Legwork work.',
              untilMs: nowMs + 9_000_000,
            },
            { rule: 'battery', sentence: 'The battery is at 24 %; you let it work above 30 %.', untilMs: null },
          ],
        },
      },
    }),
  offline: (nowMs) =>
    scene(nowMs, {
      snapshot: {
        ...restingSnapshot(nowMs),
        tray: 'offline',
        statusLine: 'The server cannot be reached.',
        hub: {
          url: 'https://hub.example.org',
          workerId: 'worker-7f3a',
          link: 'offline',
          reason: 'The connection was refused.',
          lastContactAtMs: nowMs - 1_080_000,
        },
        problems: [
          {
            ...problem(
              'hub_unreachable',
              'The server cannot be reached',
              'The connection to hub.example.org was refused.',
              null,
            ),
            severity: 'notice',
          },
        ],
      },
    }),
  'wrong-secret': (nowMs) =>
    scene(nowMs, {
      snapshot: {
        ...restingSnapshot(nowMs),
        tray: 'attention',
        statusLine: 'The server does not accept this machine.',
        hub: {
          url: 'https://hub.example.org',
          workerId: 'worker-7f3a',
          link: 'unaccepted',
          reason: 'The secret is not the one that the server has.',
          lastContactAtMs: nowMs - 86_400_000,
        },
        problems: [
          problem(
            'unaccepted',
            'The server does not accept this machine',
            'hub.example.org answered that the secret is wrong.',
            'Ask its operator for a new link, and connect again.',
          ),
        ],
        secretStore: 'weak',
      },
    }),
  'disk-full': (nowMs) =>
    scene(nowMs, {
      snapshot: {
        ...restingSnapshot(nowMs),
        activity: 'limited',
        tray: 'attention',
        statusLine: 'The disk is nearly full.',
        problems: [
          problem(
            'disk_full',
            'The disk is nearly full',
            'Only 212 MB are free, and Legwork leaves 500 MB. Nothing new is started.',
            'Free some space, or let Legwork keep less.',
          ),
        ],
      },
    }),
  crashed: (nowMs) =>
    scene(nowMs, {
      snapshot: {
        ...restingSnapshot(nowMs),
        activity: 'crashed',
        tray: 'attention',
        statusLine: 'Legwork ended by itself and is being started again.',
        problems: [
          problem(
            'agent_crashed',
            'Legwork ended by itself',
            'It is being started again in 8 seconds.',
            'Its log says why.',
          ),
        ],
        browser: { state: 'failed', sentence: 'The download broke off.' },
      },
    }),
  draining: (nowMs) =>
    scene(nowMs, {
      snapshot: {
        ...busySnapshot(nowMs),
        activity: 'draining',
        statusLine: 'Finishing what runs.',
        stopping: { reason: 'You asked Legwork to quit.', remaining: 2 },
        update: { state: 'ready', version: '0.3.0' },
      },
    }),
  failing: (nowMs) => {
    const refuse = () => {
      throw new Error('The database is in use by another program.');
    };
    return scene(nowMs, {
      overrides: Object.fromEntries(
        [
          'history',
          'historyFacets',
          'activityChart',
          'task',
          'scoredPages',
          'scores',
          'settings',
          'usage',
          'storage',
          'logLines',
          'taskTypes',
        ].map((name) => [name, refuse]),
      ),
    });
  },
  hostile: (nowMs) => scene(nowMs, { history: hostileHistory(nowMs), snapshot: hostileSnapshot(nowMs) }),
  long: (nowMs) => scene(nowMs, { history: SceneHistory.generated(100_000, nowMs - 2_000) }),
};

function hostileSnapshot(nowMs: number): UiSnapshot {
  const snapshot = busySnapshot(nowMs);
  const [row] = hostileHistory(nowMs).page(
    { text: '', type: null, outcome: null, host: null, fromMs: null, toMs: null },
    0,
    1,
  ).rows;
  const host = row?.host ?? '';
  return {
    ...snapshot,
    statusLine: `Rendering ${host}`,
    running: snapshot.running.map((task) => ({
      ...task,
      host,
      url: row?.url ?? '',
      progress: { percent: 40, stage: host.slice(0, 100) },
    })),
    problems: [problem('odd', host, host.repeat(4), host)],
  };
}
