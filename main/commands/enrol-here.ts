import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { storeEnrolledCredentials } from '../agent/secrets/credentials.ts';
import type { SecretStore } from '../agent/secrets/secret-store.ts';
import { enrol } from '../agent/server/enrol.ts';
import { systemClock } from '../protocol/ports.ts';
import { connectToHub, silentLog } from './hub-call.ts';

const INSTANCE_NAME = 'enrolment-instance-id';

/** The id stays, so that a repeat with the same token is known as one, after a lost answer as well as later. */
async function instanceIdFor(secrets: SecretStore): Promise<string> {
  const known = await secrets.read(INSTANCE_NAME);
  if (known !== null) return known;
  const fresh = randomUUID();
  await secrets.write(INSTANCE_NAME, fresh);
  return fresh;
}

/**
 * Exchanges a one-time token for a worker's id and secret, and keeps them.
 * @param options.label what this machine is called; '' stands for its host name
 * @returns the id of the worker
 * @throws EnrolmentTokenError, HubCallError, SecretStoreError
 */
export async function enrolHere(options: {
  hubUrl: string;
  token: string;
  label: string;
  secrets: SecretStore;
}): Promise<string> {
  const { hubUrl, token, secrets } = options;
  const label = options.label === '' ? hostname().slice(0, 100) : options.label;
  const instanceId = await instanceIdFor(secrets);
  const { transport, basePath } = connectToHub(hubUrl, { workerId: '', secret: '' });
  try {
    const answer = await enrol({ transport, basePath, token, instanceId, label, clock: systemClock, log: silentLog });
    await storeEnrolledCredentials({ hubUrl, workerId: answer.workerId, secret: answer.secret }, secrets);
    return answer.workerId;
  } finally {
    transport.close();
  }
}
