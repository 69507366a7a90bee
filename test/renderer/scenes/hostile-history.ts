import { SceneHistory, historyRowAt } from './scene-history.ts';

/** HTML that would show itself by an element of this id, were it not shown as text. */
export const INJECTED_ID = 'injected';
export const HTML_TEXT = `<img src=x id=${INJECTED_ID} onerror="document.title='owned'"><b>bold</b>`;
/** Turns the direction of what follows. */
export const TURNED_TEXT = 'invoice\u202efdp.exe';
export const LONG_TEXT = `${'very-long-'.repeat(400)}end`;

/** Attempts at pages that do their worst with the texts that are shown of them. */
export function hostileHistory(nowMs: number): SceneHistory {
  const texts = [HTML_TEXT, TURNED_TEXT, LONG_TEXT, 'موقع.example', '\u0000\u0007control', '{{constructor}} ${1+1} %s'];
  return new SceneHistory(
    texts.map((text, index) => ({
      ...historyRowAt(index, nowMs - 2_000),
      taskId: `hostile-${index}`,
      url: `https://${text}/${text}`,
      host: text,
      type: 'website_html',
      outcome: 'failed',
      error: { code: 'page_timeout', class: 'transient', message: text.slice(0, 4_000) },
    })),
  );
}
