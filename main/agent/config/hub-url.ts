import { isLoopbackHost } from '../server/hub-address.ts';

/**
 * The form in which a hub's address is kept: scheme, host, port and base path, without a slash at the end. Null when
 * the text is not an http(s) URL or has a user, a query or a fragment, which a base address cannot carry.
 */
export function normaliseHubUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return null;
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** Whether talking to this hub would send work and results readably over a network. */
export function isPlainHttpToNetwork(url: string): boolean {
  return url.startsWith('http:') && !isLoopbackHost(new URL(url).hostname);
}
