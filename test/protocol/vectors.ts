import { readFileSync } from 'node:fs';
import { parseSignatureVectors, type SignatureVector } from '../../build/signature-vectors.ts';

/** Text of a file of the project, by its path from the project's folder. */
export function projectFile(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** The test vectors of the signatures, as they stand in their file. */
export const VECTORS: readonly SignatureVector[] = parseSignatureVectors(
  projectFile('test/fixtures/signature-vectors.json'),
);

/** The bytes of a vector's body. */
export function bodyOf(vector: SignatureVector): Buffer {
  return Buffer.from(vector.bodyBase64, 'base64');
}
