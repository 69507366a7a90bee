import { useLayoutEffect } from 'react';
import { SEARCH_FIELD_SELECTOR, wantSearchField } from '../components/search-field.tsx';
import { navigate } from '../state/route.ts';
import { isMac } from './platform.ts';
import { VIEWS } from './sidebar.tsx';

/** Puts the cursor into the search field of the view; where there is none, goes to History and its field. */
function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>(SEARCH_FIELD_SELECTOR);
  if (field !== null) {
    field.focus();
    field.select();
    return;
  }
  wantSearchField();
  navigate('#/history');
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
}

/**
 * Ctrl or Cmd with 1 to 5: the views; with N: a new task (also N alone, since a browser keeps Ctrl+N for itself); with
 * F: search; Esc: from a task back to where one came from.
 */
export function useShortcuts(): void {
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]') !== null)
        return;
      const isCommand = isMac ? event.metaKey : event.ctrlKey;
      if (isCommand && !event.altKey && !event.shiftKey) {
        const view = VIEWS[Number(event.key) - 1];
        if (view !== undefined) navigate(`#/${view.view}`);
        else if (event.key.toLowerCase() === 'f') focusSearch();
        else return;
        event.preventDefault();
      } else if (event.key === 'Escape' && window.location.hash.startsWith('#/task/') && !isTyping(event.target)) {
        window.history.back();
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

/** Ctrl or Cmd with N, or N alone. */
export function useNewTaskShortcut(open: () => void): void {
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.key.toLowerCase() !== 'n' || event.altKey || event.shiftKey) return;
      if (document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]') !== null) return;
      const isCommand = isMac ? event.metaKey : event.ctrlKey;
      if (!isCommand && (event.metaKey || event.ctrlKey || isTyping(event.target))) return;
      event.preventDefault();
      open();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [open]);
}
