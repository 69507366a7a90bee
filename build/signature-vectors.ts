import { z } from 'zod';

const common = {
  name: z.string(),
  shows: z.string(),
  workerId: z.string(),
  secret: z.string(),
  timestamp: z.number().int(),
  nonce: z.string(),
  bodyText: z.string().nullable(),
  bodyBase64: z.base64(),
  bodySha256: z.string(),
  canonical: z.string(),
  signature: z.string(),
};

const signatureVector = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('request'), method: z.string(), pathAndQuery: z.string() }),
  z.strictObject({ ...common, kind: z.literal('response'), status: z.number().int(), requestNonce: z.string() }),
]);

/** One test vector: every input of a signature, the canonical string and the signature. */
export type SignatureVector = z.infer<typeof signatureVector>;

/**
 * The vectors of `test/fixtures/signature-vectors.json`.
 * @throws SyntaxError or ZodError when the file is not as it must be
 */
export function parseSignatureVectors(json: string): SignatureVector[] {
  return z.object({ vectors: z.array(signatureVector) }).parse(JSON.parse(json)).vectors;
}

/** A vector as it stands in the protocol's document. */
export function renderVector(vector: SignatureVector): string {
  const about =
    vector.kind === 'request'
      ? [`method        ${vector.method}`, `path?query    ${vector.pathAndQuery}`]
      : [`status        ${vector.status}`, `request nonce ${vector.requestNonce}`];
  const body =
    vector.bodyText === null
      ? `body (base64) ${vector.bodyBase64}`
      : `body (UTF-8)  ${vector.bodyText === '' ? '(empty)' : vector.bodyText}`;
  return [
    `#### ${vector.name}`,
    '',
    vector.shows,
    '',
    '```text',
    `X-Worker-Id   ${vector.workerId}`,
    `secret        ${vector.secret}`,
    `X-Timestamp   ${vector.timestamp}`,
    `X-Nonce       ${vector.nonce}`,
    ...about,
    body,
    `sha256(body)  ${vector.bodySha256}`,
    '',
    'canonical string (6 lines, no newline at the end):',
    vector.canonical,
    '',
    `X-Signature   ${vector.signature}`,
    '```',
  ].join('\n');
}
