import { defineTask } from '../task-definition.ts';
import { websiteHtmlDeadlineMs, websiteHtmlPayload } from '../website-html/payload.ts';
import { websiteHtmlResult } from '../website-html/result.ts';

/** Renders a page and keeps its HTML, and what else was asked for. Runs beside others, each in a context of its own. */
export const websiteHtml = defineTask({
  name: 'website_html',
  version: 1,
  summary:
    'Renders a page with Chromium and keeps its HTML, how it loaded, and a picture, PDF, HAR, text or Markdown of it.',
  lane: 'page',
  payloadSchema: websiteHtmlPayload,
  resultSchema: websiteHtmlResult,
  deadlineMs: websiteHtmlDeadlineMs,
  run: async (payload, context) => {
    // Programs that only know the task types do not load what carries them out.
    const { renderPage } = await import('../website-html/render-page.ts');
    return renderPage(payload, context);
  },
});
