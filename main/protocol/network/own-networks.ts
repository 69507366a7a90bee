import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import ipaddr from 'ipaddr.js';
import type { Clock } from '../ports.ts';

/** Where the machine's network cards are read from; `os.networkInterfaces` in programs. */
export type ReadInterfaces = () => NodeJS.Dict<NetworkInterfaceInfo[]>;

/** A machine that changes its network is noticed after this long. */
const REFRESH_MS = 10_000;

/** A wider network than this is a provider's, not an office's; in it only the machine's own address is kept back. */
const WIDEST_PREFIX = { ipv4: 16, ipv6: 48 };

/** Devices of one home share 64 bits of their public IPv6 addresses, whatever length the card itself was given. */
const HOME_PREFIX_IPV6 = 64;

interface Networks {
  readonly addresses: ReadonlySet<string>;
  readonly ranges: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];
}

/**
 * The networks that this machine stands in. With IPv6, and in offices with addresses of their own, the devices around
 * it have addresses that look public, yet from here no router's firewall stands before them.
 */
export class OwnNetworks {
  readonly #read: ReadInterfaces;
  readonly #clock: Clock;
  #networks: Networks = { addresses: new Set(), ranges: [] };
  #readAtMs = -Infinity;

  constructor(clock: Clock, read: ReadInterfaces = networkInterfaces) {
    this.#clock = clock;
    this.#read = read;
  }

  /** Whether the address is one of this machine's network cards, or in the same network as one. */
  contains(address: string): boolean {
    const { addresses, ranges } = this.#current();
    if (addresses.has(address)) return true;
    const parsed = ipaddr.parse(address);
    return ranges.some((range) => range[0].kind() === parsed.kind() && parsed.match(range));
  }

  /** Whether the address is this machine's own. */
  isOwnAddress(address: string): boolean {
    return this.#current().addresses.has(address);
  }

  #current(): Networks {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#readAtMs >= REFRESH_MS) {
      this.#readAtMs = nowMs;
      this.#networks = readNetworks(this.#read());
    }
    return this.#networks;
  }
}

function readNetworks(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): Networks {
  const addresses = new Set<string>();
  const ranges: [ipaddr.IPv4 | ipaddr.IPv6, number][] = [];
  for (const { address, cidr, internal } of Object.values(interfaces).flatMap((entries) => entries ?? [])) {
    const plain = address.replace(/%.*$/, '');
    if (!ipaddr.isValid(plain)) continue;
    const parsed = ipaddr.parse(plain);
    addresses.add(parsed.toString());
    const prefix = Number(cidr?.split('/')[1] ?? NaN);
    if (internal || Number.isNaN(prefix) || prefix < WIDEST_PREFIX[parsed.kind()]) continue;
    ranges.push([parsed, parsed.kind() === 'ipv6' ? Math.min(prefix, HOME_PREFIX_IPV6) : prefix]);
  }
  return { addresses, ranges };
}
