import { safeStorage } from 'electron';
import type { UiSnapshot } from '../../../preload/contract.ts';
import { FileSecretStore } from '../../agent/secrets/file-secret-store.ts';
import type { SecretStore } from '../../agent/secrets/secret-store.ts';
import type { Log } from '../../protocol/ports.ts';
import { describeError } from '../../protocol/describe-error.ts';
import { type Encryption, SafeStorageSecretStore } from './safe-storage-secret-store.ts';

/** Where the secrets of this machine are, and how well they are kept. */
export interface OpenedSecretStore {
  store: SecretStore;
  quality: UiSnapshot['secretStore'];
}

/**
 * The best store that this system has. Where Linux has no key ring, Chromium encrypts with a key that is the same
 * everywhere: then a file that only its owner can read is the more honest place.
 */
export async function openSecretStore(path: string, log: Log): Promise<OpenedSecretStore> {
  const file = new FileSecretStore(path, (message) => log.warn(message));
  try {
    if (!(await isAvailable())) return { store: file, quality: 'file' };
    if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') {
      return { store: file, quality: 'file' };
    }
    return { store: new SafeStorageSecretStore(file, systemEncryption()), quality: 'strong' };
  } catch (error) {
    log.warn('the key ring of this system cannot be used', { problem: describeError(error) });
    return { store: file, quality: 'file' };
  }
}

/** The asynchronous calls came with newer versions of Electron; the others stop the whole program while they run. */
function hasAsyncCalls(): boolean {
  return 'encryptStringAsync' in safeStorage && 'isAsyncEncryptionAvailable' in safeStorage;
}

async function isAvailable(): Promise<boolean> {
  if (hasAsyncCalls()) return safeStorage.isAsyncEncryptionAvailable();
  // oxlint-disable-next-line typescript/no-deprecated -- there is no other one in an older Electron
  return safeStorage.isEncryptionAvailable();
}

function systemEncryption(): Encryption {
  if (hasAsyncCalls()) {
    return {
      encrypt: (text) => safeStorage.encryptStringAsync(text),
      decrypt: async (encrypted) => {
        const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(encrypted);
        return { text: result, isOutdated: shouldReEncrypt };
      },
    };
  }
  return {
    // oxlint-disable-next-line typescript/no-deprecated -- there is no other one in an older Electron
    encrypt: async (text) => safeStorage.encryptString(text),
    // oxlint-disable-next-line typescript/no-deprecated -- there is no other one in an older Electron
    decrypt: async (encrypted) => ({ text: safeStorage.decryptString(encrypted), isOutdated: false }),
  };
}
