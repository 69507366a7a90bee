import { z } from 'zod';

/** What stands in the secret file in place of a value that the operating system's key has sealed. */
const sealedSecret = z.strictObject({ sealedBy: z.literal('system'), base64: z.string() });

/** @param encrypted what only the system's key of this person opens */
export function formatSealed(encrypted: Buffer): string {
  return JSON.stringify({ sealedBy: 'system', base64: encrypted.toString('base64') });
}

/** The encrypted bytes; null for a value that is not sealed. */
export function parseSealed(stored: string): Buffer | null {
  try {
    return Buffer.from(sealedSecret.parse(JSON.parse(stored)).base64, 'base64');
  } catch {
    return null;
  }
}
