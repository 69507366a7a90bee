import { LegworkError } from '../../protocol/error-table.ts';
import { describeNetwork } from '../network-result.ts';
import type { TaskContext } from '../task-definition.ts';
import type { LighthousePayload } from './payload.ts';
import type { LighthouseResult } from './result.ts';
import { type Audit, runAudit } from './run-audit.ts';
import { erroredAudits, medianRunIndex, summariseRun } from './summarise.ts';

/** Percent of the progress that the audits are; the rest is writing. */
const AUDITS_PERCENT = 95;

/**
 * Audits a page as often as it is asked for, one audit after another, and keeps the reports of the median run. The
 * first audit that fails ends it.
 * @throws LegworkError
 */
export async function auditPage(payload: LighthousePayload, context: TaskContext): Promise<LighthouseResult> {
  // Warm browsers do little while they wait, but what they do would be measured.
  await context.browsers.closeWarm();
  const audits: Audit[] = [];
  for (let run = 0; run < payload.runs; run += 1) {
    context.progress((run / payload.runs) * AUDITS_PERCENT, `audit ${run + 1} of ${payload.runs}`);
    audits.push(await runAudit(payload, context));
  }
  context.slotFree();
  context.progress(AUDITS_PERCENT, 'writing the report');

  const reports = audits.map((audit) => audit.report);
  const medianRun = await medianRunIndex(reports);
  const kept = audits[medianRun];
  if (kept === undefined) throw new LegworkError('internal', 'No run was kept.');

  const { report } = kept;
  const json = await context.blobs.write('report.json', kept.json, 'application/json');
  const html = await context.blobs.write('report.html', kept.html, 'text/html; charset=utf-8');
  return {
    requestedUrl: payload.url,
    finalUrl: report.mainDocumentUrl ?? report.finalDisplayedUrl,
    ...summariseRun(report),
    warnings: report.runWarnings,
    erroredAudits: erroredAudits(report),
    runs: reports.map((each) => summariseRun(each)),
    medianRun,
    formFactor: payload.formFactor,
    throttling: payload.throttling,
    lighthouseVersion: report.lighthouseVersion,
    network: describeNetwork(audits.map(({ network }) => network)),
    browser: { engine: 'chromium', version: kept.browserVersion },
    reports: { json: json.name, html: html.name },
  };
}
