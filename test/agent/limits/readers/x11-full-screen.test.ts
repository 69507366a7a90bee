import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { X11FullScreenReader } from '../../../../main/agent/limits/readers/x11-full-screen.ts';
import { systemClock } from '../../../../main/protocol/ports.ts';

/** A program that answers as xprop does, with what it prints for the root window and for the active one. */
function xprop(root: string, active: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'legwork-xprop-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'xprop');
  writeFileSync(program, `#!/bin/sh\nif [ "$1" = -root ]; then echo '${root}'; else echo "$2 ${active}"; fi\n`);
  chmodSync(program, 0o755);
  return program;
}

/** Even starting a shell takes its time on a busy machine. */
const NO_HURRY_MS = 50_000;
const ACTIVE = '_NET_ACTIVE_WINDOW(WINDOW): window id # 0x3a00007';

it.runIf(process.platform === 'linux').each([
  ['a full-screen window', ACTIVE, '_NET_WM_STATE(ATOM) = _NET_WM_STATE_FULLSCREEN, _NET_WM_STATE_FOCUSED', true],
  ['an ordinary window', ACTIVE, '_NET_WM_STATE(ATOM) = _NET_WM_STATE_MAXIMIZED_VERT', false],
  ['a window without a state', ACTIVE, '_NET_WM_STATE:  not found.', false],
  ['an empty desktop', '_NET_ACTIVE_WINDOW(WINDOW): window id # 0x0', 'xprop: error', false],
  ['a window manager that does not tell', '_NET_ACTIVE_WINDOW:  not found.', '', null],
])('%s', async (_what, root, active, expected) => {
  expect(await new X11FullScreenReader(systemClock, xprop(root, active), NO_HURRY_MS).read()).toEqual({
    fullScreen: expected,
  });
});

it('is looked for again, though not at once, where xprop was missing', async () => {
  const program = xprop(ACTIVE, '_NET_WM_STATE(ATOM) = _NET_WM_STATE_FULLSCREEN');
  let nowMs = 0;
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  renameSync(program, `${program}-away`);
  const reader = new X11FullScreenReader(clock, program, NO_HURRY_MS);
  expect(await reader.read()).toEqual({ fullScreen: null });
  renameSync(`${program}-away`, program);
  nowMs = 60_000;
  expect(await reader.read()).toEqual({ fullScreen: null });
  nowMs = 600_000;
  expect(await reader.read()).toEqual({ fullScreen: true });
});

it('is not known without xprop, or without an X server', async () => {
  expect(await new X11FullScreenReader(systemClock, '/nowhere/xprop').read()).toEqual({ fullScreen: null });
});
