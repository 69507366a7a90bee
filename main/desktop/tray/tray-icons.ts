import { join } from 'node:path';
import type { TrayState } from '../../../preload/contract.ts';

/** What the look of the tray depends on. */
export interface PanelFacts {
  platform: NodeJS.Platform;
  /** Whether the panel that the icon is in is dark. */
  isPanelDark: boolean;
}

/** The file of an icon; Electron finds its variants for other scales beside it. */
export function trayIconFile(folder: string, state: TrayState, { platform, isPanelDark }: PanelFacts): string {
  if (platform === 'darwin') return join(folder, `mac-${state}Template.png`);
  const system = platform === 'win32' ? 'windows' : 'linux';
  return join(folder, `${system}-${isPanelDark ? 'dark' : 'light'}-${state}.png`);
}

/** What is known of the desktop's colours. */
export interface DesktopColours {
  platform: NodeJS.Platform;
  /** Of applications. */
  prefersDark: boolean;
  /** Of the task bar, where the system tells the two apart. */
  prefersDarkPanel: boolean;
  /** `XDG_CURRENT_DESKTOP`. */
  desktop: string;
}

/** Whether the panel is dark. GNOME's top bar, and those made after it, are dark whatever applications look like. */
export function isPanelDark({ platform, prefersDark, prefersDarkPanel, desktop }: DesktopColours): boolean {
  if (platform === 'win32') return prefersDarkPanel;
  return /\b(gnome|unity|pantheon|cinnamon)\b/i.test(desktop) || prefersDark;
}
