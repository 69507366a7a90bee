/** `website_html` → `Website HTML`; what is not known is made readable. */
export function typeLabel(type: string): string {
  const known: Record<string, string> = { website_html: 'Website', lighthouse_html: 'Lighthouse' };
  return known[type] ?? capitalise(type.replaceAll('_', ' '));
}

/** `maxConcurrentTasks` → `Max concurrent tasks`. */
export function keyLabel(key: string): string {
  const words = key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .toLowerCase();
  return capitalise(words.replaceAll(/\b(url|html|pdf|har|id|cpu|http)\b/g, (word) => word.toUpperCase()));
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A URL as people read it: without the protocol, and without the slash of an empty path. */
export function readableUrl(url: string): string {
  return url.replace(/^https?:\/\//, '').replace(/^([^/?#]+)\/$/, '$1');
}
