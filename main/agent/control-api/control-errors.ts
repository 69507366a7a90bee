import { HUB_ERRORS } from '../../protocol/hub-errors.ts';

/**
 * What the control API refuses a call with: code → status and meaning. Those that it shares with the protocol are the
 * protocol's own.
 */
export const CONTROL_ERRORS = {
  bad_request: HUB_ERRORS.bad_request,
  bad_signature: { status: 401, meaning: 'The signature does not fit, or a header of it is missing. Unsigned.' },
  clock_skew: {
    status: 401,
    meaning:
      'The timestamp is more than 300 s off, or older than this start of the agent; details.agentTimeMs has its time.',
  },
  nonce_reused: HUB_ERRORS.nonce_reused,
  unauthorized: { status: 401, meaning: 'The bearer token for the metrics is missing or wrong. Unsigned.' },
  foreign_origin: { status: 403, meaning: 'The call comes from a web page. Unsigned.' },
  foreign_host: { status: 421, meaning: 'The Host header names another host than this machine. Unsigned.' },
  not_found: HUB_ERRORS.not_found,
  method_not_allowed: { status: 405, meaning: 'The path is right, the method is not; Allow says which is.' },
  timeout: { status: 408, meaning: 'The request did not arrive in time. Unsigned.' },
  conflict: HUB_ERRORS.conflict,
  too_large: HUB_ERRORS.too_large,
  rate_limited: HUB_ERRORS.rate_limited,
  internal: { status: 500, meaning: 'A fault of the agent; its log has more.' },
  unavailable: { status: 503, meaning: 'The agent cannot do this now, for want of disk space, say.' },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ControlErrorCode = keyof typeof CONTROL_ERRORS;

/** Ends a call with an error of the table. The message goes to the caller. */
export class ControlRefusal extends Error {
  readonly code: ControlErrorCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(
    code: ControlErrorCode,
    message: string = CONTROL_ERRORS[code].meaning,
    details?: Record<string, unknown>,
  ) {
    super(message);
    this.name = 'ControlRefusal';
    this.code = code;
    this.details = details;
  }
}
