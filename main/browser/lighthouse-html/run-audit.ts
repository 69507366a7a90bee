import { setTimeout as sleep } from 'node:timers/promises';
import type { Flags, Result } from 'lighthouse';
import { assertNever } from '../../protocol/assert-never.ts';
import { LegworkError } from '../../protocol/error-table.ts';
import { effectivePageLimits } from '../../protocol/page-limits.ts';
import { abortable } from '../abortable.ts';
import { type AuditBrowser, launchAuditBrowser } from '../audit-browser.ts';
import type { PageNetwork } from '../network-guard/page-network.ts';
import { RedirectCheck } from '../robots/redirect-check.ts';
import type { TaskContext } from '../task-definition.ts';
import { tooLarge } from '../website-html/navigation-errors.ts';
import { auditError } from './audit-error.ts';
import type { AuditAnswer } from './audit-thread.ts';
import { documentFailure } from './document-failure.ts';
import { DEFAULT_CATEGORIES, type LighthousePayload } from './payload.ts';
import { type AuditThread, startAuditThread } from './start-audit-thread.ts';
import { watchRedirects } from './watch-redirects.ts';

/** One audit of a page. */
export interface Audit {
  /** Lighthouse's result, and the same as the text of its two reports. */
  report: Result;
  json: string;
  html: string;
  browserVersion: string;
  network: PageNetwork;
}

/** An abort does not wait longer than this for a browser that is just starting; it is closed when it has started. */
const LATE_BROWSER_MS = 1_500;

/** A browser that has not answered after this long hangs, but has not ended. */
const PIPE_ANSWER_MS = 10_000;

/**
 * Audits a page once in a browser of its own, which is closed in any case before this returns or throws.
 * @param context its signal aborts with a LegworkError as its reason, which is then thrown
 * @throws LegworkError `page_timeout` when the run takes longer than the payload allows, `browser_crashed`, and what the
 *   failure of the audit means
 */
export async function runAudit(
  payload: LighthousePayload,
  context: Omit<TaskContext, 'blobs' | 'log' | 'progress' | 'slotFree'>,
): Promise<Audit> {
  const { signal } = context;
  signal.throwIfAborted();
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => {
    stop.abort(new LegworkError('page_timeout', `Lighthouse was not done after ${payload.timeoutMs} ms.`));
  }, payload.timeoutMs);
  const thread = startAuditThread();
  try {
    return await auditInNewBrowser(payload, context, thread, stop);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    await thread.stop();
  }
}

async function auditInNewBrowser(
  payload: LighthousePayload,
  context: Omit<TaskContext, 'blobs' | 'log' | 'progress' | 'slotFree'>,
  thread: AuditThread,
  stop: AbortController,
): Promise<Audit> {
  const { browsers, guard, traffic } = context;
  const { userAgentSuffix = '' } = browsers.settings;
  const launching = launchAuditBrowser(browsers.settings, guard);
  let hasStarted = false;
  try {
    const browser = await abortable(launching, stop.signal);
    hasStarted = true;
    const { network } = browser;
    traffic.add(network);
    const { totalBytes } = effectivePageLimits(undefined, browsers.settings.pageLimits);
    network.setLimits({
      maxBytes: totalBytes,
      onLimit: () => stop.abort(tooLarge('All that an audit loads', totalBytes)),
    });
    void browser.connection.closed.then(() => stop.abort(new LegworkError('browser_crashed')));
    const { url, formFactor } = payload;
    if (context.checkRedirect !== undefined) {
      const onRefused = (reason: Error): void => stop.abort(reason);
      const redirects = new RedirectCheck({ visited: url, check: context.checkRedirect, onRefused });
      await watchRedirects(browser.connection, redirects);
    }
    const question = { url, formFactor, userAgentSuffix, flags: lighthouseFlags(payload, browser.debuggingPort) };
    const answer = await abortable(thread.ask(question), stop.signal);
    tellAnswer(answer, url, context);
    return { ...(await readAnswer(answer, payload, browser)), browserVersion: browser.information.version, network };
  } finally {
    const closing = launching.then((browser) => browser.close(0)).catch(() => {});
    await (hasStarted ? closing : Promise.race([closing, sleep(LATE_BROWSER_MS, undefined, { ref: false })]));
  }
}

function tellAnswer(answer: AuditAnswer, askedUrl: string, context: Pick<TaskContext, 'siteAnswered'>): void {
  // Lighthouse audits a page that has answered with success only.
  if (answer.kind === 'report') context.siteAnswered({ url: askedUrl, status: 200, retryAfterMs: null });
  if (answer.kind !== 'failure') return;
  const nowMs = Date.now();
  const { url, status, retryAfterMs } = documentFailure(answer.documentEvents, nowMs);
  if (status === null) return;
  const waitMs = retryAfterMs === null ? null : Math.max(0, retryAfterMs - nowMs);
  context.siteAnswered({ url: url ?? askedUrl, status, retryAfterMs: waitMs });
}

async function readAnswer(
  answer: AuditAnswer,
  payload: LighthousePayload,
  browser: AuditBrowser,
): Promise<Omit<Audit, 'browserVersion' | 'network'>> {
  switch (answer.kind) {
    case 'report':
      return { report: JSON.parse(answer.json) as Result, json: answer.json, html: answer.html };
    case 'unknown_audit': {
      const index = payload.onlyAudits?.indexOf(answer.audit) ?? 0;
      throw new LegworkError(
        'invalid_payload',
        `payload.onlyAudits.${index}: Lighthouse has no audit ${answer.audit}.`,
      );
    }
    case 'failure':
      if (answer.code === null && (await isGone(browser))) throw new LegworkError('browser_crashed');
      throw auditError({ ...answer, document: documentFailure(answer.documentEvents, Date.now()) }, browser.network);
    default:
      return assertNever(answer, 'answer of the Lighthouse thread');
  }
}

/** Whether the browser has ended, or is just ending: its websocket may close before its pipe does. */
async function isGone({ connection }: AuditBrowser): Promise<boolean> {
  const answering = connection.send('Browser.getVersion').catch(() => undefined);
  await Promise.race([answering, sleep(PIPE_ANSWER_MS, undefined, { ref: false })]);
  return connection.isClosed;
}

function lighthouseFlags(payload: LighthousePayload, port: number): Flags {
  const { categories, onlyAudits } = payload;
  return {
    port,
    logLevel: 'silent',
    onlyCategories: categories ?? (onlyAudits === undefined ? [...DEFAULT_CATEGORIES] : null),
    onlyAudits: onlyAudits ?? null,
    throttlingMethod: payload.throttling,
    locale: payload.locale as Flags['locale'],
    extraHeaders: Object.keys(payload.extraHeaders).length === 0 ? null : payload.extraHeaders,
    disableFullPageScreenshot: !payload.fullPageScreenshot,
  };
}
