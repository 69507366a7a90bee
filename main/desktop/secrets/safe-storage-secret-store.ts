import type { FileSecretStore } from '../../agent/secrets/file-secret-store.ts';
import { formatSealed, parseSealed } from '../../agent/secrets/sealed-secret.ts';
import { type SecretStore, SecretStoreError } from '../../agent/secrets/secret-store.ts';

/** What encrypts with a key that the operating system keeps for this person. */
export interface Encryption {
  encrypt(text: string): Promise<Buffer>;
  /** `isOutdated`: the system has a newer key, so that the text should be encrypted anew. */
  decrypt(encrypted: Buffer): Promise<{ text: string; isOutdated: boolean }>;
}

/**
 * Secrets in a file, encrypted with a key that the operating system keeps: the key ring, Keychain or DPAPI. A secret that
 * another start has kept in the clear is read, and sealed.
 */
export class SafeStorageSecretStore implements SecretStore {
  readonly #file: FileSecretStore;
  readonly #encryption: Encryption;

  /** @param file keeps what is sealed */
  constructor(file: FileSecretStore, encryption: Encryption) {
    this.#file = file;
    this.#encryption = encryption;
  }

  async read(name: string): Promise<string | null> {
    const stored = await this.#file.readStored(name);
    if (stored === null) return null;
    const encrypted = parseSealed(stored);
    if (encrypted === null) {
      await this.write(name, stored);
      return stored;
    }
    let opened: Awaited<ReturnType<Encryption['decrypt']>>;
    try {
      opened = await this.#encryption.decrypt(encrypted);
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
    await this.#file.write(name, formatSealed(encrypted));
  }

  delete(name: string): Promise<void> {
    return this.#file.delete(name);
  }
}
