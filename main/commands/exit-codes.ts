/** How every command of `legwork` ends: name → number and meaning. The help and `docs/operations.md` print this table. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: 'It worked; of `agent` and `hub`: it was asked to stop and stopped cleanly.' },
  failure: { code: 1, meaning: 'Something failed; the message says what. Of `doctor`: at least one check failed.' },
  usage: { code: 2, meaning: 'Wrong arguments.' },
  configuration: { code: 3, meaning: 'A setting is wrong or missing, or Node is too old.' },
  browserMissing: { code: 4, meaning: 'No usable Chromium was found.' },
  databaseRefused: { code: 5, meaning: 'The database is damaged, or from a newer version; it was left untouched.' },
  hubUnreachable: { code: 6, meaning: 'The hub does not answer.' },
  hubRefused: { code: 7, meaning: 'The hub refuses: wrong key, unknown or revoked worker, used token, too old.' },
  superseded: { code: 8, meaning: 'A newer start of the same agent has taken over; do not start this one again.' },
  alreadyRunning: { code: 9, meaning: 'Another process works with the same data folder, or the port is taken.' },
  jobFailed: { code: 10, meaning: 'Of `enqueue --wait` and `demo`: a job did not come to the outcome it should have.' },
  noSandbox: { code: 11, meaning: 'Chromium has no sandbox here, and the agent was not told to do without.' },
  agentUnreachable: {
    code: 12,
    meaning: 'The agent of this machine does not answer: it does not run, or not with that port and key.',
  },
  interrupted: { code: 130, meaning: 'It was interrupted before it was done (Ctrl-C, or a second signal to stop).' },
} as const satisfies Record<string, { code: number; meaning: string }>;

export type ExitName = keyof typeof EXIT_CODES;

/** The table as text, for the end of `--help`. */
export function formatExitCodes(): string {
  const rows = Object.entries(EXIT_CODES).map(([name, { code, meaning }]) => {
    return `  ${String(code).padStart(3)}  ${name.padEnd(15)}  ${meaning}`;
  });
  return ['Exit codes:', ...rows].join('\n');
}
