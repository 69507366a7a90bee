/**
 * The site that a page is on, as far as politeness goes: its host name in lower case, without port and without the dot
 * at the end. Ports share a machine, so they share a site. '' for a text that is no address with a host: no rule
 * holds for it.
 */
export function siteOf(url: string): string {
  if (!URL.canParse(url)) return '';
  return new URL(url).hostname.replace(/\.$/, '');
}
