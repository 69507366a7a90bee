/**
 * Where secrets are kept: a file with restricted access here, the operating system's key ring in a desktop. Names are
 * plain words joined by `-`.
 */
export interface SecretStore {
  /**
   * The value, or null when there is none.
   * @throws SecretStoreError when the store is there but cannot be read
   */
  read(name: string): Promise<string | null>;
  /**
   * Resolves when the value is durable.
   * @throws SecretStoreError
   */
  write(name: string, value: string): Promise<void>;
  /**
   * Removes the value; nothing happens when there is none.
   * @throws SecretStoreError
   */
  delete(name: string): Promise<void>;
}

/** The store cannot be used; the message says why, where, and what to do, and never contains a value. */
export class SecretStoreError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'SecretStoreError';
  }
}
