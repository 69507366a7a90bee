import { keyLabel } from '../format/words.ts';

const METRICS: Record<string, string> = {
  dnsMs: 'Name lookup',
  connectMs: 'Connecting',
  tlsMs: 'Of it TLS',
  ttfbMs: 'First byte',
  domContentLoadedMs: 'HTML parsed',
  loadMs: 'Loaded',
  fcpMs: 'First contentful paint',
  lcpMs: 'Largest contentful paint',
  tbtMs: 'Total blocking time',
  cls: 'Layout shift',
  speedIndexMs: 'Speed index',
  ttiMs: 'Time to interactive',
};

const CATEGORIES: Record<string, string> = {
  performance: 'Performance',
  accessibility: 'Accessibility',
  'best-practices': 'Best practices',
  seo: 'SEO',
  'agentic-browsing': 'Agentic browsing',
};

/** What people call a measurement of a page. */
export function metricLabel(name: string): string {
  return METRICS[name] ?? keyLabel(name.replace(/Ms$/, ''));
}

/** What people call a category of Lighthouse. */
export function categoryLabel(name: string): string {
  return CATEGORIES[name] ?? keyLabel(name);
}
