import { createHash } from 'node:crypto';
import { z } from 'zod';
import { workerSecret } from '../../protocol/enrolment.ts';
import { identifier } from '../../protocol/fields.ts';
import { type SecretStore, SecretStoreError } from './secret-store.ts';

const STORED_NAME = 'hub-credentials';

const storedCredentials = z.object({
  hubUrl: z.string(),
  workerId: identifier,
  secret: workerSecret,
  /** SHA-256 (hex) of the configured secret that this one has replaced by rotation; absent after enrolment. */
  replacesSha256: z.string().optional(),
});
type StoredCredentials = z.infer<typeof storedCredentials>;

/** What an agent needs to talk to its hub. */
export interface Credentials {
  /** Base address without a slash at its end. */
  hubUrl: string;
  workerId: string;
  secret: string;
}

/** The three settings that may name a hub and a worker; each null when it was not given. */
export interface ConfiguredCredentials {
  hubUrl: string | null;
  workerId: string | null;
  secret: string | null;
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * Which credentials count, by rule: configured ones win over stored ones, but for a stored secret that has replaced
 * exactly the configured one by rotation; stored ones count only for the hub and the worker that are configured, if
 * any are. Null when nothing complete is left.
 */
export function chooseCredentials(
  configured: ConfiguredCredentials,
  stored: StoredCredentials | null,
): Credentials | null {
  const fits =
    stored !== null &&
    (configured.hubUrl === null || configured.hubUrl === stored.hubUrl) &&
    (configured.workerId === null || configured.workerId === stored.workerId);
  if (configured.secret !== null) {
    if (fits && stored.replacesSha256 === sha256(configured.secret)) {
      return { hubUrl: stored.hubUrl, workerId: stored.workerId, secret: stored.secret };
    }
    if (configured.hubUrl === null || configured.workerId === null) return null;
    return { hubUrl: configured.hubUrl, workerId: configured.workerId, secret: configured.secret };
  }
  return fits ? { hubUrl: stored.hubUrl, workerId: stored.workerId, secret: stored.secret } : null;
}

async function readStored(store: SecretStore): Promise<StoredCredentials | null> {
  const text = await store.read(STORED_NAME);
  if (text === null) return null;
  try {
    return storedCredentials.parse(JSON.parse(text));
  } catch {
    throw new SecretStoreError('The stored hub credentials are damaged. Run `legwork enrol` again.');
  }
}

/**
 * The credentials to use now; null when this machine is neither enrolled nor given a worker and a secret.
 * @throws SecretStoreError
 */
export async function readCredentials(
  configured: ConfiguredCredentials,
  store: SecretStore,
): Promise<Credentials | null> {
  return chooseCredentials(configured, await readStored(store));
}

/**
 * Keeps what enrolment has given, in place of what was there.
 * @throws SecretStoreError
 */
export async function storeEnrolledCredentials(credentials: Credentials, store: SecretStore): Promise<void> {
  await store.write(STORED_NAME, JSON.stringify(credentials));
}

/**
 * Keeps a rotated secret. `configuredSecret` is the one of the configuration, if any: it then no longer counts, until
 * somebody changes it.
 * @throws SecretStoreError
 */
export async function storeRotatedCredentials(
  credentials: Credentials,
  configuredSecret: string | null,
  store: SecretStore,
): Promise<void> {
  const stored: StoredCredentials =
    configuredSecret === null ? credentials : { ...credentials, replacesSha256: sha256(configuredSecret) };
  await store.write(STORED_NAME, JSON.stringify(stored));
}

/**
 * Forgets what enrolment has given.
 * @throws SecretStoreError
 */
export async function forgetCredentials(store: SecretStore): Promise<void> {
  await store.delete(STORED_NAME);
}
