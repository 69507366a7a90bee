import type { PageSession } from '../page-session.ts';

/** What a document looks like from the inside. Times are milliseconds since the navigation started. */
export interface DocumentSnapshot {
  readonly url: string;
  readonly title: string;
  /** null when it was not asked for, or is longer than it may be. */
  readonly html: string | null;
  readonly htmlCharacters: number;
  readonly text: string | null;
  readonly ttfbMs: number | null;
  readonly domContentLoadedMs: number | null;
  readonly loadMs: number | null;
  readonly fcpMs: number | null;
  readonly lcpMs: number | null;
  readonly cls: number | null;
}

interface SnapshotWishes {
  /** How long the document's first paint is waited for, so that its timings are known; 0 where no script runs. */
  readonly paintTimeoutMs: number;
  readonly html: boolean;
  readonly text: boolean;
  readonly maxHtmlCharacters: number;
  readonly maxTitleCharacters: number;
  readonly maxUrlCharacters: number;
}

interface LayoutShift extends PerformanceEntry {
  readonly value: number;
  readonly hadRecentInput: boolean;
}

/** Name of the JavaScript world in which Legwork looks at a page: the page can neither see nor change it. */
const WORLD_NAME = 'legwork';

/**
 * Runs in the page, in a world of its own; it must stand by itself, since only its text gets there.
 * The layout shift is the worst session window: shifts less than 1 s apart, 5 s at most (web.dev/articles/cls).
 */
async function readDocument(wishes: SnapshotWishes): Promise<DocumentSnapshot> {
  const entriesOf = (type: string): PerformanceEntryList => {
    const observer = new PerformanceObserver(() => {});
    observer.observe({ type, buffered: true });
    const entries = observer.takeRecords();
    observer.disconnect();
    return entries;
  };
  const firstPaintMs = (): number | undefined => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
  const after = (ms: number | undefined): number | null => (ms === undefined || ms <= 0 ? null : ms);
  const doctype = document.doctype === null ? '' : `${new XMLSerializer().serializeToString(document.doctype)}\n`;
  const html = wishes.html ? doctype + (document.documentElement?.outerHTML ?? '') : '';
  const text = wishes.text ? (document.body?.innerText ?? document.documentElement?.textContent ?? '') : null;
  const hasContent = (document.body?.firstChild ?? null) !== null;
  if (hasContent && firstPaintMs() === undefined && wishes.paintTimeoutMs > 0) {
    await new Promise<void>((resolve) => {
      const observer = new PerformanceObserver(() => setTimeout(resolve));
      observer.observe({ type: 'paint' });
      setTimeout(resolve, wishes.paintTimeoutMs);
    });
  }
  const fcp = firstPaintMs();
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  let worst = 0;
  let windowSum = 0;
  let windowStart = -Infinity;
  let last = -Infinity;
  for (const shift of entriesOf('layout-shift') as LayoutShift[]) {
    if (shift.hadRecentInput) continue;
    if (shift.startTime - last >= 1_000 || shift.startTime - windowStart >= 5_000) {
      windowSum = 0;
      windowStart = shift.startTime;
    }
    last = shift.startTime;
    windowSum += shift.value;
    worst = Math.max(worst, windowSum);
  }
  return {
    url: location.href.slice(0, wishes.maxUrlCharacters),
    title: document.title.slice(0, wishes.maxTitleCharacters),
    html: wishes.html && html.length <= wishes.maxHtmlCharacters ? html : null,
    htmlCharacters: html.length,
    text,
    ttfbMs: after(navigation?.responseStart),
    domContentLoadedMs: after(navigation?.domContentLoadedEventEnd),
    loadMs: after(navigation?.loadEventEnd),
    fcpMs: after(fcp),
    lcpMs: after(entriesOf('largest-contentful-paint').at(-1)?.startTime),
    cls: fcp === undefined ? null : worst,
  };
}

const READ_DOCUMENT = `(${readDocument.toString()})`;

/**
 * A JavaScript world of Legwork's own in the document that the main frame has now.
 * @throws CdpError when there is no such frame any more
 */
export async function createWorld(page: PageSession): Promise<number> {
  const world = await page.send('Page.createIsolatedWorld', {
    frameId: page.identity.targetId,
    worldName: WORLD_NAME,
  });
  return world.executionContextId;
}

/** Reads the document in one call. @throws CdpError when the document is gone */
export async function takeSnapshot(
  page: PageSession,
  world: number,
  wishes: SnapshotWishes,
): Promise<DocumentSnapshot> {
  const { result, exceptionDetails } = await page.send('Runtime.evaluate', {
    expression: `${READ_DOCUMENT}(${JSON.stringify(wishes)})`,
    contextId: world,
    returnByValue: true,
    awaitPromise: true,
  });
  if (exceptionDetails !== undefined) {
    throw new Error(
      `The document could not be read: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`,
    );
  }
  return result.value as DocumentSnapshot;
}
