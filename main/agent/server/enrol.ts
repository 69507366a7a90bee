import { enrolmentWorkerId, enrolResponse, parseEnrolmentToken, type EnrolResponse } from '../../protocol/enrolment.ts';
import type { Clock, Log } from '../../protocol/ports.ts';
import { LEGWORK_VERSION } from '../../protocol/version.ts';
import type { HttpTransport } from './http-transport.ts';
import { HubClient } from './hub-client.ts';

/** An enrolment that cannot be tried because of what it was given. */
export class EnrolmentTokenError extends Error {
  constructor() {
    super('The enrolment token is not one: it must look like lwt_<16 hex digits>_<64 hex digits>. Ask the operator.');
    this.name = 'EnrolmentTokenError';
  }
}

/**
 * Exchanges a one-time enrolment token for this worker's id and secret. Safe to repeat with the same instance.
 * @throws EnrolmentTokenError for a text that is no token, HubCallError for what the hub or the network says
 */
export function enrol(options: {
  transport: HttpTransport;
  basePath: string;
  token: string;
  instanceId: string;
  label: string;
  clock: Clock;
  log: Log;
}): Promise<EnrolResponse> {
  const token = parseEnrolmentToken(options.token);
  if (token === null) throw new EnrolmentTokenError();
  const client = new HubClient({
    transport: options.transport,
    credentials: () => ({ workerId: enrolmentWorkerId(token.tokenId), secret: token.key }),
    basePath: options.basePath,
    clock: options.clock,
    log: options.log,
  });
  const message = { instanceId: options.instanceId, label: options.label, agentVersion: LEGWORK_VERSION };
  return client.post('/internal/enrol', message, enrolResponse);
}
