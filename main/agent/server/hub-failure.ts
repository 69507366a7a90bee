import { HubCallError } from './hub-call-error.ts';

/** What a hub failure is, for the gate; null for an error that says nothing about the hub's being there. */
export function hubFailure(error: unknown): { retryAfterMs: number | null } | null {
  return error instanceof HubCallError && error.retryable ? { retryAfterMs: error.retryAfterMs } : null;
}
