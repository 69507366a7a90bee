/** How many hostile inputs each part of the suite makes up; together 10,000 at least. */
export const CASES = {
  /** Answers of every form to single signed calls, over HTTP. */
  answers: 900,
  /** Bytes that are not HTTP, over a socket. */
  garbage: 150,
  /** Answers to a whole agent, over HTTP. */
  agent: 1_000,
  /** Messages of the protocol with something wrong in them. */
  messages: 3_200,
  /** Payloads of the task types. */
  payloads: 2_600,
  /** Batches of leased tasks into a real queue. */
  batches: 250,
  /** Signatures that are wrong, replayed, or of something else. */
  signatures: 1_200,
  /** Times, addresses and headers. */
  texts: 1_200,
} as const;
