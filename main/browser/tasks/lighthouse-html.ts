import { LegworkError } from '../../protocol/error-table.ts';
import { lighthouseDeadlineMs, lighthousePayload, type LighthousePayload } from '../lighthouse-html/payload.ts';
import { lighthouseResult, type LighthouseResult } from '../lighthouse-html/result.ts';
import { type Audit, loadLighthouse, runAudit } from '../lighthouse-html/run-audit.ts';
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
  const lighthouse = await loadLighthouse();
  refuseUnknownAudits(payload.onlyAudits ?? [], lighthouse.getAuditList());
  await context.browsers.closeWarm();

  const audits: Audit[] = [];
  for (let run = 0; run < payload.runs; run += 1) {
    context.progress(Math.round((run / payload.runs) * 90), `audit ${run + 1} of ${payload.runs}`);
    audits.push(await runAudit(payload, context.browsers.settings, context.signal));
  }
  context.slotFree();
  context.progress(90, 'writing the report');

  const reports = audits.map((audit) => audit.report);
  const { computeMedianRun } = await import('lighthouse/core/lib/median-run.js');
  const medianRun = medianRunIndex(reports, computeMedianRun);
  const kept = audits[medianRun];
  if (kept === undefined) throw new LegworkError('internal', 'No run was kept.');

  const { report, browser } = kept;
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
      json: await context.blobs.write('report.json', lighthouse.generateReport(report, 'json'), 'application/json'),
      html: await context.blobs.write(
        'report.html',
        lighthouse.generateReport(report, 'html'),
        'text/html; charset=utf-8',
      ),
    },
  };
}

/** Lighthouse would leave an audit out that it does not know, and the operator would miss it without a word. */
function refuseUnknownAudits(wanted: readonly string[], files: readonly string[]): void {
  const known = new Set(files.map((file) => file.replace(/^.*\//, '').replace(/\.js$/, '')));
  const unknown = wanted.findIndex((audit) => !known.has(audit));
  if (unknown === -1) return;
  throw new LegworkError(
    'invalid_payload',
    `payload.onlyAudits.${unknown}: Lighthouse has no audit ${JSON.stringify(wanted[unknown])}.`,
  );
}
