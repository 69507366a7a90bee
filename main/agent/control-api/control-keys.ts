import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecret } from '../../protocol/signature.ts';
import { SecretStoreError } from '../secrets/secret-store.ts';

/** Files of the data folder, each with one line: the key that calls are signed with, and the token for the metrics. */
export const CONTROL_KEY_FILE = 'control-api.key';
export const METRICS_TOKEN_FILE = 'control-api.metrics-token';

const SECRET_PATTERN = /^[0-9a-f]{64}\n?$/;
const BITS_OF_OTHERS = 0o077;

/** The secret in a file of the data folder; null when there is none. @throws SecretStoreError when it cannot be used */
export async function readControlSecret(dataFolder: string, name: string): Promise<string | null> {
  const path = join(dataFolder, name);
  try {
    const file = await open(path, 'r');
    try {
      const { mode, uid } = await file.stat();
      const self = process.getuid?.();
      if (self !== undefined && self !== 0 && uid !== self) {
        throw new SecretStoreError(`${path} belongs to another user.`);
      }
      const text = await file.readFile('utf8');
      const isOpen = process.platform !== 'win32' && (mode & BITS_OF_OTHERS) !== 0;
      return isOpen || !SECRET_PATTERN.test(text) ? null : text.trim();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof SecretStoreError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new SecretStoreError(`${path} cannot be read (${code ?? 'unknown'}).`, { cause: error });
  }
}

/**
 * The secret in a file, made where there is none that can be trusted: a file that other users could read, or that holds
 * something else, is replaced. Mode 0600.
 * @throws SecretStoreError
 */
export async function openControlSecret(dataFolder: string, name: string): Promise<string> {
  const kept = await readControlSecret(dataFolder, name);
  if (kept !== null) return kept;
  const secret = createSecret();
  const path = join(dataFolder, name);
  const temporary = join(dataFolder, `.${name}-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${secret}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const { code } = error as NodeJS.ErrnoException;
    throw new SecretStoreError(`${path} cannot be written (${code ?? 'unknown'}).`, { cause: error });
  }
  return secret;
}
