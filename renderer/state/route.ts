import { useSyncExternalStore } from 'react';

/** Where the window is: `#/history?outcome=failed` is view `history` with a parameter. */
export interface Route {
  readonly view: string;
  /** What follows the view in the path, decoded: a task id, a section of the settings. */
  readonly detail: string;
  readonly parameters: URLSearchParams;
}

/** Reads the part of an address behind `#`. */
export function parseHash(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [view = '', ...rest] = path.split('/');
  return {
    view: view === '' ? 'overview' : view,
    detail: decode(rest.join('/')),
    parameters: new URLSearchParams(query),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a view, for links. */
export function hashOf(view: string, detail = '', parameters: Record<string, string> = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${view}${detail === '' ? '' : `/${encodeURIComponent(detail)}`}${query === '' ? '' : `?${query}`}`;
}

let current = { hash: '', route: parseHash('') };

function route(): Route {
  if (current.hash !== window.location.hash) {
    current = { hash: window.location.hash, route: parseHash(window.location.hash) };
  }
  return current.route;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, route);
}

/** Goes to an address of `hashOf`. */
export function navigate(hash: string): void {
  window.location.hash = hash;
}

/** Changes the parameters of where the window is, without an entry in its history. */
export function replaceParameters(view: string, detail: string, parameters: Record<string, string>): void {
  window.history.replaceState(null, '', hashOf(view, detail, parameters));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}
