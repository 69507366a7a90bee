import { LIMITS } from './limits.ts';
import { tooLarge } from './navigation-errors.ts';

/** What is not for a reader. */
const LEFT_OUT = ['script', 'style', 'noscript', 'template', 'iframe'] as const;

/**
 * The page's text with its headings, lists, links and emphasis as Markdown.
 * @throws LegworkError `page_too_large`
 */
export async function toMarkdown(html: string): Promise<string> {
  if (html.length > LIMITS.markdownBytes) throw tooLarge('A page that is turned into Markdown', LIMITS.markdownBytes);
  const { default: Turndown } = await import('turndown');
  const turndown = new Turndown({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' });
  turndown.remove([...LEFT_OUT]);
  return `${turndown.turndown(html)}\n`;
}
