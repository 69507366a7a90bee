/** Whether shortcuts are with the command key. */
export const isMac = /mac/i.test(navigator.platform);

/** A shortcut as people know it: `⌘1`, `Ctrl+1`. */
export function shortcutLabel(key: string): string {
  return isMac ? `⌘${key}` : `Ctrl+${key}`;
}
