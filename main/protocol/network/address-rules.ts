import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Why an address is none of the public internet's. */
export type AddressRule =
  | 'invalid'
  | 'zone'
  | 'unspecified'
  | 'loopback'
  | 'private'
  | 'link_local'
  | 'carrier_nat'
  | 'unique_local'
  | 'metadata'
  | 'multicast'
  | 'broadcast'
  | 'documentation'
  | 'benchmarking'
  | 'reserved'
  | 'mapped'
  | 'compatible'
  | 'nat64'
  | 'six_to_four'
  | 'teredo'
  | 'isatap';

export type AddressVerdict = { readonly allowed: true } | { readonly allowed: false; readonly rule: AddressRule };

const ALLOWED: AddressVerdict = { allowed: true };

/**
 * What is not public in IPv4: the IANA IPv4 Special-Purpose Address Registry (RFC 6890 and its updates), multicast
 * (RFC 5771), and the address at which Azure answers its virtual machines, which looks public. The first match wins.
 */
const IPV4_RANGES: readonly [range: string, rule: AddressRule][] = [
  ['0.0.0.0/8', 'unspecified'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'carrier_nat'],
  ['127.0.0.0/8', 'loopback'],
  ['168.63.129.16/32', 'metadata'],
  ['169.254.0.0/16', 'link_local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', 'reserved'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['255.255.255.255/32', 'broadcast'],
  ['240.0.0.0/4', 'reserved'],
];

/**
 * What is not public in IPv6: the IANA IPv6 Special-Purpose Address Registry, and everything outside of the global
 * unicast space 2000::/3 (RFC 4291). The forms that carry an IPv4 address are read before.
 */
const IPV6_RANGES: readonly [range: string, rule: AddressRule][] = [
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::/96', 'compatible'],
  // Translated by the network of whoever runs it; where in it the IPv4 address stands is theirs to choose (RFC 8215).
  ['64:ff9b:1::/48', 'nat64'],
  ['fc00::/7', 'unique_local'],
  ['fe80::/10', 'link_local'],
  ['fec0::/10', 'private'],
  ['ff00::/8', 'multicast'],
  ['2001:2::/48', 'benchmarking'],
  ['2001:db8::/32', 'documentation'],
  ['3fff::/20', 'documentation'],
  ['2001::/23', 'reserved'],
];

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** Forms of IPv6 that carry IPv4 addresses: which bytes, and whether they are stored inverted. */
const CARRIERS: readonly { range: string; rule: AddressRule; offsets: readonly number[]; inverted?: number }[] = [
  // RFC 4291, section 2.5.5.2
  { range: '::ffff:0:0/96', rule: 'mapped', offsets: [12] },
  // RFC 2765
  { range: '::ffff:0:0:0/96', rule: 'mapped', offsets: [12] },
  // RFC 6052
  { range: '64:ff9b::/96', rule: 'nat64', offsets: [12] },
  // RFC 3056
  { range: '2002::/16', rule: 'six_to_four', offsets: [2] },
  // RFC 4380: the server, and the client's address inverted
  { range: '2001::/32', rule: 'teredo', offsets: [4, 12], inverted: 12 },
];

const ipv4Ranges = IPV4_RANGES.map(([range, rule]) => ({ range: ipaddr.IPv4.parseCIDR(range), rule }));
const ipv6Ranges = IPV6_RANGES.map(([range, rule]) => ({ range: ipaddr.IPv6.parseCIDR(range), rule }));
const carriers = CARRIERS.map((carrier) => ({ ...carrier, range: ipaddr.IPv6.parseCIDR(carrier.range) }));

/**
 * Whether an address belongs to the public internet. An address that carries another one (IPv4-mapped, NAT64, 6to4,
 * Teredo, ISATAP) is refused whenever the one inside would be.
 * @param address IPv4 as four decimal numbers, or IPv6; any other spelling is `invalid`
 */
export function judgeAddress(address: string): AddressVerdict {
  if (isIPv4(address)) return verdict(ruleOfIPv4(ipaddr.IPv4.parse(address)));
  if (address.includes('%')) return verdict('zone');
  if (!isIPv6(address)) return verdict('invalid');
  return verdict(ruleOfIPv6(parseIPv6(address)));
}

/** An address in the one spelling that addresses are compared in; IPv4-mapped IPv6 becomes IPv4. Null for anything else. */
export function canonicalAddress(address: string): string | null {
  if (isIPv4(address)) return address;
  if (address.includes('%') || !isIPv6(address)) return null;
  const parsed = parseIPv6(address);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toString();
}

/** ipaddr.js takes `::1.2.3.4` for `::ffff:1.2.3.4`, which is not what would be dialled; in hexadecimal it does not. */
function parseIPv6(address: string): ipaddr.IPv6 {
  return ipaddr.IPv6.parse(new URL(`http://[${address}]/`).hostname.slice(1, -1));
}

function verdict(rule: AddressRule | null): AddressVerdict {
  return rule === null ? ALLOWED : { allowed: false, rule };
}

function ruleOfIPv4(address: ipaddr.IPv4): AddressRule | null {
  return ipv4Ranges.find(({ range }) => address.match(range))?.rule ?? null;
}

function ruleOfIPv6(address: ipaddr.IPv6): AddressRule | null {
  const bytes = address.toByteArray();
  for (const { range, rule, offsets, inverted } of carriers) {
    if (!address.match(range)) continue;
    const isPublic = offsets.every((offset) => ruleOfIPv4(embedded(bytes, offset, offset === inverted)) === null);
    return isPublic ? null : rule;
  }
  const rule = ipv6Ranges.find(({ range }) => address.match(range))?.rule;
  if (rule !== undefined) return rule;
  if (!address.match(GLOBAL_UNICAST)) return 'reserved';
  return isIsatap(bytes) && ruleOfIPv4(embedded(bytes, 12, false)) !== null ? 'isatap' : null;
}

function embedded(bytes: readonly number[], offset: number, inverted: boolean): ipaddr.IPv4 {
  const four = bytes.slice(offset, offset + 4);
  return new ipaddr.IPv4(inverted ? four.map((byte) => byte ^ 0xff) : four);
}

/** RFC 5214: an interface identifier of 0000:5efe or 0200:5efe is followed by an IPv4 address. */
function isIsatap(bytes: readonly number[]): boolean {
  return ((bytes[8] ?? 0) | 2) === 2 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
}
