import { describeError } from '../../protocol/describe-error.ts';
import { rotateSecretResponse } from '../../protocol/enrolment.ts';
import type { Log } from '../../protocol/ports.ts';
import type { Credentials } from '../secrets/credentials.ts';
import type { HubClient } from './hub-client.ts';

/** What this agent proves itself to its hub with, and how that is changed while it runs. */
export class WorkerSecret {
  readonly #save: (credentials: Credentials) => Promise<void>;
  readonly #log: Log;
  #credentials: Credentials;
  #rotating: Promise<void> | null = null;

  constructor(options: { credentials: Credentials; save: (credentials: Credentials) => Promise<void>; log: Log }) {
    this.#credentials = options.credentials;
    this.#save = options.save;
    this.#log = options.log;
  }

  get credentials(): Credentials {
    return this.#credentials;
  }

  /**
   * Gets a new secret and uses it from then on. One rotation at a time, however often it is asked for.
   * @throws HubCallError, SecretStoreError; the command is then tried again
   */
  rotate(client: HubClient, sessionId: string): Promise<void> {
    this.#rotating ??= this.#rotateOnce(client, sessionId).finally(() => {
      this.#rotating = null;
    });
    return this.#rotating;
  }

  async #rotateOnce(client: HubClient, sessionId: string): Promise<void> {
    try {
      const { secret } = await client.post('/internal/rotate-secret', { sessionId }, rotateSecretResponse);
      const rotated = { ...this.#credentials, secret };
      // Kept before it is used: after a crash in between, the old one is still good and the hub gives the same again.
      await this.#save(rotated);
      this.#credentials = rotated;
      this.#log.info('the secret was rotated');
    } catch (error) {
      this.#log.error('the secret could not be rotated yet', { problem: describeError(error) });
      throw error;
    }
  }
}
