import type { JsonObject } from '../protocol/fields.ts';
import type { SamplePage } from './serve-sample-site.ts';

/** A job of the demo, and what it should come to. */
export interface DemoJob {
  type: 'website_html' | 'lighthouse_html';
  payload: JsonObject & { url: string };
  /** What it shows, in a few words. */
  title: string;
  /** The HTTP status that the page is known to answer with; null for pages that nobody knows. */
  expectedStatus: number | null;
}

/** What is asked for of each page of the sample site, so that every kind of part appears once. */
const OPTIONS_BY_PATH: Readonly<Record<string, JsonObject>> = {
  '/': { screenshot: { fullPage: true, format: 'jpeg' } },
  '/articles/chain-wear': { markdown: true, text: true },
  '/products': { har: true, waitUntil: 'networkidle' },
  '/booking': { pdf: true },
  '/timetable': { markdown: true, waitForSelector: 'table' },
  '/de/werkstatt': { locale: 'de-DE', timezoneId: 'Europe/Berlin', text: true },
  '/ja/riyou-annai': { locale: 'ja-JP', timezoneId: 'Asia/Tokyo', screenshot: { format: 'png' } },
  '/gear-calculator': { waitUntil: 'quiet' },
};

/** A thirteenth view: the home page as a telephone shows it. */
const ON_A_TELEPHONE: JsonObject = { device: 'iPhone 15', colorScheme: 'dark', screenshot: { format: 'webp' } };

const STATUS_BY_PATH: Readonly<Record<string, number>> = { '/sold-out': 404 };

/** The jobs for the bundled sample site: about a dozen pages, and the two that are audited. */
export function sampleSiteJobs(siteUrl: string, pages: readonly SamplePage[]): DemoJob[] {
  const rendered = pages
    .filter(({ audit }) => !audit)
    .map(({ path, title }): DemoJob => {
      const payload = { url: `${siteUrl}${path}`, ...OPTIONS_BY_PATH[path] };
      return { type: 'website_html', title, payload, expectedStatus: STATUS_BY_PATH[path] ?? 200 };
    });
  const telephone: DemoJob = {
    type: 'website_html',
    title: 'home page on a telephone',
    payload: { url: `${siteUrl}/`, ...ON_A_TELEPHONE },
    expectedStatus: 200,
  };
  const audited = pages
    .filter(({ audit }) => audit)
    .map(({ path, title }): DemoJob => {
      return { type: 'lighthouse_html', title, payload: { url: `${siteUrl}${path}` }, expectedStatus: null };
    });
  return [...rendered, telephone, ...audited];
}

/** The jobs for pages that the user named: each rendered with a picture, the first one audited too. */
export function givenPageJobs(urls: readonly string[]): DemoJob[] {
  const rendered = urls.map((url): DemoJob => {
    const payload = { url, screenshot: { fullPage: true, format: 'jpeg' }, markdown: true };
    return { type: 'website_html', title: new URL(url).host, payload, expectedStatus: null };
  });
  const audited = urls.slice(0, 1).map((url): DemoJob => {
    return { type: 'lighthouse_html', title: new URL(url).host, payload: { url }, expectedStatus: null };
  });
  return [...rendered, ...audited];
}
