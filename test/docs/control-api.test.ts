import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { renewControlDocument } from '../../build/write-control-tables.ts';
import { CONTROL_CALLS } from '../../main/agent/control-api/call-definitions.ts';
import { HEALTH_CODES } from '../../main/agent/control-api/messages.ts';
import { canonicalRequest, canonicalResponse } from '../../main/protocol/canonical-string.ts';
import { signRequest, signResponse } from '../../main/protocol/signature.ts';

const document = readFileSync(fileURLToPath(new URL('../../docs/control-api.md', import.meta.url)), 'utf8');

/** The text blocks of the worked example: the request, then the answer. */
const [request = '', answer = ''] = [...document.matchAll(/```text\n([\s\S]*?)```/g)].map(([, text]) => text ?? '');

function field(block: string, name: string): string {
  const value = new RegExp(`^${name} +(.+)$`, 'm').exec(block)?.[1];
  if (value === undefined) throw new Error(`The example has no ${name}.`);
  return value;
}

function canonicalOf(block: string): string {
  return /canonical string of the \w+:\n((?:.+\n){6})/.exec(block)?.[1]?.trimEnd() ?? '';
}

describe('the worked example', () => {
  const key = field(request, 'key');
  const common = (block: string) => ({
    timestamp: Number(field(block, 'X-Timestamp')),
    nonce: field(block, 'X-Nonce'),
    body: Buffer.from(field(block, 'body')),
  });

  it('of a request is right, and fits its call', () => {
    const { method, path: pathAndQuery, body } = CONTROL_CALLS.pause;
    const parts = { ...common(request), method, pathAndQuery };
    expect(canonicalOf(request)).toBe(canonicalRequest(parts));
    expect(field(request, 'X-Signature')).toBe(signRequest(key, parts));
    expect(body.safeParse(JSON.parse(parts.body.toString())).success).toBe(true);
  });

  it('of an answer is right, and fits its call', () => {
    const parts = { ...common(answer), status: 200, requestNonce: field(request, 'X-Nonce') };
    expect(canonicalOf(answer)).toBe(canonicalResponse(parts));
    expect(field(answer, 'X-Signature')).toBe(signResponse(key, parts));
    expect(CONTROL_CALLS.pause.answer.safeParse(JSON.parse(parts.body.toString())).success).toBe(true);
  });
});

it('its tables are those of the program', () => {
  expect(renewControlDocument(document)).toBe(document);
});

it('every problem that health knows is explained', () => {
  for (const code of HEALTH_CODES) expect(document).toMatch(new RegExp(`^\\| \`${code}\` +\\| \\S`, 'm'));
});
