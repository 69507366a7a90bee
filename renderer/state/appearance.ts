import { useSyncExternalStore } from 'react';

/** `system` follows what the system prefers. */
export type Appearance = 'system' | 'light' | 'dark';

const KEY = 'legwork.appearance';
const listeners = new Set<() => void>();

/** What this window was told to look like. */
export function appearance(): Appearance {
  try {
    const kept = window.localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    return 'system';
  }
}

/** Puts it on the document, where the style sheets look for it. */
export function applyAppearance(): void {
  const value = appearance();
  if (value === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
}

export function setAppearance(value: Appearance): void {
  try {
    window.localStorage.setItem(KEY, value);
  } catch {
    // A window without storage keeps to the system.
  }
  applyAppearance();
  for (const listener of listeners) listener();
}

export function useAppearance(): Appearance {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, appearance);
}
