import { describe, expect, it } from 'vitest';
import { productTokens, RobotsRules } from '../../../main/browser/robots/robots-rules.ts';

function lineFor(text: string, path: string): number | null {
  return new RobotsRules(text).ruleFor(new URL(path, 'https://example.org'))?.line ?? null;
}

function allows(text: string, path: string): boolean {
  return new RobotsRules(text).ruleFor(new URL(path, 'https://example.org'))?.allow ?? true;
}

describe('which rule decides (RFC 9309, 2.2.2)', () => {
  const rules = (...lines: string[]): string => ['User-agent: *', ...lines].join('\n');

  it.each([
    ['the longest one', rules('Allow: /a', 'Disallow: /a/b'), '/a/b/c', false],
    ['the longest one, in whatever order', rules('Disallow: /a/b', 'Allow: /a'), '/a/b/c', false],
    ['that which allows, of equally long ones', rules('Disallow: /a', 'Allow: /a'), '/a', true],
    ['none: allowed', rules('Disallow: /a'), '/b', true],
    ['an empty one decides nothing', rules('Disallow:'), '/a', true],
    ['the file itself is always allowed', rules('Disallow: /'), '/robots.txt', true],
    ['paths are case-sensitive', rules('Disallow: /A'), '/a', true],
    ['* in the middle', rules('Disallow: /a/*/c'), '/a/b/b/c/d', false],
    ['* that matches nothing', rules('Disallow: /a*b'), '/ab', false],
    ['* at the end changes nothing', rules('Disallow: /a*'), '/abc', false],
    ['several *', rules('Disallow: /*a*a*b$'), '/xaxaxb', false],
    ['several * that cannot share', rules('Disallow: /*aa*aa$'), '/aaa', true],
    ['$ ends the path', rules('Disallow: /*.php$'), '/index.php', false],
    ['$ ends the path, query included', rules('Disallow: /*.php$'), '/index.php?a', true],
    ['$ in the middle is a character', rules('Disallow: /a$b'), '/a$bc', false],
    ['the query counts', rules('Disallow: /*?session='), '/a?session=1', false],
    [
      'escapes of unreserved characters are the characters',
      rules('Disallow: /foo/bar/%62%61%7A'),
      '/foo/bar/baz',
      false,
    ],
    ['escaped tilde', rules('Disallow: /~joe'), '/%7Ejoe/', false],
    ['escapes of reserved ones are not', rules('Disallow: /a%2fb'), '/a/b', true],
    ['escapes compare without case', rules('Disallow: /a%2fb'), '/a%2Fb', false],
    ['other alphabets', rules('Disallow: /ツ'), '/%E3%83%84', false],
    ['other alphabets in the address', rules('Disallow: /%E3%83%84'), '/ツ', false],
    ['brackets', rules('Disallow: /a[b]'), '/a[b]c', false],
    ['an escaped * is the character (2.2.3)', rules('Disallow: /a-%2A.html'), '/a-*.html', false],
    ['an escaped * is nothing else', rules('Disallow: /a-%2a.html'), '/a-b.html', true],
    ['an escaped $ is the character (2.2.3)', rules('Disallow: /a-%24'), '/a-$b', false],
    ['an escaped $ does not end the path', rules('Disallow: /a-%24'), '/a-', true],
    ['* matches itself, too', rules('Disallow: /a*c'), '/a*c', false],
    ['$ at the end still ends it', rules('Disallow: /a$b$'), '/a$bc', true],
  ])('%s', (_what, text, path, expected) => {
    expect(allows(text, path)).toBe(expected);
  });
});

describe('whose rules count (2.2.1)', () => {
  it.each([
    ['the own ones before those of everybody', 'User-agent: *\nDisallow: /\nUser-agent: legwork\nAllow: /', true],
    ['own ones that say nothing', 'User-agent: *\nDisallow: /\nUser-agent: Legwork\nDisallow:', true],
    ['case, version', 'User-Agent: LEGWORK/2.0\nDisallow: /x', false],
    ['all own groups together', 'User-agent: legwork\nAllow: /\n\nUser-agent: legwork\nDisallow: /x', false],
    ['several names before the rules', 'User-agent: a\nUser-agent: legwork\nUser-agent: b\nDisallow: /x', false],
    ['a name that only begins alike', 'User-agent: legworker\nDisallow: /x', true],
    ['a blank line ends no group', 'User-agent: legwork\n\n\nDisallow: /x', false],
    ['other records between the names', 'User-agent: legwork\nSitemap: /s\nUser-agent: b\nDisallow: /x', false],
    ['other records between the rules', 'User-agent: legwork\nCrawl-delay: 3\nFoo: bar\nDisallow: /x', false],
    ['rules before any name', 'Disallow: /x', true],
    ['CR alone, CRLF', 'User-agent: legwork\rDisallow: /y\r\nDisallow: /x', false],
    ['a byte order mark', '\uFEFFUser-agent: legwork\nDisallow: /x', false],
    ['comments and spaces', '  user-agent : legwork # us\n\tdisallow:/x#y', false],
    ['nonsense', '<html>\n: : :\n\0\nUser-agent legwork\nDisallow /x', true],
  ])('%s', (_what, text, expected) => {
    expect(allows(text, '/x')).toBe(expected);
  });

  it.each([
    ['legwork', ['legwork'], false],
    ['the name that the host has given us', ['legwork', 'mybot'], false],
    ['our own name beside it', ['legwork', 'other'], false],
    ['nobody else', ['mybo'], true],
  ])('mean %s', (_whom, tokens, expected) => {
    const text = 'User-agent: *\nAllow: /\n\nUser-agent: MyBot/2\nUser-agent: legwork\nDisallow: /x';
    expect(new RobotsRules(text, tokens).ruleFor(new URL('https://example.org/x'))?.allow).toBe(expected);
  });

  it.each([
    ['Legwork/0.1', ['legwork']],
    ['MyBot/1.0 (+https://me.example)', ['legwork', 'mybot']],
    ['Acme monitoring', ['legwork', 'acme']],
    ['(nothing)', ['legwork']],
  ])('%s has the names %j', (userAgent, tokens) => {
    expect(productTokens(userAgent)).toEqual(tokens);
  });

  it('names the line of the rule', () => {
    expect(lineFor('# hello\r\n\r\nUser-agent: *\r\nAllow: /\r\nDisallow: /x # not here', '/x/y')).toBe(5);
  });
});

it('a file that is made to be slow is not', () => {
  const startMs = performance.now();
  const stars = `User-agent: *\n${`Disallow: /${'*a'.repeat(60)}b\n`.repeat(4_000)}`;
  expect(allows(stars, `/${'a'.repeat(8_000)}`)).toBe(true);
  expect(allows(`User-agent: *\nDisallow: ${' '.repeat(500_000)}x`, '/x')).toBe(true);
  expect(performance.now() - startMs).toBeLessThan(5_000);
});
