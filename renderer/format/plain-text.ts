/** Control and direction characters, which would let a text of a page rearrange what stands beside it. */
// oxlint-disable-next-line no-control-regex -- these characters are what is looked for
const TREACHEROUS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A foreign text with its control and direction characters made visible: `\u202e`. Tabs and line ends stay. */
export function plainText(text: string): string {
  return text.replace(TREACHEROUS, (character) =>
    character === '\r' ? '' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** At most `length` characters, with an ellipsis for the rest. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
