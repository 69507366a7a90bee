import type * as LighthouseModule from 'lighthouse';
import type { Config, Flags, Result, RunnerResult } from 'lighthouse';
import { z } from 'zod';
import { LegworkError } from '../../protocol/error-table.ts';
import type { TaskHostSettings } from '../../protocol/task-host-messages.ts';
import { type AuditBrowser, launchAuditBrowser } from '../audit-browser.ts';
import { auditError } from './audit-error.ts';
import { documentFailure } from './document-failure.ts';
import { DEFAULT_CATEGORIES, type LighthousePayload } from './payload.ts';

export type Lighthouse = typeof LighthouseModule;

/** Lighthouse itself; half a second the first time, so only who audits loads it. */
export function loadLighthouse(): Promise<Lighthouse> {
  return import('lighthouse');
}

/** One audit of a page and the browser that it was made in. */
export interface Audit {
  report: Result;
  browser: { kind: string; version: string };
}

/**
 * Audits a page once in a browser of its own, which is closed in any case before this returns or throws.
 * @param signal aborts with a LegworkError as its reason, which is then thrown
 * @throws LegworkError `page_timeout` when the run takes longer than the payload allows, `browser_crashed`, and what the
 *   failure of the audit means
 */
export async function runAudit(
  payload: LighthousePayload,
  settings: TaskHostSettings,
  signal: AbortSignal,
): Promise<Audit> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => {
    stop.abort(new LegworkError('page_timeout', `Lighthouse was not done after ${payload.timeoutMs} ms.`));
  }, payload.timeoutMs);
  try {
    return await auditInNewBrowser(payload, settings, stop);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

async function auditInNewBrowser(
  payload: LighthousePayload,
  settings: TaskHostSettings,
  stop: AbortController,
): Promise<Audit> {
  const [lighthouse, browser] = await Promise.all([loadLighthouse(), launchAuditBrowser(settings)]);
  try {
    stop.signal.throwIfAborted();
    void browser.exited.then(() => stop.abort(new LegworkError('browser_crashed')));
    const report = await untilAborted(audit(lighthouse, payload, browser), stop.signal);
    const { kind, version } = browser.information;
    return { report, browser: { kind, version } };
  } finally {
    await browser.close(0);
  }
}

/** The promise's outcome, or the signal's reason as soon as it aborts; what the promise then comes to is dropped. */
function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

async function audit(lighthouse: Lighthouse, payload: LighthousePayload, browser: AuditBrowser): Promise<Result> {
  const config: Config | undefined = payload.formFactor === 'desktop' ? lighthouse.desktopConfig : undefined;
  let run: RunnerResult | undefined;
  try {
    run = await lighthouse.default(payload.url, lighthouseFlags(payload, browser.debuggingPort), config);
  } catch (thrown) {
    throw auditError({ ...describeThrown(thrown), document: null });
  }
  if (run === undefined) throw new LegworkError('audit_failed', 'Lighthouse gave no result.');
  const { runtimeError } = run.lhr;
  if (runtimeError !== undefined) {
    const log = run.artifacts.DevtoolsLogError ?? run.artifacts.DevtoolsLog;
    throw auditError({ ...runtimeError, document: log === undefined ? null : documentFailure(log, Date.now()) });
  }
  return run.lhr;
}

function lighthouseFlags(payload: LighthousePayload, port: number): Flags {
  const { categories, onlyAudits } = payload;
  const onlyCategories = categories ?? (onlyAudits === undefined ? [...DEFAULT_CATEGORIES] : null);
  return {
    port,
    // Reports are made once, of the run that is kept.
    output: [],
    logLevel: 'silent',
    onlyCategories,
    onlyAudits: onlyAudits ?? null,
    throttlingMethod: payload.throttling,
    locale: payload.locale as Flags['locale'],
    extraHeaders: Object.keys(payload.extraHeaders).length === 0 ? null : payload.extraHeaders,
    disableFullPageScreenshot: !payload.fullPageScreenshot,
  };
}

/** What Lighthouse throws: its own errors have a code, and a message for people in the report's language. */
const thrownError = z.object({
  code: z.string().nullable().catch(null),
  friendlyMessage: z.string().optional().catch(undefined),
  message: z.string(),
});

function describeThrown(thrown: unknown): { code: string | null; message: string } {
  const error = thrownError.safeParse(thrown);
  if (!error.success) return { code: null, message: String(thrown) };
  return { code: error.data.code, message: error.data.friendlyMessage ?? error.data.message };
}
