import type { BrowserState, UiSnapshot } from '../../../preload/contract.ts';
import { activityOf, trayStateOf } from './activity-of.ts';
import { displayHost } from './display-host.ts';
import { findProblems } from './find-problems.ts';
import type { SnapshotContent, SnapshotInputs } from './snapshot-inputs.ts';
import { statusLine } from './status-line.ts';

const BROWSER_NAMES = { chromium: 'Chromium', headless_shell: 'Chromium headless shell' } as const;

/** All of the agent and its shell as the window and the tray are drawn from it. Pure. */
export function buildSnapshot(inputs: SnapshotInputs): SnapshotContent {
  const { agent, shell } = inputs;
  const problems = findProblems(inputs);
  const activity = activityOf(inputs);
  return {
    version: inputs.version,
    shell: shell.kind,
    platform: inputs.platform,
    firstRun: inputs.isFirstRun,
    activity,
    tray: trayStateOf(inputs, activity, problems),
    statusLine: statusLine(inputs, activity, problems),
    hub: hubOf(inputs),
    problems,
    running: (agent?.running ?? []).map((task) => ({
      taskId: task.taskId,
      attemptId: task.attemptId,
      attemptNumber: task.attemptNumber,
      type: task.type,
      url: task.url,
      host: displayHost(task.url),
      lane: inputs.lanes[task.type] ?? 'page',
      startedAtMs: task.startedAtMs,
      progress: task.progress,
    })),
    queue: {
      pending: agent?.pendingTasks ?? 0,
      undelivered: agent?.undeliveredResults ?? 0,
      next: inputs.next.map(({ taskId, type, url, runAtMs }) => ({ taskId, type, host: displayHost(url), runAtMs })),
    },
    today: inputs.today,
    recent: [...inputs.recent],
    pause: pauseOf(inputs),
    limits: {
      mayWork: agent?.limits.mayWork ?? true,
      reasons: (agent?.limits.reasons ?? []).map(({ rule, sentence, untilMs }) => ({
        rule,
        sentence,
        untilMs: untilMs ?? null,
      })),
    },
    concurrency: agent?.concurrency ?? { now: 0, max: 0, reason: null },
    stopping:
      activity === 'draining'
        ? { reason: inputs.stoppingReason ?? 'It was asked to stop.', remaining: agent?.running.length ?? 0 }
        : null,
    startAtLogin: shell.startAtLogin,
    browser: browserOf(inputs),
    update: shell.update,
    secretStore: shell.secretStore,
    sandbox: agent?.sandbox ?? true,
  };
}

function hubOf({ hub, agent, lastContactAtMs }: SnapshotInputs): UiSnapshot['hub'] {
  if (hub === null) return null;
  const link = agent?.link ?? { state: 'ended' as const };
  return {
    url: hub.url,
    workerId: hub.workerId,
    link: link.state,
    reason: 'reason' in link ? link.reason : null,
    lastContactAtMs,
  };
}

function pauseOf({ agent }: SnapshotInputs): UiSnapshot['pause'] {
  const by = agent?.pausedBy[0];
  if (agent === null || by === undefined) return null;
  return { by, note: agent.pauseNote ?? '', untilMs: agent.pausedUntilMs };
}

function browserOf({ browsers, shell }: SnapshotInputs): BrowserState {
  if (shell.browserDownload?.state === 'downloading') return shell.browserDownload;
  const browser = browsers.find(({ kind }) => kind === 'chromium') ?? browsers[0];
  if (browser === undefined) return shell.browserDownload ?? { state: 'missing' };
  const newerVersion = shell.newerBrowserVersion ?? undefined;
  const { kind, version, path } = browser;
  return { state: 'ready', name: BROWSER_NAMES[kind], version, path, ...(newerVersion && { newerVersion }) };
}
