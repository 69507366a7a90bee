import { lighthouseDeadlineMs, lighthousePayload } from '../lighthouse-html/payload.ts';
import { lighthouseResult } from '../lighthouse-html/result.ts';
import { defineTask } from '../task-definition.ts';

/** Audits a page with Lighthouse. It runs alone on its machine: anything beside it would change its scores. */
export const lighthouseHtml = defineTask({
  name: 'lighthouse_html',
  version: 1,
  summary: 'Audits a page with Lighthouse and keeps its scores, its metrics and the whole report.',
  lane: 'exclusive',
  payloadSchema: lighthousePayload,
  resultSchema: lighthouseResult,
  deadlineMs: lighthouseDeadlineMs,
  run: async (payload, context) => {
    // Programs that only know the task types do not load what carries them out.
    const { auditPage } = await import('../lighthouse-html/audit-page.ts');
    return auditPage(payload, context);
  },
});
