import { z } from 'zod';
import { type SecretStore, SecretStoreError } from '../../agent/secrets/secret-store.ts';

/** What encrypts with a key that the operating system keeps for this person. */
export interface Encryption {
  encrypt(text: string): Promise<Buffer>;
  /** `isOutdated`: the system has a newer key, so that the text should be encrypted anew. */
  decrypt(encrypted: Buffer): Promise<{ text: string; isOutdated: boolean }>;
}

/** What stands in the file in place of the secret itself. */
const sealed = z.object({ sealedBy: z.literal('system'), base64: z.string() });

/**
 * Secrets in a file, encrypted with a key that the operating system keeps: the key ring, Keychain or DPAPI. A secret that
 * another start has kept in the clear is read, and sealed.
 */
export class SafeStorageSecretStore implements SecretStore {
  readonly #file: SecretStore;
  readonly #encryption: Encryption;

  /** @param file keeps what is sealed */
  constructor(file: SecretStore, encryption: Encryption) {
    this.#file = file;
    this.#encryption = encryption;
  }

  async read(name: string): Promise<string | null> {
    const stored = await this.#file.read(name);
    if (stored === null) return null;
    const parsed = parseSealed(stored);
    if (parsed === null) {
      await this.write(name, stored);
      return stored;
    }
    let opened: Awaited<ReturnType<Encryption['decrypt']>>;
    try {
      opened = await this.#encryption.decrypt(Buffer.from(parsed.base64, 'base64'));
    } catch (error) {
      throw new SecretStoreError(
        'The key ring of this system does not open the stored secrets. Unlock it, or enrol this machine again.',
        { cause: error },
      );
    }
    if (opened.isOutdated) await this.write(name, opened.text);
    return opened.text;
  }

  async write(name: string, value: string): Promise<void> {
    let encrypted: Buffer;
    try {
      encrypted = await this.#encryption.encrypt(value);
    } catch (error) {
      throw new SecretStoreError('The key ring of this system does not seal secrets. Unlock it and try again.', {
        cause: error,
      });
    }
    await this.#file.write(name, JSON.stringify({ sealedBy: 'system', base64: encrypted.toString('base64') }));
  }

  delete(name: string): Promise<void> {
    return this.#file.delete(name);
  }
}

function parseSealed(stored: string): z.infer<typeof sealed> | null {
  try {
    return sealed.parse(JSON.parse(stored));
  } catch {
    return null;
  }
}

/** Whether a stored value was sealed by the system's key, so that nothing but it can read the value. */
export function isSealed(stored: string): boolean {
  return parseSealed(stored) !== null;
}
