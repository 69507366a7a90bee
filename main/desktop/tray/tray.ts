import { Menu, type MenuItemConstructorOptions, nativeImage, nativeTheme, Tray } from 'electron';
import type { TrayState, UiSnapshot } from '../../../preload/contract.ts';
import { assertNever } from '../../protocol/assert-never.ts';
import { isPanelDark, trayIconFile } from './tray-icons.ts';
import { type TrayAction, type TrayEntry, trayMenu, trayToolTip } from './tray-menu.ts';

export interface AppTrayOptions {
  iconFolder: string;
  onAction: (action: TrayAction) => void;
}

/** A pause's time left is told in minutes. */
const REDRAW_MS = 15_000;

/** The icon in the panel with its menu, drawn from snapshots and from nothing else. */
export class AppTray {
  readonly #options: AppTrayOptions;
  #tray: Tray | null = null;
  #shownIcon = '';
  #shownMenu = '';
  #shownToolTip = '';
  #snapshot: UiSnapshot | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: AppTrayOptions) {
    this.#options = options;
    nativeTheme.on('updated', () => this.#redraw());
  }

  /** Puts the icon into the panel, again when there is a new panel. */
  open(): void {
    this.#tray?.destroy();
    this.#tray = new Tray(nativeImage.createFromPath(this.#iconFile(this.#snapshot?.tray ?? 'idle')));
    this.#shownIcon = this.#shownMenu = this.#shownToolTip = '';
    // A click opens the menu on macOS; elsewhere the other button does.
    if (process.platform !== 'darwin') {
      this.#tray.on('click', () => this.#options.onAction({ do: 'open', view: null }));
    }
    this.#redraw();
  }

  draw(snapshot: UiSnapshot): void {
    this.#snapshot = snapshot;
    this.#redraw();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#tray?.destroy();
    this.#tray = null;
  }

  /** Sets only what has changed: setting a menu closes the one that somebody has open. */
  #redraw(): void {
    const snapshot = this.#snapshot;
    if (snapshot === null || this.#tray === null) return;
    const nowMs = Date.now();
    const icon = this.#iconFile(snapshot.tray);
    if (icon !== this.#shownIcon) {
      this.#shownIcon = icon;
      this.#tray.setImage(nativeImage.createFromPath(icon));
    }
    const toolTip = trayToolTip(snapshot, nowMs);
    if (toolTip !== this.#shownToolTip) {
      this.#shownToolTip = toolTip;
      this.#tray.setToolTip(toolTip);
    }
    const entries = trayMenu(snapshot, nowMs);
    const menu = JSON.stringify(entries);
    if (menu !== this.#shownMenu) {
      this.#shownMenu = menu;
      this.#tray.setContextMenu(Menu.buildFromTemplate(entries.map((entry) => this.#menuItem(entry))));
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    const hasEnd = snapshot.pause !== null && snapshot.pause.untilMs !== null;
    this.#timer = hasEnd ? setTimeout(() => this.#redraw(), REDRAW_MS) : null;
  }

  #menuItem(entry: TrayEntry): MenuItemConstructorOptions {
    switch (entry.kind) {
      case 'line':
        return { type: 'separator' };
      case 'text':
        return { label: escapeLabel(entry.label), enabled: false };
      case 'menu':
        return { label: escapeLabel(entry.label), submenu: entry.entries.map((child) => this.#menuItem(child)) };
      case 'action':
        return {
          label: escapeLabel(entry.label),
          ...(entry.checked === undefined ? {} : { type: 'checkbox', checked: entry.checked }),
          click: () => {
            // The system has set the mark already; the next snapshot says whether that is so.
            if (entry.checked !== undefined) this.#shownMenu = '';
            this.#options.onAction(entry.action);
          },
        };
      default:
        return assertNever(entry, 'entry of the tray menu');
    }
  }

  #iconFile(state: TrayState): string {
    const { platform } = process;
    const panel = isPanelDark({
      platform,
      prefersDark: nativeTheme.shouldUseDarkColors,
      prefersDarkPanel: nativeTheme.shouldUseDarkColorsForSystemIntegratedUI,
      desktop: process.env['XDG_CURRENT_DESKTOP'] ?? '',
    });
    return trayIconFile(this.#options.iconFolder, state, { platform, isPanelDark: panel });
  }
}

/** In labels `&` marks the letter of a shortcut. */
function escapeLabel(label: string): string {
  return label.replaceAll('&', '&&');
}
