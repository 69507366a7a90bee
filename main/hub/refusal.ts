import type { JsonObject } from '../protocol/fields.ts';
import { HUB_ERRORS, type HubErrorBody, type HubErrorCode } from '../protocol/hub-errors.ts';

/** A call that the hub refuses on purpose. Its code gives the status; its message and details go to the caller. */
export class HubRefusal extends Error {
  readonly code: HubErrorCode;
  readonly details: JsonObject | undefined;
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: HubErrorCode, message: string, details?: JsonObject, retryAfterSeconds?: number) {
    super(message);
    this.name = 'HubRefusal';
    this.code = code;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get status(): number {
    return HUB_ERRORS[this.code].status;
  }
}

/** The body of a refusal. */
export function errorBody(code: string, message: string, details?: JsonObject): HubErrorBody {
  return { error: { code, message: message.slice(0, 4_000), ...(details === undefined ? {} : { details }) } };
}
