import { isIP } from 'node:net';
import { canonicalAddress } from './address-rules.ts';

/** A host as a page named it: an address however it was spelled, or a name in lower case without a final dot. */
export type Host =
  | { readonly kind: 'address'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'invalid'; readonly text: string };

/** RFC 1035 allows 253 characters; the final dot is one more. */
const MAX_NAME_CHARACTERS = 254;

/** Letters, digits, hyphen and underscore in labels, and what is not ASCII, which becomes its IDNA form. */
const NAME_PATTERN = /^[a-z0-9._\-\u0080-\uffff]+$/i;

/**
 * Reads a host the way that a URL parser does (WHATWG URL, host parsing), so that 127.1, 0x7f.1 and 2130706433 are the
 * address that they reach, full-width and other IDN spellings are the name that they stand for, and what no URL can
 * hold is invalid.
 */
export function readHost(text: string): Host {
  if (isIP(text) !== 0) {
    const address = canonicalAddress(text);
    return address === null ? { kind: 'invalid', text } : { kind: 'address', text: address };
  }
  if (text.length > MAX_NAME_CHARACTERS || !NAME_PATTERN.test(text)) return { kind: 'invalid', text };
  let name: string;
  try {
    name = new URL(`http://${text}/`).hostname;
  } catch {
    return { kind: 'invalid', text };
  }
  if (isIP(name) === 4) return { kind: 'address', text: name };
  if (name.endsWith('.')) name = name.slice(0, -1);
  const isName = name !== '' && name.split('.').every((label) => label !== '' && label.length <= 63);
  return isName ? { kind: 'name', text: name } : { kind: 'invalid', text };
}

/** Endings of names that only mean something on this machine or in the network around it. */
const LOCAL_ENDINGS: readonly [ending: string, rule: 'loopback' | 'local_name'][] = [
  // RFC 6761
  ['localhost', 'loopback'],
  ['localhost.localdomain', 'loopback'],
  ['localhost6', 'loopback'],
  ['ip6-localhost', 'loopback'],
  ['ip6-loopback', 'loopback'],
  // RFC 6762: a look-up is a question to everybody in the network.
  ['local', 'local_name'],
  // RFC 8375
  ['home.arpa', 'local_name'],
  // Reserved by ICANN for private use in 2024.
  ['internal', 'local_name'],
];

/** The rule by which a name is refused without being looked up, or null. Names of one label mean a neighbour, too. */
export function localNameRule(name: string): 'loopback' | 'local_name' | null {
  for (const [ending, rule] of LOCAL_ENDINGS) {
    if (name === ending || name.endsWith(`.${ending}`)) return rule;
  }
  return name.includes('.') ? null : 'local_name';
}

/** A host as it can be shown: Chromium only sends what a URL can hold, but any program may find the port. */
export function printableHost(text: string): string {
  return text.slice(0, MAX_NAME_CHARACTERS).replace(/[^\x21-\x7e]/g, '?');
}
