/** One line of text for any thrown value: its message, without a stack. */
export function describeError(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replaceAll(/\s+/g, ' ').slice(0, 2_000);
}
