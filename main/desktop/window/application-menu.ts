import type { MenuItemConstructorOptions } from 'electron';

/** What the application's menu can have done beyond what windows do by themselves. */
export interface MenuActions {
  navigate(path: string): void;
  saveDiagnostics(): void;
  openLogFolder(): void;
  quit(): void;
}

export interface MenuFacts {
  platform: NodeJS.Platform;
  /** Tools for developers are for copies that run from their sources. */
  isPackaged: boolean;
}

/** The views in the order of the window's own list, whose shortcuts are the same. */
const VIEWS = [
  { label: 'Overview', path: '/overview' },
  { label: 'History', path: '/history' },
  { label: 'Scores', path: '/scores' },
  { label: 'Settings', path: '/settings' },
  { label: 'Logs', path: '/logs' },
];

/** The menu bar as each system's people expect it. */
export function applicationMenu(actions: MenuActions, facts: MenuFacts): MenuItemConstructorOptions[] {
  const isMac = facts.platform === 'darwin';
  return [
    ...(isMac ? [macApplicationMenu(actions)] : []),
    {
      label: '&File',
      submenu: [{ role: 'close' }, ...(isMac ? [] : [{ type: 'separator' } as const, quitEntry(actions, 'Quit')])],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        ...VIEWS.map(({ label, path }, index) => ({
          label,
          accelerator: `CmdOrCtrl+${index + 1}`,
          click: () => actions.navigate(path),
        })),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(facts.isPackaged ? [] : ([{ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' }] as const)),
      ],
    },
    ...(isMac ? [{ role: 'windowMenu' } as const] : []),
    {
      role: 'help',
      label: '&Help',
      submenu: [
        { label: 'Show Log Files', click: () => actions.openLogFolder() },
        { label: 'Save Diagnostics…', click: () => actions.saveDiagnostics() },
        ...(isMac ? [] : ([{ type: 'separator' }, { role: 'about' }] as const)),
      ],
    },
  ];
}

function macApplicationMenu(actions: MenuActions): MenuItemConstructorOptions {
  return {
    label: 'Legwork',
    submenu: [
      { role: 'about' },
      { type: 'separator' },
      { label: 'Settings…', accelerator: 'Cmd+,', click: () => actions.navigate('/settings') },
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      quitEntry(actions, 'Quit Legwork'),
    ],
  };
}

/** Not the role: quitting waits for what runs. */
function quitEntry(actions: MenuActions, label: string): MenuItemConstructorOptions {
  return { label, accelerator: 'CmdOrCtrl+Q', click: () => actions.quit() };
}
