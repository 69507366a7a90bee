import { siteOf } from '../../agent/politeness/site-of.ts';

/** What people read in place of a URL: its host name, or the beginning of a text that is no URL. */
export function displayHost(url: string): string {
  const host = siteOf(url);
  return host === '' ? url.slice(0, 80) : host;
}
