import type { JsonObject } from '../../protocol/fields.ts';

/**
 * How a call to the hub failed.
 * - `unreachable`: no whole answer (network, time-out).
 * - `unverified`: an answer that could not be proven to be the hub's; nothing in it is believed.
 * - `refused`: the hub's own, signed refusal.
 * - `aborted`: this agent gave the call up.
 */
export type HubCallFailure = 'unreachable' | 'unverified' | 'refused' | 'aborted';

/** A failed call to the hub: whether it may be tried again, and when at the earliest. */
export class HubCallError extends Error {
  readonly failure: HubCallFailure;
  readonly status: number | null;
  /** The hub's error code; of an unverified answer only for showing, prefixed to nothing and believed in nothing. */
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
  readonly details: JsonObject;

  constructor(fields: {
    failure: HubCallFailure;
    message: string;
    status?: number;
    code?: string;
    retryable: boolean;
    retryAfterMs?: number | null;
    details?: JsonObject | undefined;
  }) {
    super(fields.message);
    this.name = 'HubCallError';
    this.failure = fields.failure;
    this.status = fields.status ?? null;
    this.code = fields.code ?? fields.failure;
    this.retryable = fields.retryable;
    this.retryAfterMs = fields.retryAfterMs ?? null;
    this.details = fields.details ?? {};
  }
}
