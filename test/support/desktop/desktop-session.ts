import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killProcessesUsing, listProcesses } from '../../../main/agent/process-tree.ts';
import { LOOPBACK_PERMISSION } from '../loopback-network.ts';
import { SANDBOX_PERMISSION } from '../sandbox-permission.ts';
import { STEADY_EXECUTION } from '../steady-execution.ts';
import { TIME_ZONE } from '../time-zone.ts';
import { startPrivateBus, type PrivateBus } from './private-bus.ts';
import { startPrivateDisplay, type PrivateDisplay } from './private-display.ts';
import { StatusNotifierWatcher } from './status-notifier-watcher.ts';
import { TrayIcon } from './tray-icon.ts';

interface SessionParts {
  folder: string;
  display: PrivateDisplay;
  bus: PrivateBus;
  watcher: StatusNotifierWatcher;
}

/** A desktop of one's own: a display, a message bus, a panel with a tray, and a home folder. */
export class DesktopSession {
  readonly #parts: SessionParts;

  private constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** @throws Error when the display or the bus does not start; then nothing is left behind */
  static async start(dbusDaemonPath: string): Promise<DesktopSession> {
    const folder = mkdtempSync(join(tmpdir(), 'legwork-desktop-'));
    for (const name of ['home', 'config', 'cache', 'runtime']) mkdirSync(join(folder, name), { mode: 0o700 });
    const opened: { close(): Promise<void> }[] = [];
    try {
      const display = await startPrivateDisplay();
      opened.push(display);
      const bus = await startPrivateBus(dbusDaemonPath, folder);
      opened.push(bus);
      return new DesktopSession({ folder, display, bus, watcher: await StatusNotifierWatcher.start(bus.address) });
    } catch (error) {
      for (const part of opened.toReversed()) await part.close();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Removed at the end. Whatever runs in this session has it in its command line. */
  get folder(): string {
    return this.#parts.folder;
  }

  get configFolder(): string {
    return join(this.folder, 'config');
  }

  get watcher(): StatusNotifierWatcher {
    return this.#parts.watcher;
  }

  /** For programs of this session: nothing of the tests' own environment but what they cannot do without. */
  get environment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      LANG: 'C.UTF-8',
      ...TIME_ZONE,
      HOME: join(this.folder, 'home'),
      XDG_CONFIG_HOME: this.configFolder,
      XDG_CACHE_HOME: join(this.folder, 'cache'),
      XDG_DATA_HOME: join(this.folder, 'home'),
      XDG_RUNTIME_DIR: join(this.folder, 'runtime'),
      TMPDIR: this.folder,
      DISPLAY: this.#parts.display.name,
      DBUS_SESSION_BUS_ADDRESS: this.#parts.bus.address,
      ...SANDBOX_PERMISSION,
      ...STEADY_EXECUTION,
      ...LOOPBACK_PERMISSION,
    };
  }

  /** The icon in the tray, as soon as there is one. */
  async trayIcon(): Promise<TrayIcon> {
    return new TrayIcon(this.watcher.bus, await this.watcher.item());
  }

  /** Command lines of what runs in this session, its display and bus aside. */
  processes(): string[] {
    return listProcesses()
      .filter(({ commandLine }) => commandLine.includes(this.folder) && !commandLine.includes('--print-address'))
      .map(({ processId, commandLine }) => `${processId} ${commandLine.slice(0, 200)}`);
  }

  async close(): Promise<void> {
    this.watcher.close();
    killProcessesUsing(this.folder);
    const ended = await Promise.allSettled([this.#parts.bus.close(), this.#parts.display.close()]);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
  }
}
