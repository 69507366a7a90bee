import { LegworkError } from '../../protocol/error-table.ts';
import { lighthouseDeadlineMs, lighthousePayload, type LighthousePayload } from '../lighthouse-html/payload.ts';
import { lighthouseResult, type LighthouseResult } from '../lighthouse-html/result.ts';
import { type Audit, runAudit } from '../lighthouse-html/run-audit.ts';
import { erroredAudits, medianRunIndex, summariseRun } from '../lighthouse-html/summarise.ts';
import { defineTask, type TaskContext } from '../task-definition.ts';

/** Audits a page with Lighthouse. It runs alone on its machine: anything beside it would change its scores. */
export const lighthouseHtml = defineTask({
  name: 'lighthouse_html',
  version: 1,
  summary: 'Audits a page with Lighthouse and keeps its scores, its metrics and the whole report.',
  lane: 'exclusive',
  payloadSchema: lighthousePayload,
  resultSchema: lighthouseResult,
  deadlineMs: lighthouseDeadlineMs,
  run: auditPage,
});

async function auditPage(payload: LighthousePayload, context: TaskContext): Promise<LighthouseResult> {
  await context.browsers.closeWarm();
  const audits: Audit[] = [];
  for (let run = 0; run < payload.runs; run += 1) {
    context.progress((run / payload.runs) * 95, `audit ${run + 1} of ${payload.runs}`);
    audits.push(await runAudit(payload, context.browsers.settings, context.signal));
  }
  context.slotFree();
  context.progress(95, 'writing the report');

  const reports = audits.map((audit) => audit.report);
  const medianRun = await medianRunIndex(reports);
  const kept = audits[medianRun];
  if (kept === undefined) throw new LegworkError('internal', 'No run was kept.');

  const { report, json, html, browser } = kept;
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
    browser,
    reports: {
      json: await context.blobs.write('report.json', json, 'application/json'),
      html: await context.blobs.write('report.html', html, 'text/html; charset=utf-8'),
    },
  };
}
