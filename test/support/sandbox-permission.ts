/**
 * What the tests add to the environment of an agent: as root, whom Chromium refuses its sandbox, an agent starts only
 * when it is told to do without.
 */
export const SANDBOX_PERMISSION: Record<string, string> =
  process.getuid?.() === 0 ? { LEGWORK_ALLOW_NO_SANDBOX: '1' } : {};
