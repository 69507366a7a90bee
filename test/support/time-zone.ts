/** What programs that a test starts must have of its environment, so that it is the same day and hour for both. */
export const TIME_ZONE: Readonly<Record<string, string>> =
  process.env['TZ'] === undefined ? {} : { TZ: process.env['TZ'] };
