import { PayloadVault } from '../../protocol/payload-vault.ts';
import type { SecretStore } from './secret-store.ts';

const STORED_NAME = 'payload-key';

/**
 * The vault that keeps cookies and passwords of payloads out of the database; its key is made at the first use.
 * @throws SecretStoreError
 */
export async function openPayloadVault(store: SecretStore): Promise<PayloadVault> {
  const stored = await store.read(STORED_NAME);
  if (stored !== null) return new PayloadVault(stored);
  const key = PayloadVault.createKey();
  await store.write(STORED_NAME, key);
  return new PayloadVault(key);
}
