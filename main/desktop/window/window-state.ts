import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';

/** A rectangle in the coordinates of the desktop, in device-independent pixels. */
export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

const windowState = z.object({
  bounds: z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int(), height: z.number().int() }),
  isMaximized: z.boolean(),
  zoomFactor: z.number().min(0.5).max(3),
});
export type WindowState = z.infer<typeof windowState>;

export const SMALLEST_WINDOW = { width: 720, height: 480 };
const DEFAULT_SIZE = { width: 1100, height: 740 };
/** So much of the title bar must be on a screen for the window to be grasped. */
const VISIBLE_PIXELS = 80;

/**
 * Where the window opens: as it was last, as long as that can still be seen, since screens come and go; otherwise in the
 * middle of the first screen.
 * @param workAreas of all screens, the primary one first
 */
export function placeWindow(state: WindowState | null, workAreas: readonly Rectangle[]): Rectangle {
  const primary = workAreas[0] ?? { x: 0, y: 0, ...DEFAULT_SIZE };
  if (state !== null) {
    const { bounds } = state;
    const area = workAreas.find((candidate) => isGraspable(bounds, candidate));
    if (area !== undefined) {
      return {
        ...bounds,
        width: clamp(bounds.width, SMALLEST_WINDOW.width, area.width),
        height: clamp(bounds.height, SMALLEST_WINDOW.height, area.height),
      };
    }
  }
  const width = Math.min(DEFAULT_SIZE.width, primary.width);
  const height = Math.min(DEFAULT_SIZE.height, primary.height);
  return {
    x: primary.x + Math.round((primary.width - width) / 2),
    y: primary.y + Math.round((primary.height - height) / 2),
    width,
    height,
  };
}

function isGraspable(bounds: Rectangle, area: Rectangle): boolean {
  const overlap = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
  return overlap >= VISIBLE_PIXELS && bounds.y >= area.y - 8 && bounds.y <= area.y + area.height - VISIBLE_PIXELS;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(Math.min(value, most), Math.min(least, most));
}

/** What was remembered; null when there is nothing usable. */
export async function readWindowState(path: string): Promise<WindowState | null> {
  try {
    return windowState.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

/** Remembers it; a place that cannot be written costs a comfort and nothing else. */
export async function writeWindowState(path: string, state: WindowState): Promise<void> {
  try {
    await writeFile(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
    await rename(`${path}.new`, path);
  } catch {
    // The next start opens the window where it opens by default.
  }
}
