import { join } from 'node:path';

/** What every contender does with a page, so that their pages a second compare. */
export const WORKLOAD = {
  viewport: { width: 1280, height: 800 },
  waitUntil: 'load',
  screenshotQuality: 70,
  timeoutMs: 30_000,
} as const;

/** The same in the words of a `website_html` payload. */
export function websiteHtmlPayload(url: string): Record<string, unknown> {
  return {
    url,
    waitUntil: WORKLOAD.waitUntil,
    timeoutMs: WORKLOAD.timeoutMs,
    viewport: WORKLOAD.viewport,
    screenshot: { fullPage: false, format: 'jpeg', quality: WORKLOAD.screenshotQuality },
  };
}

/** Chromium refuses to run as root with its sandbox. */
export const NEEDS_NO_SANDBOX = process.getuid?.() === 0;

/** Folder of the peers: programs beside Legwork that do the same work. */
export const PEERS_FOLDER = join(import.meta.dirname, 'peers');
