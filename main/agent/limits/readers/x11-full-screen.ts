import { execFile } from 'node:child_process';
import type { Clock } from '../../../protocol/ports.ts';
import type { MachineReader, MachineReadings } from '../machine-readings.ts';

/** Starting a program costs more than all other readings together. */
const INTERVAL_MS = 20_000;
/** Where the program is missing, it is looked for again after this time. */
const MISSING_INTERVAL_MS = 600_000;
const TIMEOUT_MS = 2_000;

/**
 * Whether the active window fills the screen, on X11: `xprop` (package x11-utils) reads `_NET_ACTIVE_WINDOW` of the root
 * window and `_NET_WM_STATE` of that window (Extended Window Manager Hints). Not known without `xprop`, or on Wayland,
 * where windows are hidden from other programs.
 */
export class X11FullScreenReader implements MachineReader {
  readonly #program: string;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #known: Partial<MachineReadings> = {};
  #readAtMs: number | null = null;
  #isMissing = false;

  /**
   * @param program a path, or a name that is looked up in PATH
   * @param timeoutMs how long it may run
   */
  constructor(clock: Clock, program = 'xprop', timeoutMs = TIMEOUT_MS) {
    this.#clock = clock;
    this.#program = program;
    this.#timeoutMs = timeoutMs;
  }

  async read(): Promise<Partial<MachineReadings>> {
    const nowMs = this.#clock.monotonicMs();
    const intervalMs = this.#isMissing ? MISSING_INTERVAL_MS : INTERVAL_MS;
    if (this.#readAtMs === null || nowMs - this.#readAtMs >= intervalMs) {
      this.#readAtMs = nowMs;
      this.#known = { fullScreen: await this.#isFullScreen() };
    }
    return this.#known;
  }

  close(): void {
    // Nothing is kept open.
  }

  async #isFullScreen(): Promise<boolean | null> {
    const root = await this.#run(['-root', '_NET_ACTIVE_WINDOW']);
    if (root === null) return null;
    const windowId = /window id # (0x[0-9a-f]+)/i.exec(root)?.[1];
    if (windowId === undefined) return null;
    // An empty desktop has the window 0.
    if (Number(windowId) === 0) return false;
    const state = await this.#run(['-id', windowId, '_NET_WM_STATE']);
    return state === null ? null : state.includes('_NET_WM_STATE_FULLSCREEN');
  }

  #run(parameters: string[]): Promise<string | null> {
    return new Promise((resolve) => {
      execFile(this.#program, parameters, { timeout: this.#timeoutMs }, (error, output) => {
        this.#isMissing = error !== null && 'code' in error && error.code === 'ENOENT';
        resolve(error === null ? output : null);
      });
    });
  }
}
