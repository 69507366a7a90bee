/** The name by which Legwork always looks for its own rules, a product token of RFC 9309. */
const PRODUCT_TOKEN = 'legwork';

/**
 * The names that a robots.txt may mean us by: our own, and that which the host of this machine has given us towards
 * sites (RFC 9309, 2.2.1: the product token is part of what is sent as User-Agent).
 */
export function productTokens(userAgent: string): string[] {
  const given = productToken(userAgent.trim());
  return given === '' || given === PRODUCT_TOKEN ? [PRODUCT_TOKEN] : [PRODUCT_TOKEN, given];
}

/** A line of robots.txt that says where somebody may go. */
export interface RobotsRule {
  allow: boolean;
  /** As it stands in the file. */
  text: string;
  /** From 1. */
  line: number;
}

interface ParsedRule extends RobotsRule {
  /** The pattern in the spelling in which paths are compared. */
  pattern: string;
}

/** More of a file is not read: RFC 9309, 2.5, asks for 500 KiB at least. */
export const READ_BYTES = 500 * 1024;
const MAX_RULES = 20_000;
/** A rule that is longer than this matches nothing that is visited. */
const MAX_PATTERN = 2_000;
const MAX_PATH = 8_000;

/**
 * The rules of a robots.txt (RFC 9309) for whoever has these product tokens: those of all groups that name one of them
 * together, or of `*` where none does. Lines that are not understood change nothing (2.2.4), and the file itself may
 * always be fetched (2.2.2).
 */
export class RobotsRules {
  readonly #rules: readonly ParsedRule[];

  /** @param tokens in lower case */
  constructor(text: string, tokens: readonly string[] = [PRODUCT_TOKEN]) {
    const own = parseRules(text, tokens);
    // Those that count most come first, so that the first match decides: the longest, of equal ones that which allows.
    this.#rules = own.sort((a, b) => b.pattern.length - a.pattern.length || Number(b.allow) - Number(a.allow));
  }

  /** The rule that decides about a URL; null when none does, which allows it. */
  ruleFor(url: URL): RobotsRule | null {
    const path = comparable(literally(`${url.pathname}${url.search}`)).slice(0, MAX_PATH);
    if (path === '/robots.txt') return null;
    const rule = this.#rules.find(({ pattern }) => matches(pattern, path));
    return rule === undefined ? null : { allow: rule.allow, text: rule.text, line: rule.line };
  }
}

function parseRules(text: string, tokens: readonly string[]): ParsedRule[] {
  const own: ParsedRule[] = [];
  const everybody: ParsedRule[] = [];
  let isNamed = false;
  let group: string[] = [];
  let isInRules = false;
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const { name, value } = readRecord(line);
    if (name === 'user-agent') {
      if (isInRules) group = [];
      isInRules = false;
      group.push(productToken(value));
      isNamed ||= tokens.some((token) => group.includes(token));
    } else if (name === 'allow' || name === 'disallow') {
      isInRules = true;
      if (value === '' || value.length > MAX_PATTERN) continue;
      const rule = { allow: name === 'allow', pattern: comparablePattern(value), text: line.trim(), line: index + 1 };
      if (tokens.some((token) => group.includes(token)) && own.length < MAX_RULES) own.push(rule);
      if (group.includes('*') && everybody.length < MAX_RULES) everybody.push(rule);
    }
  }
  return isNamed ? own : everybody;
}

/** What stands before and after the first colon, without what is a comment. */
function readRecord(line: string): { name: string; value: string } {
  const comment = line.indexOf('#');
  const record = comment < 0 ? line : line.slice(0, comment);
  const colon = record.indexOf(':');
  return { name: record.slice(0, Math.max(0, colon)).trim().toLowerCase(), value: record.slice(colon + 1).trim() };
}

/** The name without a version or anything else behind it, as sites write it in spite of the rules. */
function productToken(value: string): string {
  return value === '*' ? '*' : (/^[a-z_-]+/i.exec(value)?.[0].toLowerCase() ?? '');
}

/**
 * A path or pattern in one spelling (RFC 9309, 2.2.2): what is not ASCII is percent-encoded, escapes of unreserved
 * characters (RFC 3986, 2.3) are resolved, all others are in upper case.
 */
function comparable(text: string): string {
  return text
    .replaceAll(/[^\u0021-\u007e]+/g, (part) => percentEncoded(part))
    .replaceAll(/%[0-9a-f]{2}/gi, (escape) => {
      const character = String.fromCodePoint(Number.parseInt(escape.slice(1), 16));
      return /[A-Za-z0-9\-._~]/.test(character) ? character : escape.toUpperCase();
    });
}

/** What has a meaning in patterns, as they write it when they mean the character itself (RFC 9309, 2.2.3). */
function literally(text: string): string {
  return text.replaceAll('*', '%2A').replaceAll('$', '%24');
}

/** A pattern in the same spelling: `*` anywhere and `$` at the end keep their meaning. */
function comparablePattern(value: string): string {
  const end = value.endsWith('$') ? '$' : '';
  return comparable(value.slice(0, value.length - end.length).replaceAll('$', '%24')) + end;
}

function percentEncoded(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** Whether a pattern with `*` and a `$` at its end matches the beginning of a path; linear in the path's length. */
function matches(pattern: string, path: string): boolean {
  const isAnchored = pattern.endsWith('$');
  const parts = (isAnchored ? pattern.slice(0, -1) : pattern).split('*');
  const [start = ''] = parts;
  if (!path.startsWith(start)) return false;
  if (parts.length === 1) return !isAnchored || path.length === start.length;
  let position = start.length;
  const last = parts.pop() ?? '';
  for (const part of parts.slice(1)) {
    const found = path.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  if (!isAnchored) return path.indexOf(last, position) >= 0;
  return path.length - last.length >= position && path.endsWith(last);
}
