import type { UiSnapshot } from '../../../preload/contract.ts';
import { pauseTimeLeft } from './pause-time.ts';

/** What choosing an entry of the tray's menu does. */
export type TrayAction =
  | { do: 'open'; view: string | null }
  | { do: 'pause'; length: 'hour' | 'tomorrow' | 'open' }
  | { do: 'resume' }
  | { do: 'startAtLogin'; enabled: boolean }
  | { do: 'installUpdate' }
  | { do: 'quit'; how: 'drain' | 'now' };

/** An entry of the menu. A text without an action only tells something. */
export type TrayEntry =
  | { kind: 'line' }
  | { kind: 'text'; label: string }
  | { kind: 'action'; label: string; action: TrayAction; checked?: boolean }
  | { kind: 'menu'; label: string; entries: TrayEntry[] };

const LONGEST_LABEL = 60;
const OUTCOME_MARKS = { completed: '✓', failed: '✗', cancelled: '–' } as const;

/**
 * The tray's menu: only what the snapshot says, which the window is drawn from as well. What anybody may want in a hurry
 * is there in every state: to see, to stop, to end.
 */
export function trayMenu(snapshot: UiSnapshot, nowMs: number): TrayEntry[] {
  return [
    { kind: 'text', label: short(statusText(snapshot, nowMs)) },
    ...problemEntries(snapshot),
    ...runningEntries(snapshot),
    { kind: 'line' },
    ...pauseEntries(snapshot),
    ...recentEntries(snapshot),
    { kind: 'line' },
    open('Open Legwork', null),
    ...loginEntries(snapshot),
    ...updateEntries(snapshot),
    { kind: 'line' },
    ...quitEntries(snapshot),
  ];
}

/** What the icon says when it is pointed at. */
export function trayToolTip(snapshot: UiSnapshot, nowMs: number): string {
  return `Legwork: ${short(statusText(snapshot, nowMs))}`;
}

function statusText(snapshot: UiSnapshot, nowMs: number): string {
  const { pause, statusLine, stopping } = snapshot;
  if (stopping !== null || pause?.untilMs === null || pause === null) return statusLine;
  const left = pauseTimeLeft(pause.untilMs, nowMs);
  return left === null ? statusLine : `${statusLine} · ${left} left`;
}

function problemEntries({ problems }: UiSnapshot): TrayEntry[] {
  return problems
    .filter(({ severity }) => severity === 'attention')
    .slice(0, 3)
    .map(({ title }) => open(`⚠ ${title}`, '/overview'));
}

function runningEntries({ running }: UiSnapshot): TrayEntry[] {
  return running
    .slice(0, 8)
    .map(({ taskId, host, progress }) =>
      open(`${host}  ${roundedPercent(progress.percent)} %`, `/task/${encodeURIComponent(taskId)}`),
    );
}

function pauseEntries({ pause, activity }: UiSnapshot): TrayEntry[] {
  if (activity === 'draining' || activity === 'stopped') return [];
  if (pause !== null) return [{ kind: 'action', label: 'Resume', action: { do: 'resume' } }];
  return [
    {
      kind: 'menu',
      label: 'Pause',
      entries: [
        { kind: 'action', label: 'For 1 hour', action: { do: 'pause', length: 'hour' } },
        { kind: 'action', label: 'Until tomorrow', action: { do: 'pause', length: 'tomorrow' } },
        { kind: 'action', label: 'Until I resume', action: { do: 'pause', length: 'open' } },
      ],
    },
  ];
}

function recentEntries({ recent }: UiSnapshot): TrayEntry[] {
  if (recent.length === 0) return [];
  return [
    {
      kind: 'menu',
      label: 'Last tasks',
      entries: recent
        .slice(0, 5)
        .map(({ taskId, host, outcome }) =>
          open(`${OUTCOME_MARKS[outcome]} ${host}  ${outcome}`, `/task/${encodeURIComponent(taskId)}`),
        ),
    },
  ];
}

function loginEntries({ startAtLogin }: UiSnapshot): TrayEntry[] {
  if (startAtLogin === null) return [];
  return [
    {
      kind: 'action',
      label: 'Start at login',
      checked: startAtLogin,
      action: { do: 'startAtLogin', enabled: !startAtLogin },
    },
  ];
}

function updateEntries({ update }: UiSnapshot): TrayEntry[] {
  if (update.state === 'ready') {
    return [{ kind: 'action', label: `Restart to update to ${update.version}`, action: { do: 'installUpdate' } }];
  }
  return update.state === 'available' ? [open(`Version ${update.version} is available`, '/settings/about')] : [];
}

function quitEntries({ stopping }: UiSnapshot): TrayEntry[] {
  if (stopping !== null) return [{ kind: 'action', label: 'Quit now', action: { do: 'quit', how: 'now' } }];
  return [{ kind: 'action', label: 'Quit Legwork', action: { do: 'quit', how: 'drain' } }];
}

/** In steps, so that the menu need not be set again at every little progress. */
function roundedPercent(percent: number): number {
  return Math.floor(percent / 5) * 5;
}

function open(label: string, view: string | null): TrayEntry {
  return { kind: 'action', label: short(label), action: { do: 'open', view } };
}

function short(text: string): string {
  return text.length <= LONGEST_LABEL ? text : `${text.slice(0, LONGEST_LABEL - 1)}…`;
}
