import { endpointOf } from '../network-failure.ts';
import type { PageNetwork } from '../network-guard/page-network.ts';
import { describeNetwork } from '../network-result.ts';
import { retryAfterMs } from '../retry-after.ts';
import type { TaskContext } from '../task-definition.ts';
import {
  areHeadersCut,
  bodyName,
  connectionTimings,
  headerOf,
  isHtml,
  resultHeaders,
  rounded,
} from './answer-parts.ts';
import { toMarkdown } from './markdown.ts';
import { PageRender, type Capture } from './page-render.ts';
import type { WebsiteHtmlPayload } from './payload.ts';
import type { WebsiteHtmlResult } from './result.ts';

type Truncated = WebsiteHtmlResult['truncated'][number];

/**
 * Carries `website_html` out: opens a page, renders it, closes it, and writes what was taken.
 * @throws LegworkError; the signal's reason when it aborts
 */
export async function renderPage(payload: WebsiteHtmlPayload, context: TaskContext): Promise<WebsiteHtmlResult> {
  const { signal } = context;
  const page = await context.browsers.openPage({ engine: payload.engine, signal, traffic: context.traffic });
  const render = new PageRender(page, payload, context.browsers.settings, context.checkRedirect);
  const onAbort = (): void => render.fail(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  let capture: Capture;
  try {
    context.progress(10, 'loading');
    capture = await render.run();
  } finally {
    signal.removeEventListener('abort', onAbort);
    tellAnswer(render, context);
    page.close();
  }
  context.slotFree();
  context.progress(80, 'storing');
  const names = await writeParts(capture, render, payload, context);
  return {
    ...describeAnswer(capture, payload),
    ...names,
    timings: describeTimings(capture, page.network),
    redirects: render.document.redirects,
    consoleErrors: render.watcher.consoleErrors,
    failedRequests: render.network.failedRequests,
    requestCount: render.network.requestCount,
    transferredBytes: render.network.transferredBytes,
    network: describeNetwork([page.network]),
    dialogs: render.watcher.dialogs,
    popups: render.watcher.popups,
    truncated: truncatedParts(capture, render),
    browser: { engine: page.browser.kind, version: page.browser.version },
  };
}

/** What the result has less of than there was. */
function truncatedParts({ answer, screenshot }: Capture, { network, watcher, har }: PageRender): Truncated[] {
  const parts: Truncated[] = [...watcher.truncated];
  if (network.isTruncated) parts.push('failedRequests');
  if (areHeadersCut(answer.headers)) parts.push('headers');
  if (screenshot?.isTruncated === true) parts.push('screenshot');
  if (har?.isTruncated === true) parts.push('har');
  return parts.sort();
}

/** Also of a page that failed later: its site may have asked for fewer visits all the same. */
function tellAnswer({ document: { answer } }: PageRender, context: TaskContext): void {
  if (answer === null) return;
  const { url, status, headers } = answer;
  context.siteAnswered({ url, status, retryAfterMs: retryAfterMs(headerOf(headers, 'retry-after'), Date.now()) });
}

function describeAnswer({ answer, snapshot }: Capture, payload: WebsiteHtmlPayload) {
  const headers = resultHeaders(answer.headers);
  return {
    requestedUrl: payload.url,
    finalUrl: snapshot?.url ?? answer.url,
    status: answer.status,
    headers,
    contentType: headers['content-type'] ?? answer.mimeType,
    title: isHtml(answer.mimeType) ? (snapshot?.title ?? null) : null,
  };
}

function describeTimings({ answer, snapshot }: Capture, network: PageNetwork): WebsiteHtmlResult['timings'] {
  const { hostname, port } = endpointOf(new URL(answer.url));
  return {
    ...connectionTimings(answer.timing, network.lookUpMs(hostname, port)),
    ttfbMs: rounded(snapshot?.ttfbMs ?? null),
    domContentLoadedMs: rounded(snapshot?.domContentLoadedMs ?? null),
    loadMs: rounded(snapshot?.loadMs ?? null),
    fcpMs: rounded(snapshot?.fcpMs ?? null),
    lcpMs: rounded(snapshot?.lcpMs ?? null),
    cls: snapshot?.cls ?? null,
  };
}

const PART_NAMES = ['html', 'body', 'text', 'markdown', 'screenshot', 'pdf', 'har'] as const;
type PartNames = Record<(typeof PART_NAMES)[number], string | null>;

/** Writes every part that there is, side by side; each comes to the name of its blob. */
async function writeParts(
  { answer, snapshot, screenshot, pdf, body }: Capture,
  { har }: PageRender,
  payload: WebsiteHtmlPayload,
  { blobs }: TaskContext,
): Promise<PartNames> {
  const html = snapshot?.html ?? null;
  const text = snapshot?.text ?? null;
  const names: PartNames = {
    html: null,
    body: null,
    text: null,
    markdown: null,
    screenshot: null,
    pdf: null,
    har: null,
  };
  const write = async (
    part: keyof PartNames,
    name: string,
    content: string | Uint8Array,
    contentType: string,
  ): Promise<void> => {
    names[part] = name;
    await blobs.write(name, content, contentType);
  };
  const writing: Promise<void>[] = [];
  if (html !== null) writing.push(write('html', 'page.html', html, 'text/html; charset=utf-8'));
  if (screenshot !== null && payload.screenshot !== undefined) {
    const { format } = payload.screenshot;
    writing.push(write('screenshot', `screenshot.${format}`, screenshot.image, `image/${format}`));
  }
  if (pdf !== null) writing.push(write('pdf', 'page.pdf', pdf, 'application/pdf'));
  if (text !== null) writing.push(write('text', 'page.txt', text, 'text/plain; charset=utf-8'));
  if (body !== null) {
    writing.push(write('body', bodyName(answer.mimeType), body, answer.mimeType ?? 'application/octet-stream'));
  }
  if (har !== null) writing.push(har.toJson().then((json) => write('har', 'page.har', json, 'application/json')));
  if (payload.markdown && html !== null) {
    const contentType = 'text/markdown; charset=utf-8';
    writing.push(toMarkdown(html).then((markdown) => write('markdown', 'page.md', markdown, contentType)));
  }
  await Promise.all(writing);
  return names;
}
