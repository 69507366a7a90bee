/** The package has no types of its own. */
declare module 'chrome-har' {
  /** Makes a HAR of recorded events of the DevTools protocol. */
  export function harFromMessages(messages: readonly { method: string; params: unknown }[]): unknown;
}
