import type { Activity } from '../../../preload/contract.ts';
import { assertNever } from '../../protocol/assert-never.ts';
import { displayHost } from './display-host.ts';
import type { Problem, SnapshotInputs } from './snapshot-inputs.ts';

/** What a task of a type does to a page, as the first word of a line. */
const VERBS: Readonly<Record<string, string>> = { website_html: 'Rendering', lighthouse_html: 'Auditing' };

/** What the agent does, in a line such as “Auditing example.org, 3 of 12”. Pure. */
export function statusLine(inputs: SnapshotInputs, activity: Activity, problems: readonly Problem[]): string {
  switch (activity) {
    case 'crashed':
      return 'Stopped unexpectedly; starting again';
    case 'starting':
      return 'Starting';
    case 'stopped':
      return problems[0]?.title ?? 'Stopped';
    case 'draining':
      return stopping(inputs);
    case 'working':
      return working(inputs);
    case 'paused':
      return paused(inputs);
    case 'limited':
      return inputs.agent?.limits.reasons[0]?.sentence ?? 'Not working now';
    case 'idle':
      return idle(inputs, problems);
    default:
      return assertNever(activity, 'activity');
  }
}

function stopping({ agent, phase }: SnapshotInputs): string {
  const remaining = agent?.running.length ?? 0;
  const what = phase === 'restarting' ? 'Restarting' : 'Stopping';
  return remaining === 0 ? what : `${what}: ${remaining} ${remaining === 1 ? 'task' : 'tasks'} to finish`;
}

function working({ agent, round }: SnapshotInputs): string {
  const running = agent?.running ?? [];
  const first = running[0];
  if (first === undefined) return 'Working';
  const verb = VERBS[first.type] ?? 'Working on';
  const others = running.length > 1 ? ` and ${running.length - 1} more` : '';
  const total = round.ended + running.length + (agent?.pendingTasks ?? 0);
  const count = total > running.length ? `, ${round.ended + 1} of ${total}` : '';
  return `${verb} ${displayHost(first.url)}${others}${count}`;
}

function paused({ agent, atMs }: SnapshotInputs): string {
  const untilMs = agent?.pausedUntilMs ?? null;
  const running = agent?.running.length ?? 0;
  const rest = running === 0 ? '' : `; ${running} ${running === 1 ? 'task' : 'tasks'} still running`;
  if (untilMs !== null) return `Paused until ${momentText(untilMs, atMs)}${rest}`;
  return `${agent?.pausedBy[0] === 'operator' ? 'Paused by the operator' : 'Paused'}${rest}`;
}

function idle({ agent, hub, takesWork }: SnapshotInputs, problems: readonly Problem[]): string {
  const attention = problems.find(({ severity }) => severity === 'attention');
  if (attention !== undefined) return attention.title;
  if (!takesWork) return 'Takes no work: that is switched off';
  if (hub === null) return 'Ready for your own tasks';
  const state = agent?.link.state;
  if (state === 'connected') return 'Connected, waiting for work';
  if (state === 'offline') return 'The server does not answer; trying again';
  return state === 'connecting' ? 'Connecting' : 'Not connected';
}

/** `18:05` of the same day, `tomorrow 08:00`, `24 November 08:00`, in the machine's time zone. */
function momentText(momentMs: number, nowMs: number): string {
  const time = new Date(momentMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  const day = new Date(nowMs);
  if (isSameDay(day, momentMs)) return time;
  day.setDate(day.getDate() + 1);
  if (isSameDay(day, momentMs)) return `tomorrow ${time}`;
  return `${new Date(momentMs).toLocaleDateString('en-GB', { day: 'numeric', month: 'long' })} ${time}`;
}

function isSameDay(day: Date, momentMs: number): boolean {
  return day.toDateString() === new Date(momentMs).toDateString();
}
