import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pauseTimeLeft, pauseUntilMs } from '../../main/desktop/tray/pause-time.ts';
import { isPanelDark, trayIconFile } from '../../main/desktop/tray/tray-icons.ts';
import { type TrayEntry, trayMenu, trayToolTip } from '../../main/desktop/tray/tray-menu.ts';
import { trayState, type UiSnapshot } from '../../preload/contract.ts';
import { aSnapshot } from './a-snapshot.ts';

const NOW_MS = new Date(2026, 10, 22, 23, 50).getTime();
const MINUTE_MS = 60_000;

function labels(entries: readonly TrayEntry[]): string[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'line') return [];
    return entry.kind === 'menu' ? [entry.label, ...labels(entry.entries).map((label) => `  ${label}`)] : [entry.label];
  });
}
const menuOf = (overrides: Partial<UiSnapshot>): string[] => labels(trayMenu(aSnapshot(overrides), NOW_MS));

function running(host: string, percent: number): UiSnapshot['running'][number] {
  return {
    taskId: `task/${host}`,
    attemptId: 'a',
    attemptNumber: 1,
    type: 'lighthouse_html',
    url: `https://${host}/`,
    host,
    lane: 'exclusive',
    startedAtMs: 0,
    progress: { percent, stage: 'auditing' },
  };
}

describe("the tray's menu", () => {
  it('always has what shows and what ends the app', () => {
    for (const activity of ['starting', 'idle', 'working', 'paused', 'limited', 'stopped', 'crashed'] as const) {
      const found = menuOf({ activity });
      expect(found).toContain('Open Legwork');
      expect(found).toContain('Quit Legwork');
    }
  });

  it('says what the window says, and what runs with how far it is', () => {
    const found = menuOf({
      activity: 'working',
      statusLine: 'Auditing example.org, 3 of 12',
      running: [running('example.org', 43), running('shop.example', 0)],
    });
    expect(found[0]).toBe('Auditing example.org, 3 of 12');
    expect(found).toContain('example.org  40 %');
    expect(found).toContain('shop.example  0 %');
  });

  it('leads from a task to its page, whatever its id', () => {
    const menu = trayMenu(aSnapshot({ running: [running('example.org', 0)] }), NOW_MS);
    const entry = menu.find((candidate) => candidate.kind === 'action' && candidate.label.startsWith('example.org'));
    expect(entry).toMatchObject({ action: { do: 'open', view: '/task/task%2Fexample.org' } });
  });

  it('offers to pause, and once paused to resume, with the time that is left', () => {
    expect(menuOf({})).toEqual(
      expect.arrayContaining(['Pause', '  For 1 hour', '  Until tomorrow', '  Until I resume']),
    );
    const paused = menuOf({
      activity: 'paused',
      statusLine: 'Paused until 00:35',
      pause: { by: 'host', note: '', untilMs: NOW_MS + 45 * MINUTE_MS },
    });
    expect(paused[0]).toBe('Paused until 00:35 · 45 min left');
    expect(paused).toContain('Resume');
    expect(paused).not.toContain('Pause');
  });

  it('never offers to pause or resume what is ending, but to end it at once', () => {
    const found = menuOf({
      activity: 'draining',
      statusLine: 'Stopping: 2 tasks to finish',
      stopping: { reason: 'You have asked for it.', remaining: 2 },
    });
    expect(found).not.toContain('Pause');
    expect(found).toContain('Quit now');
    expect(found).not.toContain('Quit Legwork');
  });

  it('names the last five with what they came to', () => {
    const recent = Array.from({ length: 7 }, (_, index) => ({
      taskId: String(index),
      type: 'website_html',
      host: `site${index}.example`,
      outcome: index === 0 ? ('failed' as const) : ('completed' as const),
      finishedAtMs: 0,
    }));
    const found = menuOf({ recent });
    expect(found.filter((label) => label.includes('.example'))).toHaveLength(5);
    expect(found).toContain('  ✗ site0.example  failed');
  });

  it('puts first what a person must do something about', () => {
    const problem = { code: 'disk_full', title: 'The disk is full', sentence: '', advice: null } as const;
    expect(menuOf({ problems: [{ ...problem, severity: 'attention' }] })[1]).toBe('⚠ The disk is full');
    expect(menuOf({ problems: [{ ...problem, severity: 'notice' }] }).join()).not.toContain('disk');
  });

  it('has the mark of the system at the start at login, and none where there is no such thing', () => {
    const entryOf = (startAtLogin: boolean | null): TrayEntry | undefined =>
      trayMenu(aSnapshot({ startAtLogin }), NOW_MS).find(
        (entry) => entry.kind === 'action' && entry.label === 'Start at login',
      );
    expect(entryOf(true)).toMatchObject({ checked: true, action: { enabled: false } });
    expect(entryOf(false)).toMatchObject({ checked: false, action: { enabled: true } });
    expect(entryOf(null)).toBeUndefined();
  });

  it('offers an update that waits', () => {
    expect(menuOf({ update: { state: 'ready', version: '2.0.0' } })).toContain('Restart to update to 2.0.0');
  });

  it('cuts off what would make it as wide as the screen', () => {
    const longest = Math.max(...menuOf({ statusLine: 'x'.repeat(500) }).map((label) => label.length));
    expect(longest).toBeLessThanOrEqual(60);
    expect(trayToolTip(aSnapshot({ statusLine: 'x'.repeat(500) }), NOW_MS).length).toBeLessThan(80);
  });
});

describe('a pause', () => {
  it('until tomorrow ends in the morning of the next day, also across the change of the clocks', () => {
    const untilMs = pauseUntilMs('tomorrow', NOW_MS);
    expect(new Date(untilMs ?? 0).toString()).toContain('Nov 23 2026 08:00:00');
    expect(pauseUntilMs('hour', NOW_MS)).toBe(NOW_MS + 60 * MINUTE_MS);
    expect(pauseUntilMs('open', NOW_MS)).toBeNull();
  });

  it('tells what is left in minutes and hours', () => {
    expect(pauseTimeLeft(NOW_MS + 30_000, NOW_MS)).toBe('1 min');
    expect(pauseTimeLeft(NOW_MS + 60 * MINUTE_MS, NOW_MS)).toBe('1 h');
    expect(pauseTimeLeft(NOW_MS + 425 * MINUTE_MS, NOW_MS)).toBe('7 h 5 min');
    expect(pauseTimeLeft(NOW_MS - 1, NOW_MS)).toBeNull();
  });
});

describe('the icons', () => {
  const folder = fileURLToPath(new URL('../../build/icons/output/tray', import.meta.url));

  it('are there for each state, system and panel, for screens of each scale', () => {
    for (const state of trayState.options) {
      for (const platform of ['linux', 'win32', 'darwin'] as const) {
        for (const dark of [true, false]) {
          const file = trayIconFile(folder, state, { platform, isPanelDark: dark });
          const scales = platform === 'darwin' ? ['', '@2x'] : ['', '@1.25x', '@1.5x', '@2x'];
          for (const scale of scales) expect(existsSync(file.replace(/\.png$/, `${scale}.png`))).toBe(true);
        }
      }
    }
    expect(existsSync(join(folder, '..', 'app', '256x256.png'))).toBe(true);
  });

  it('are light where the panel is dark', () => {
    const facts = { prefersDark: false, prefersDarkPanel: true };
    expect(isPanelDark({ ...facts, platform: 'win32', desktop: '' })).toBe(true);
    expect(isPanelDark({ ...facts, platform: 'linux', desktop: 'ubuntu:GNOME' })).toBe(true);
    expect(isPanelDark({ ...facts, platform: 'linux', desktop: 'KDE' })).toBe(false);
    expect(isPanelDark({ ...facts, prefersDark: true, platform: 'linux', desktop: 'KDE' })).toBe(true);
  });
});
