const ADDRESS = /\b((?:https?|wss?|legwork):\/\/[^\s"'<>?#\\]*)[?#][^\s"'<>\\]*/gi;

/** A text in which every URL ends before its query: queries hold tokens, and what people look for. */
export function withoutQueries(text: string): string {
  return text.replace(ADDRESS, '$1?…');
}
