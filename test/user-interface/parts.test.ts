import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CallHandlers } from '../../preload/contract.ts';
import { answerCall } from '../../main/user-interface/answer-call.ts';
import { inspectEnrolment } from '../../main/user-interface/enrolment/inspect-enrolment.ts';
import { csvLine } from '../../main/user-interface/export/csv-line.ts';
import { withoutQueries } from '../../main/user-interface/diagnostics/without-addresses.ts';

describe('CSV', () => {
  it.each([
    [['a', 1, null], 'a,1,\r\n'],
    [['with, comma', 'with "quotes"', 'two\nlines'], '"with, comma","with ""quotes""","two\nlines"\r\n'],
    [['=HYPERLINK("http://evil.example")'], `"'=HYPERLINK(""http://evil.example"")"\r\n`],
    [['+1', '-1', '@SUM(A1)', '\tx'], "'+1,'-1,'@SUM(A1),'\tx\r\n"],
    [['\r=1'], `"'\r=1"\r\n`],
    [['\n=1'], `"'\n=1"\r\n`],
    [['＝1', '＋1', '－1', '＠SUM(A1)'], "'＝1,'＋1,'－1,'＠SUM(A1)\r\n"],
    [['a=b', -5], 'a=b,-5\r\n'],
  ])('%j', (values, line) => {
    expect(csvLine(values)).toBe(line);
  });
});

describe('an offer to enrol', () => {
  const token = `lwt_${'0'.repeat(16)}_${'a'.repeat(64)}`;

  it.each([
    ['https://hub.example.org/', 'https://hub.example.org', true],
    ['hub.example.org', 'https://hub.example.org', true],
    ['hub.example.org:8443/base/', 'https://hub.example.org:8443/base', true],
    ['localhost:4000', 'http://localhost:4000', true],
    ['127.0.0.1:4000', 'http://127.0.0.1:4000', true],
    ['http://hub.example.org', 'http://hub.example.org', false],
    [`legwork://enrol?hub=https%3A%2F%2Fhub.example.org&token=${token}`, 'https://hub.example.org', true],
    [`legwork://ENROL?hub=https://hub.example.org&token=${token}`, 'https://hub.example.org', true],
    [` LEGWORK://enrol/?token=${token}&hub=https://hub.example.org `, 'https://hub.example.org', true],
  ])('reads %s', (text, hubUrl, isEncrypted) => {
    expect(inspectEnrolment(text, null)).toMatchObject({ hubUrl, isEncrypted, replaces: null });
  });

  it.each([
    'legwork://enrol',
    'legwork://enrol?hub=https://hub.example.org',
    'legwork://enrol?hub=https://hub.example.org&token=nonsense',
    `legwork://enrol?hub=https://a.example&hub=https://b.example&token=${token}`,
    `legwork://enrol?hub=https://a.example&token=${token}&token=${token}`,
    `legwork://enrol?hub=https://a.example&token=${token}&more=${'x'.repeat(4_000)}`,
    `legwork://other?hub=https://hub.example.org&token=${token}`,
    `legwork://enrol?hub=javascript:alert(1)&token=${token}`,
    `legwork://enrol?hub=file:///etc/passwd&token=${token}`,
    'https://user:password@hub.example.org',
    'ftp://hub.example.org',
    'https://hub.example.org/?a=b',
    '',
    'not a host at all',
  ])('refuses %s in words', (text) => {
    expect(() => inspectEnrolment(text, null)).toThrow(expect.objectContaining({ name: 'UserInterfaceError' }));
  });

  it.each(['', '  ', 'https://', 'http://'])('asks for an address where there is only %j', (text) => {
    expect(() => inspectEnrolment(text, null)).toThrow(/no address/);
  });

  it('names the server that would be left, but not the same one', () => {
    expect(inspectEnrolment('https://b.example', 'https://a.example').replaces).toBe('https://a.example');
    expect(inspectEnrolment('https://a.example/', 'https://a.example').replaces).toBeNull();
  });
});

it('cuts queries and fragments of URLs off, also inside JSON and text', () => {
  expect(withoutQueries('{"url":"https://a.example/x?secret=1","n":"wss://b.example/#x"} http://c.example/y end')).toBe(
    '{"url":"https://a.example/x?…","n":"wss://b.example/?…"} http://c.example/y end',
  );
});

describe('a call that the system refuses', () => {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const save = (path: string) => {
    const handlers = { saveDiagnostics: () => writeFile(path, 'x') } as unknown as CallHandlers;
    return answerCall(handlers, 'saveDiagnostics', null, log);
  };

  it('says what is wrong with the place of a file', async () => {
    const missing = join(tmpdir(), 'a-folder-that-is-not-there', 'file.zip');
    expect(await save(missing)).toEqual({
      failure: { code: 'no_such_place', message: `There is no such place: ${missing}.` },
    });
    expect(await save(tmpdir())).toEqual({
      failure: { code: 'no_such_place', message: `This is a folder: ${tmpdir()}.` },
    });
  });
});
