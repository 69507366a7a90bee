import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { blobStatusResponse, putBlobQuery, putBlobResponse } from '../main/protocol/blobs.ts';
import { enrolRequest, enrolResponse, rotateSecretRequest, rotateSecretResponse } from '../main/protocol/enrolment.ts';
import { ERROR_CODES, errorDefinition } from '../main/protocol/error-table.ts';
import { goodbyeRequest, goodbyeResponse } from '../main/protocol/goodbye.ts';
import { handshakeRequest, handshakeResponse } from '../main/protocol/handshake.ts';
import { heartbeatRequest, heartbeatResponse } from '../main/protocol/heartbeat.ts';
import { hubErrorBody, HUB_ERRORS, type HubErrorCode } from '../main/protocol/hub-errors.ts';
import { leaveRequest, leaveResponse } from '../main/protocol/leave.ts';
import { requestWorkRequest, requestWorkResponse } from '../main/protocol/request-work.ts';
import { submitResultRequest, submitResultResponse } from '../main/protocol/results.ts';
import { FIELD_MEANINGS } from './protocol-field-meanings.ts';
import { describeLimits, describeType, fieldsOf } from './schema-fields.ts';
import { fillMarkers } from './document-markers.ts';
import { parseSignatureVectors, renderVector } from './signature-vectors.ts';

/**
 * Writes the tables of `docs/protocol.md` from the schemas, the tables of errors from their definitions and the test
 * vectors from their file, each between its markers. With `--check` it writes nothing and fails when one is out of date.
 */
const DOCUMENT = fileURLToPath(new URL('../docs/protocol.md', import.meta.url));
const VECTORS = fileURLToPath(new URL('../test/fixtures/signature-vectors.json', import.meta.url));

/** Every message of the protocol, by the name that its marker in the document has. */
export const MESSAGES: Record<string, z.ZodType> = {
  enrolRequest,
  enrolResponse,
  rotateSecretRequest,
  rotateSecretResponse,
  handshakeRequest,
  handshakeResponse,
  requestWorkRequest,
  requestWorkResponse,
  heartbeatRequest,
  heartbeatResponse,
  blobStatusResponse,
  putBlobQuery,
  putBlobResponse,
  submitResultRequest,
  submitResultResponse,
  goodbyeRequest,
  goodbyeResponse,
  leaveRequest,
  leaveResponse,
  hubErrorBody,
};

/** What an agent does on a code whose status alone does not say it. */
const REACTIONS: Partial<Record<HubErrorCode, string>> = {
  unknown_worker: 'unsigned, so not believed: shown to the host and tried again, slowly',
  bad_signature: 'unsigned, so not believed: shown to the host and tried again, slowly',
  revoked_worker: 'stops working for this hub and says so',
  clock_skew: 'takes over the hub’s time and tries once more',
  nonce_reused: 'tries again with a new nonce',
  session_unknown: 'shakes hands again, then goes on',
  superseded: 'stops: another start of it is at work',
  already_stored: 'success',
  lease_lost: 'ends the delivery and keeps the result locally',
  blobs_missing: 'uploads the missing blobs, then submits again',
  blob_mismatch: 'uploads again from offset 0',
  offset_mismatch: 'goes on at `details.offset`',
  unauthorized: '(operator API only)',
};

function reaction(code: HubErrorCode): string {
  const { status } = HUB_ERRORS[code];
  const byStatus = status === 429 || status >= 500 ? 'retries with back-off' : 'final: shown, not tried again';
  return REACTIONS[code] ?? byStatus;
}

function row(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function table(head: string[], rows: string[][]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

function messageTable(name: string, schema: z.ZodType, usedMeanings: Set<string>): string {
  const rows = fieldsOf(z.toJSONSchema(schema, { io: name === 'putBlobQuery' ? 'output' : 'input' })).map((field) => {
    const key = `${name}.${field.path}`;
    const meaning = FIELD_MEANINGS[key] ?? field.schema.description;
    if (FIELD_MEANINGS[key] !== undefined) usedMeanings.add(key);
    if (meaning === undefined) throw new Error(`build/protocol-field-meanings.ts lacks ${key}`);
    const required = field.required ? 'yes' : 'no';
    return [`\`${field.path}\``, describeType(field.schema), required, describeLimits(field.schema), meaning];
  });
  return table(['field', 'type', 'required', 'limits', 'meaning'], rows);
}

/** The content of every marker of the document, by name. */
export function renderProtocolTables(vectorsJson: string): Map<string, string> {
  const usedMeanings = new Set<string>();
  const tables = new Map(
    Object.entries(MESSAGES).map(([name, schema]) => [name, messageTable(name, schema, usedMeanings)]),
  );
  const unused = Object.keys(FIELD_MEANINGS).filter((key) => !usedMeanings.has(key));
  if (unused.length > 0) throw new Error(`build/protocol-field-meanings.ts has no field for ${unused.join(', ')}`);
  const hubCodes = Object.keys(HUB_ERRORS) as HubErrorCode[];
  tables.set(
    'hubErrors',
    table(
      ['status', 'code', 'meaning', 'the agent'],
      hubCodes.map((code) => [
        String(HUB_ERRORS[code].status),
        `\`${code}\``,
        HUB_ERRORS[code].meaning,
        reaction(code),
      ]),
    ),
  );
  tables.set(
    'taskErrors',
    table(
      ['code', 'class', 'tried again', 'meaning'],
      ERROR_CODES.map((code) => {
        const definition = errorDefinition(code);
        return [`\`${code}\``, definition.class, definition.retry === 'backoff' ? 'yes' : 'no', definition.message];
      }),
    ),
  );
  tables.set('signatureVectors', parseSignatureVectors(vectorsJson).map(renderVector).join('\n\n'));
  return tables;
}

/** The document with all its marked parts renewed. */
export function renewProtocolDocument(document: string, vectorsJson: string): string {
  return fillMarkers(document, renderProtocolTables(vectorsJson));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const current = readFileSync(DOCUMENT, 'utf8');
  const renewed = renewProtocolDocument(current, readFileSync(VECTORS, 'utf8'));
  if (renewed === current) {
    console.log('docs/protocol.md: the tables are up to date');
  } else if (process.argv.includes('--check')) {
    console.error('docs/protocol.md: the tables are out of date; run node build/write-protocol-tables.ts');
    process.exitCode = 1;
  } else {
    writeFileSync(DOCUMENT, renewed);
    console.log('docs/protocol.md: tables written');
  }
}
