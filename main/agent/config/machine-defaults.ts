import { posix, win32 } from 'node:path';

/** What the defaults of the configuration depend on. */
export interface MachineFacts {
  platform: NodeJS.Platform;
  homeFolder: string;
  cpuCount: number;
  environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Where the agent keeps everything, unless told otherwise: `$XDG_DATA_HOME/legwork` (XDG Base Directory
 * Specification; `~/.local/share` when unset or relative), `~/Library/Application Support/Legwork` on macOS,
 * `%LOCALAPPDATA%\Legwork` on Windows.
 */
export function defaultDataFolder({ platform, homeFolder, environment }: MachineFacts): string {
  if (platform === 'darwin') return posix.join(homeFolder, 'Library', 'Application Support', 'Legwork');
  if (platform === 'win32') {
    return win32.join(environment['LOCALAPPDATA'] ?? win32.join(homeFolder, 'AppData', 'Local'), 'Legwork');
  }
  const xdgDataHome = environment['XDG_DATA_HOME'] ?? '';
  const base = posix.isAbsolute(xdgDataHome) ? xdgDataHome : posix.join(homeFolder, '.local', 'share');
  return posix.join(base, 'legwork');
}

/** How many pages are rendered at once: one more than there are cores, since a page mostly waits; at most 6. */
export function defaultMaxConcurrentTasks(cpuCount: number): number {
  return Math.max(1, Math.min(6, cpuCount + 1));
}
