import type { Activity, TrayState, UiSnapshot } from '../../preload/contract.ts';
import type { Tone } from '../components/badge.tsx';

/** What the agent is doing, in a word. */
export const ACTIVITY_WORDS: Record<Activity, string> = {
  starting: 'Starting',
  idle: 'Idle',
  working: 'Working',
  paused: 'Paused',
  limited: 'Waiting',
  draining: 'Finishing',
  stopped: 'Stopped',
  crashed: 'Restarting',
};

export const TRAY_TONES: Record<TrayState, Tone> = {
  working: 'accent',
  idle: 'good',
  paused: 'warn',
  attention: 'bad',
  offline: 'mute',
};

type LinkState = NonNullable<UiSnapshot['hub']>['link'];

/** How it stands with the server, for people. */
export const LINK_WORDS: Record<LinkState, { word: string; tone: Tone }> = {
  connecting: { word: 'Connecting', tone: 'mute' },
  connected: { word: 'Connected', tone: 'good' },
  offline: { word: 'Not reachable', tone: 'warn' },
  unaccepted: { word: 'Not accepted', tone: 'bad' },
  revoked: { word: 'Revoked', tone: 'bad' },
  superseded: { word: 'Replaced by another', tone: 'bad' },
  too_old: { word: 'Version too old', tone: 'bad' },
  ended: { word: 'Ended', tone: 'mute' },
};

/** Host name and port of an address, or the address when it is none. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
