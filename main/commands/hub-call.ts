import type { HubCallError } from '../agent/server/hub-call-error.ts';
import { HubClient } from '../agent/server/hub-client.ts';
import { NodeHttpTransport } from '../agent/server/http-transport.ts';
import { parseHubAddress } from '../agent/server/hub-address.ts';
import type { Credentials } from '../agent/secrets/credentials.ts';
import { type Log, systemClock } from '../protocol/ports.ts';
import { CommandError } from './command-error.ts';

/** A log for short commands, which print their own messages. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A connection to a hub for a single command. */
export interface HubConnection {
  client: HubClient;
  transport: NodeHttpTransport;
  basePath: string;
}

/** Opens signed calls to a hub; close the transport afterwards. Whether plain HTTP is allowed was checked before. */
export function connectToHub(hubUrl: string, credentials: Pick<Credentials, 'workerId' | 'secret'>): HubConnection {
  const { origin, basePath } = parseHubAddress(hubUrl, { allowPlainHttp: true });
  const transport = new NodeHttpTransport(origin);
  const client = new HubClient({
    transport,
    credentials: () => credentials,
    basePath,
    clock: systemClock,
    log: silentLog,
  });
  return { client, transport, basePath };
}

/** A failed call to a hub as the end of a command. */
export function hubCallFailure(error: HubCallError, hubUrl: string): CommandError {
  switch (error.failure) {
    case 'unreachable':
    case 'aborted':
      return new CommandError('hubUnreachable', `The hub ${hubUrl} does not answer: ${error.message}.`, {
        cause: error,
      });
    case 'refused':
      return new CommandError('hubRefused', error.message, { cause: error });
    case 'unverified': {
      const advice = 'Check the address, and that the token or secret is of this hub.';
      return new CommandError('hubRefused', `${error.message}. ${advice}`, { cause: error });
    }
    default:
      return error.failure satisfies never;
  }
}
