import { expect, it } from 'vitest';
import { plainText, shorten } from '../../../renderer/format/plain-text.ts';
import { keyLabel, readableUrl, typeLabel } from '../../../renderer/format/words.ts';

it('makes characters visible that would turn or hide text', () => {
  expect(plainText('invoice\u202efdp.exe')).toBe('invoice\\u202efdp.exe');
  expect(plainText('a\u0000b\u200bc\ufeff')).toBe('a\\u0000b\\u200bc\\ufeff');
});

it('leaves letters of any script, tabs and line ends', () => {
  expect(plainText('موقع\tbücher\n日本')).toBe('موقع\tbücher\n日本');
  expect(plainText('a\r\nb')).toBe('a\nb');
});

it('shortens to the length that is asked for', () => {
  expect(shorten('abcdef', 4)).toBe('abc…');
  expect(shorten('abc', 3)).toBe('abc');
});

it('names types and keys that it does not know', () => {
  expect(typeLabel('crawl_site')).toBe('Crawl site');
  expect(keyLabel('basicAuth')).toBe('Basic auth');
  expect(keyLabel('hubUrl')).toBe('Hub URL');
});

it('takes only the protocol and an empty path from an address', () => {
  expect(readableUrl('https://example.org/')).toBe('example.org');
  expect(readableUrl('http://example.org/a/?b=1')).toBe('example.org/a/?b=1');
});
