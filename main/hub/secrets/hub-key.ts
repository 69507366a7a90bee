import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { HubStartError } from '../hub-options.ts';

const KEY_PATTERN = /^[0-9a-f]{64}$/i;

/**
 * The key that seals secrets at rest: the given one, else that of the file, which is made (mode 0600) when it is not
 * there and `mayCreate` says that nothing has been sealed yet.
 * @returns 32 bytes
 * @throws HubStartError when the given text or the file is not a key, or the file is gone
 */
export function loadHubKey(options: { given: string | undefined; file: string; mayCreate: boolean }): Buffer {
  if (options.given !== undefined) return parseKey(options.given, 'The given hub key');
  const stored = readIfThere(options.file);
  if (stored !== null) return parseKey(stored.trim(), `The hub key file ${options.file}`);
  if (!options.mayCreate) {
    throw new HubStartError(
      `The hub key file ${options.file} is gone, and the stored worker secrets cannot be read without it. ` +
        'Put it back from a backup, or start with an empty data folder and enrol the agents again.',
    );
  }
  const key = randomBytes(32);
  const handle = openSync(options.file, 'wx', 0o600);
  try {
    writeSync(handle, `${key.toString('hex')}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return key;
}

function parseKey(text: string, what: string): Buffer {
  if (!KEY_PATTERN.test(text)) throw new HubStartError(`${what} must be 64 hex digits.`);
  return Buffer.from(text, 'hex');
}

function readIfThere(file: string): string | null {
  try {
    const text = readFileSync(file, 'utf8');
    // A copy from a backup often comes back readable for everybody.
    chmodSync(file, 0o600);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
