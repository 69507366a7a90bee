import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { applicationMenu } from '../../main/desktop/window/application-menu.ts';
import { contextMenuEntries } from '../../main/desktop/window/context-menu-entries.ts';
import { CrashBudget } from '../../main/desktop/window/crash-budget.ts';
import { placeWindow, readWindowState, writeWindowState } from '../../main/desktop/window/window-state.ts';

const SCREEN = { x: 0, y: 25, width: 1440, height: 875 };
const SECOND = { x: 1440, y: 0, width: 1920, height: 1080 };
const state = (x: number, y: number, width = 1000, height = 700) => ({
  bounds: { x, y, width, height },
  isMaximized: false,
  zoomFactor: 1,
});

describe('the place of the window', () => {
  it('is where it was last', () => {
    expect(placeWindow(state(1600, 100), [SCREEN, SECOND])).toEqual({ x: 1600, y: 100, width: 1000, height: 700 });
  });

  it('is in the middle of the first screen when the other one is gone', () => {
    const placed = placeWindow(state(1600, 100), [SCREEN]);
    expect(placed.x + placed.width).toBeLessThanOrEqual(SCREEN.width);
    expect(placed.x).toBeGreaterThanOrEqual(0);
  });

  it('never hides the title bar, and never exceeds the screen', () => {
    expect(placeWindow(state(100, -400), [SCREEN]).y).toBeGreaterThanOrEqual(SCREEN.y);
    expect(placeWindow(state(0, 25, 5000, 5000), [SCREEN])).toMatchObject({ width: 1440, height: 875 });
    expect(placeWindow(null, [{ x: 0, y: 0, width: 800, height: 600 }])).toEqual({
      x: 0,
      y: 0,
      width: 800,
      height: 600,
    });
  });

  it('is remembered, and forgotten when the file is damaged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'legwork-window-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'window.json');
    await writeWindowState(file, state(1, 2));
    expect(await readWindowState(file)).toEqual(state(1, 2));
    await writeFile(file, '{"bounds": "everywhere"}');
    expect(await readWindowState(file)).toBeNull();
    await writeWindowState(join(folder, 'none', 'window.json'), state(1, 2));
  });
});

describe('a page that crashes', () => {
  it('is loaded again three times a minute, and no more', () => {
    const budget = new CrashBudget(3, 60_000);
    expect([0, 1, 2, 3].map((atMs) => budget.mayRestart(atMs))).toEqual([true, true, true, false]);
    expect(budget.mayRestart(90_000)).toBe(true);
  });
});

describe('the menus', () => {
  const actions = { navigate: vi.fn(), saveDiagnostics: vi.fn(), openLogFolder: vi.fn(), quit: vi.fn() };

  it('quit in order, never by the role that cuts everything off', () => {
    for (const platform of ['linux', 'win32', 'darwin'] as const) {
      const menu = JSON.stringify(applicationMenu(actions, { platform, isPackaged: true }));
      expect(menu).not.toContain('"role":"quit"');
      expect(menu).toContain('CmdOrCtrl+Q');
    }
  });

  it('have tools for developers only where the app runs from its sources', () => {
    const isIn = (isPackaged: boolean): boolean =>
      JSON.stringify(applicationMenu(actions, { platform: 'linux', isPackaged })).includes('toggleDevTools');
    expect(isIn(true)).toBe(false);
    expect(isIn(false)).toBe(true);
  });

  it('offer what can be done with what was clicked on', () => {
    const editFlags = { canCut: false, canCopy: true, canPaste: true, canSelectAll: true };
    expect(contextMenuEntries({ selectionText: '', isEditable: false, editFlags })).toEqual([]);
    expect(contextMenuEntries({ selectionText: 'abc', isEditable: false, editFlags })).toEqual([{ role: 'copy' }]);
    expect(contextMenuEntries({ selectionText: '', isEditable: true, editFlags })).toContainEqual({
      role: 'cut',
      enabled: false,
    });
  });
});
