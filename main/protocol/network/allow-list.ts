import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { readHost } from './host-name.ts';
import { isNeverPort, isWebPort } from './port-rules.ts';

/** What an entry is about: a name, all names below one, a range of addresses, or every public host. */
type Subject =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'names_below'; readonly suffix: string }
  | { readonly kind: 'range'; readonly range: [ipaddr.IPv4 | ipaddr.IPv6, number] }
  | { readonly kind: 'any_public_host' };

/** Which ports an entry opens: those that web sites use, one more, or all that are not dangerous. */
type Ports = 'web' | 'all' | number;

interface Entry {
  readonly subject: Subject;
  readonly ports: Ports;
}

/** A range wider than these is a slip of the pen, not an intranet. */
const WIDEST_PREFIX = { ipv4: 8, ipv6: 7 };

/** An entry of the allow list that cannot be read; the message names it and says what would be right. */
export class AllowListError extends Error {
  readonly entry: string;

  constructor(entry: string, problem: string) {
    super(`"${entry}" ${problem}`);
    this.name = 'AllowListError';
    this.entry = entry;
  }
}

/**
 * The hosts and ranges that the host of this machine has opened to pages although they are not public.
 *
 * | entry | opens |
 * |---|---|
 * | `intranet.example` | that name, whatever address it has |
 * | `*.staging.example` | every name below it, not the name itself |
 * | `10.1.0.0/16`, `192.168.1.5`, `[fd00::5]`, `fd00::/64` | those addresses, however a page gets to them |
 * | `*:3000` | one more port on public hosts, and nothing private |
 *
 * An entry may end with a port, or with `:*` for all ports but those that are never reached; without, it opens the ports
 * of web sites (80, 443, 8080, 8443). IPv6 is written in brackets when a port follows.
 */
export class AllowList {
  readonly #entries: readonly Entry[];

  /** @throws AllowListError for the first entry that cannot be read */
  constructor(texts: readonly string[]) {
    this.#entries = texts.map((text) => parseEntry(text));
  }

  /** Whether the name is opened, with whatever address it has; null: on any port. */
  opensName(name: string, port: number | null): boolean {
    return this.#entries.some((entry) => isOpen(entry.ports, port) && matchesName(entry.subject, name));
  }

  /** Whether the address is opened, however it was come by. */
  opensAddress(address: string, port: number): boolean {
    const parsed = ipaddr.parse(address);
    return this.#entries.some((entry) => isOpen(entry.ports, port) && matchesAddress(entry.subject, parsed));
  }

  /** Whether the port is opened for every public host. */
  opensPublicPort(port: number): boolean {
    return this.#entries.some(({ subject, ports }) => subject.kind === 'any_public_host' && isOpen(ports, port));
  }
}

function isOpen(ports: Ports, port: number | null): boolean {
  if (port === null) return true;
  if (isNeverPort(port)) return false;
  return ports === 'all' || ports === port || (ports === 'web' && isWebPort(port));
}

function matchesName(subject: Subject, name: string): boolean {
  if (subject.kind === 'name') return subject.name === name;
  return subject.kind === 'names_below' && name.endsWith(subject.suffix);
}

function matchesAddress(subject: Subject, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return subject.kind === 'range' && subject.range[0].kind() === address.kind() && address.match(subject.range);
}

function parseEntry(text: string): Entry {
  const trimmed = text.trim();
  if (trimmed === '') throw new AllowListError(text, 'is empty; write a host name or a range such as 10.1.0.0/16.');
  if (trimmed.includes('://')) {
    throw new AllowListError(text, 'is a URL; write only its host, such as intranet.example or intranet.example:8081.');
  }
  const { host, port } = splitPort(trimmed);
  const ports = parsePorts(text, port);
  if (host === '*') {
    if (typeof ports !== 'number') {
      throw new AllowListError(text, 'would open everything; write hosts, or one port for all hosts such as *:3000.');
    }
    return { subject: { kind: 'any_public_host' }, ports };
  }
  return { subject: parseSubject(text, host), ports };
}

/** Splits `host`, `host:port`, `[v6]`, `[v6]:port`; an IPv6 address without brackets has no port. */
function splitPort(text: string): { host: string; port: string | null } {
  const bracketed = /^\[([^\]]*)\](\/\d+)?(?::(.*))?$/.exec(text);
  if (bracketed !== null) return { host: `${bracketed[1]}${bracketed[2] ?? ''}`, port: bracketed[3] ?? null };
  const colon = text.indexOf(':');
  if (colon === -1 || text.includes(':', colon + 1)) return { host: text, port: null };
  return { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

function parsePorts(text: string, port: string | null): Ports {
  if (port === null) return 'web';
  if (port === '*') return 'all';
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535) throw new AllowListError(text, 'has a port that is not a number from 1 to 65535.');
  if (isNeverPort(number)) throw new AllowListError(text, `names port ${number}, which is never opened to pages.`);
  return number;
}

function parseSubject(text: string, host: string): Subject {
  if (host.includes('/')) return { kind: 'range', range: parseRange(text, host) };
  if (host.startsWith('*.')) {
    const below = readHost(host.slice(2));
    if (below.kind !== 'name') throw new AllowListError(text, 'is not "*." and a host name.');
    return { kind: 'names_below', suffix: `.${below.text}` };
  }
  const read = readHost(host);
  if (read.kind === 'name') return { kind: 'name', name: read.text };
  if (read.kind === 'invalid') throw new AllowListError(text, 'is neither a host name nor an address nor a range.');
  const address = ipaddr.parse(read.text);
  return { kind: 'range', range: [address, address.kind() === 'ipv4' ? 32 : 128] };
}

function parseRange(text: string, host: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const [base = '', prefix = ''] = host.split('/');
  const read = readHost(base);
  const range = `${read.text}/${prefix}`;
  const isRange = read.kind === 'address' && isIP(base) !== 0 && /^\d+$/.test(prefix) && ipaddr.isValidCIDR(range);
  if (!isRange) throw new AllowListError(text, 'is not a range; write an address and a length, such as 10.1.0.0/16.');
  const parsed = ipaddr.parseCIDR(range);
  const widest = WIDEST_PREFIX[parsed[0].kind()];
  if (parsed[1] < widest) throw new AllowListError(text, `is too wide; the widest range is /${widest}.`);
  return parsed;
}
