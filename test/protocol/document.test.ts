import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fillMarkers } from '../../build/document-markers.ts';
import { MESSAGES, renewProtocolDocument } from '../../build/write-protocol-tables.ts';
import { HUB_ERRORS } from '../../main/protocol/hub-errors.ts';
import { HEADER, MAX_CLOCK_SKEW_SECONDS } from '../../main/protocol/signature.ts';
import { projectFile, VECTORS } from './vectors.ts';

const document = projectFile('docs/protocol.md');
const EXAMPLE = /<!-- example: (\w+) -->\n\n```json\n([\s\S]*?)```/g;
const examples = [...document.matchAll(EXAMPLE)].map(([, name = '', json = '']) => ({ name, json }));

describe('docs/protocol.md', () => {
  it('has the tables that the schemas give, and the vectors of the file', () => {
    const vectors = projectFile('test/fixtures/signature-vectors.json');
    expect(renewProtocolDocument(document, vectors) === document, 'run node build/write-protocol-tables.ts').toBe(true);
  });

  it('shows every vector with its inputs, canonical string and signature', () => {
    for (const vector of VECTORS) {
      const [, section = ''] = document.split(`#### ${vector.name}\n`);
      const [, block = ''] = section.split('```');
      const lines = block.split('\n');
      const about = vector.kind === 'request' ? vector.pathAndQuery : vector.requestNonce;
      const body = vector.bodyText ?? vector.bodyBase64;
      for (const value of [vector.secret, vector.nonce, String(vector.timestamp), about, vector.bodySha256, body]) {
        expect(
          lines.some((line) => line.endsWith(value)),
          `${vector.name}: ${value}`,
        ).toBe(true);
      }
      expect(block).toContain(`\n${vector.canonical}\n`);
      expect(block).toContain(`X-Signature   ${vector.signature}\n`);
    }
  });

  it('has an example of every message but the query, which stands in a path', () => {
    const names = Object.keys(MESSAGES).filter((name) => name !== 'putBlobQuery');
    expect(examples.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });

  it.each(examples)('gives an example of $name that its schema accepts as it is', ({ name, json }) => {
    const example: unknown = JSON.parse(json);
    const parsed = MESSAGES[name]?.safeParse(example);
    expect(parsed?.error).toBeUndefined();
    expect(parsed?.data).toMatchObject(example as object);
    expect(Object.keys(parsed?.data ?? {})).toEqual(expect.arrayContaining(Object.keys(example as object)));
  });

  it('shows an exchange that is signed with the first two vectors', () => {
    for (const name of ['request-json', 'response-json']) {
      const vector = VECTORS.find((candidate) => candidate.name === name);
      expect(document).toContain(
        `${HEADER.timestamp}: ${vector?.timestamp}\n${HEADER.nonce}: ${vector?.nonce}\n${HEADER.signature}: ${vector?.signature}\n`,
      );
    }
  });

  it('names every error code, the permitted skew, and no heading that is not there', () => {
    for (const code of Object.keys(HUB_ERRORS)) expect(document).toContain(`\`${code}\``);
    expect(document).toContain(`at most ${MAX_CLOCK_SKEW_SECONDS} s`);
    const anchors = new Set(
      [...document.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-')),
    );
    for (const [, anchor = ''] of document.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors, anchor).toContain(anchor);
  });

  const php = spawnSync(process.env['PHP'] ?? 'php', ['-n', '-v']).status === 0 ? (process.env['PHP'] ?? 'php') : null;

  it.skipIf(php === null)('has PHP code that gives the signatures of the vectors', () => {
    const [, code = ''] = /<!-- php: signatures -->\n\n```php\n([\s\S]*?)```/.exec(document) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'legwork-php-'));
    try {
      const check = `
        $vectors = json_decode(file_get_contents($argv[1]), true)['vectors'];
        echo json_encode(array_map(function (array $v): array {
            $body = base64_decode($v['bodyBase64']);
            $first = [$v['secret'], (string) $v['timestamp'], $v['nonce']];
            return $v['kind'] === 'request'
                ? [LegworkSignature::ofRequest(...[...$first, $v['method'], $v['pathAndQuery'], $body]),
                   LegworkSignature::isWellFormed($v['workerId'], (string) $v['timestamp'], $v['nonce'], $v['pathAndQuery'])]
                : [LegworkSignature::ofResponse(...[...$first, $v['status'], $v['requestNonce'], $body]), true];
        }, $vectors));`;
      writeFileSync(join(folder, 'check.php'), `${code}\n${check}`);
      const vectors = new URL('../fixtures/signature-vectors.json', import.meta.url).pathname;
      const output = execFileSync(php ?? '', ['-n', join(folder, 'check.php'), vectors], { encoding: 'utf8' });
      expect(JSON.parse(output)).toEqual(VECTORS.map((vector) => [vector.signature, true]));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the markers of a generated part', () => {
  const document = 'a\n<!-- generated: one -->\nold\n<!-- end of generated -->\nb\n';

  it('keep what is around them, and filling twice changes nothing', () => {
    const filled = fillMarkers(document, new Map([['one', '| new $& |']]));
    expect(filled).toContain('| new $& |');
    expect(filled).not.toContain('old');
    expect(filled.startsWith('a\n')).toBe(true);
    expect(filled.endsWith('\nb\n')).toBe(true);
    expect(fillMarkers(filled, new Map([['one', '| new $& |']]))).toBe(filled);
  });

  it('are refused when nothing fills them, and a content without them as well', () => {
    expect(() => fillMarkers(document, new Map())).toThrow('one');
    expect(() =>
      fillMarkers(
        document,
        new Map([
          ['one', ''],
          ['two', ''],
        ]),
      ),
    ).toThrow('two');
  });
});
