import { createPublicKey, sign as signBytes, verify as verifyBytes } from 'node:crypto';
import { z } from 'zod';

/** What the update server says of a version, as far as it is signed. */
export const updateManifest = z.object({
  version: z.string(),
  files: z.array(z.object({ url: z.string(), sha512: z.string() })).min(1),
});
export type UpdateManifest = z.infer<typeof updateManifest>;

const signedManifest = updateManifest.extend({ legworkSignature: z.string() });

/** The bytes that are signed: the version, and each file with its hash, in the order of their names. */
export function signedText({ version, files }: UpdateManifest): Buffer {
  const lines = files.map(({ url, sha512 }) => `${url} ${sha512}`).sort();
  return Buffer.from(['legwork-update-v1', version, ...lines, ''].join('\n'), 'utf8');
}

/** @param privateKey PEM of an Ed25519 key @returns Base64, for the field `legworkSignature` */
export function signUpdate(manifest: UpdateManifest, privateKey: string): string {
  return signBytes(null, signedText(manifest), privateKey).toString('base64');
}

/**
 * Checks that who has the private key has released this version, so that whoever gets hold of the update server alone
 * cannot install anything. The files are compared with the signed hashes when they have come.
 * @param publicKey Base64 of the SPKI form of an Ed25519 key
 * @throws Error in a sentence for people
 */
export function verifyUpdate(manifest: unknown, publicKey: string): void {
  const parsed = signedManifest.safeParse(manifest);
  if (!parsed.success) throw new Error('The update is not signed, so it was not taken.');
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  const signature = Buffer.from(parsed.data.legworkSignature, 'base64');
  if (verifyBytes(null, signedText(parsed.data), key, signature)) return;
  throw new Error("The update's signature is wrong, so it was not taken.");
}
