import type { LogFields } from '../../protocol/ports.ts';

/** What stands in a log in place of something secret. */
export const REDACTED = '[redacted]';

/** Names of fields whose value is never logged, whatever it is. */
const SECRET_NAME =
  /secret|signature|cookie|authori[sz]ation|password|passwd|passphrase|credential|bearer|api[-_]?key|operator[-_]?key|private[-_]?key|enrolment[-_]?token|^token$|^nonce$/i;

/** Texts that are secret by their form: signatures, enrolment tokens, headers, and passwords inside URLs. */
const SECRET_FORMS: readonly { pattern: RegExp; replacement: string }[] = [
  { pattern: /\bv1=[0-9a-f]{64}\b/gi, replacement: `v1=${REDACTED}` },
  { pattern: /\blwt_[0-9a-f]{16}_[0-9a-f]{64}\b/gi, replacement: `lwt_${REDACTED}` },
  { pattern: /\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{4,}/gi, replacement: `$1 ${REDACTED}` },
  {
    pattern: /\b((?:proxy-)?authorization|set-cookie|cookie|x-signature)(["']?\s*[:=]\s*)[^\r\n]+/gi,
    replacement: `$1$2${REDACTED}`,
  },
  { pattern: /(:\/\/)[^/@\s"'<>]*:[^/@\s"'<>]*@/g, replacement: `$1${REDACTED}@` },
];

/** A shorter text would be found by chance inside innocent ones. */
const SHORTEST_SECRET = 6;

/** Takes secrets out of what is logged. */
export interface Redactor {
  /** Registers a value that must appear in no output from now on, in any of its usual encodings. */
  addSecret(value: string): void;
  text(text: string): string;
  fields(fields: LogFields): LogFields;
}

/** The ways in which one value may stand in a text: as it is, in JSON, in a URL, in Base64. */
function spellings(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const base64 = Buffer.from(value, 'utf8').toString('base64').replace(/=+$/, '');
  return [value, json, encodeURIComponent(value), base64, base64.replaceAll('+', '-').replaceAll('/', '_')];
}

/** A redactor that knows the given secrets and all forms and field names that are secret by themselves. */
export function createRedactor(secrets: readonly string[] = []): Redactor {
  let known: string[] = [];

  function addSecret(value: string): void {
    if (value.length < SHORTEST_SECRET) return;
    // The longest first, so that a secret that contains another one does not leave its rest behind.
    known = [...new Set([...known, ...spellings(value)])].sort((a, b) => b.length - a.length);
  }

  function text(input: string): string {
    let output = input;
    for (const secret of known) output = output.replaceAll(secret, REDACTED);
    for (const { pattern, replacement } of SECRET_FORMS) output = output.replace(pattern, replacement);
    return output;
  }

  function fields(input: LogFields): LogFields {
    return Object.fromEntries(
      Object.entries(input).map(([name, value]) => {
        if (SECRET_NAME.test(name) && (typeof value === 'string' || typeof value === 'number')) return [name, REDACTED];
        return [name, typeof value === 'string' ? text(value) : value];
      }),
    );
  }

  for (const secret of secrets) addSecret(secret);
  return { addSecret, text, fields };
}
