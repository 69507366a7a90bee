import { z } from 'zod';

/** What a hub may refuse a call with: code → status and meaning. Whether to try again follows from the status. */
export const HUB_ERRORS = {
  unknown_worker: { status: 401, meaning: 'No such worker. Unsigned: the hub has no secret to sign with.' },
  bad_signature: { status: 401, meaning: 'The signature does not fit. Unsigned.' },
  revoked_worker: { status: 401, meaning: 'The worker was revoked. Signed, so that the agent believes it.' },
  clock_skew: { status: 401, meaning: 'The timestamp is more than 300 s off; details.hubTimeMs has the hub’s time.' },
  nonce_reused: { status: 401, meaning: 'The nonce was seen before. Sign again with a new one.' },
  token_used: { status: 403, meaning: 'The enrolment token was used by another instance, or has expired.' },
  bad_request: { status: 400, meaning: 'The body or query does not fit its schema; details.issues has the paths.' },
  protocol_unsupported: {
    status: 400,
    meaning: 'The hub does not speak this protocol version; details.supported has them.',
  },
  agent_too_old: { status: 426, meaning: 'The agent is older than details.minimumAgentVersion.' },
  session_unknown: { status: 409, meaning: 'The session is over (the hub restarted, say). Shake hands again.' },
  superseded: { status: 409, meaning: 'A newer start of this worker has taken over. Stop.' },
  already_stored: { status: 409, meaning: 'This attempt’s result is stored. Counts as success.' },
  lease_lost: { status: 410, meaning: 'The job has gone to somebody else or has ended. The result is not recorded.' },
  blobs_missing: { status: 422, meaning: 'Parts of the result are not stored; details.missing has their hashes.' },
  blob_mismatch: { status: 422, meaning: 'The bytes do not have the hash of their name. Start again at offset 0.' },
  offset_mismatch: { status: 416, meaning: 'The hub has another number of bytes; go on at details.offset.' },
  too_large: { status: 413, meaning: 'Larger than the limit in details.limitBytes.' },
  not_found: { status: 404, meaning: 'There is no such thing.' },
  conflict: { status: 409, meaning: 'The thing is in a state in which this cannot be done.' },
  rate_limited: { status: 429, meaning: 'Too many calls; Retry-After says when to come back.' },
  unavailable: { status: 503, meaning: 'The hub cannot serve now; Retry-After may say when.' },
  unauthorized: { status: 401, meaning: 'The operator’s bearer key is missing or wrong.' },
  internal: { status: 500, meaning: 'A fault of the hub.' },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type HubErrorCode = keyof typeof HUB_ERRORS;

/** The body of every answer that is not 2xx. An agent reads codes that it does not know by their status. */
export const hubErrorBody = z.object({
  error: z.object({
    code: z.string().max(100),
    message: z.string().max(4_000),
    details: z.record(z.string(), z.json()).optional(),
  }),
});
export type HubErrorBody = z.infer<typeof hubErrorBody>;
