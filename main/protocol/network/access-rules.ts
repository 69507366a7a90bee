import { canonicalAddress, judgeAddress } from './address-rules.ts';
import type { AllowList } from './allow-list.ts';
import type { BlockedHosts } from './blocked-hosts.ts';
import { localNameRule, printableHost, readHost } from './host-name.ts';
import type { OwnNetworks } from './own-networks.ts';
import { isNeverPort, isWebPort } from './port-rules.ts';
import type { Refusal, RefusalRule } from './refusal.ts';

/** What a page may connect to: exactly these addresses, in this order; or nothing, and why. */
export type Access =
  | { readonly kind: 'allowed'; readonly host: string; readonly port: number; readonly addresses: readonly string[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'not_resolved'; readonly host: string; readonly port: number };

/** A host and port of the machine's own programs or of the hub. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface AccessRulesOptions {
  readonly allowList: AllowList;
  readonly blockedHosts: BlockedHosts;
  readonly hub: Endpoint | null;
  readonly ownNetworks: OwnNetworks;
  /** Every address of a name. @throws any Error */
  readonly resolve: (name: string) => Promise<readonly string[]>;
  /** Whether a port of this machine belongs to Legwork itself. */
  readonly isOwnPort: (port: number) => boolean;
}

/** Reads where the hub is. @throws Error when the text is neither a URL nor `host:port` */
export function readEndpoint(text: string): Endpoint {
  const url = new URL(text.includes('://') ? text : `http://${text}`);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const host = readHost(url.hostname.replace(/^\[|\]$/g, ''));
  if (host.kind === 'invalid') throw new Error(`"${text}" names no host.`);
  return { host: host.text, port };
}

/** Addresses that nothing can open: they are nobody's, or everybody's. */
const NEVER_OPENED: ReadonlySet<RefusalRule> = new Set(['invalid', 'zone', 'unspecified', 'multicast', 'broadcast']);

/** Decides about every connection of every page: names are looked up here, and nowhere else. */
export class AccessRules {
  readonly #options: AccessRulesOptions;

  constructor(options: AccessRulesOptions) {
    this.#options = options;
  }

  /** Never rejects. @param target the host as Chromium sent it: a name, or an address in any spelling */
  async judge(target: string, port: number): Promise<Access> {
    const host = readHost(target);
    const refuse = (rule: RefusalRule, address: string | null = null): Access => ({
      kind: 'refused',
      refusal: { host: printableHost(host.text), address, port, rule },
    });
    if (host.kind === 'invalid') return refuse(host.text.includes('%') ? 'zone' : 'invalid_name');
    if (this.#options.blockedHosts.blocks(host.text)) return refuse('blocked_host');
    if (isNeverPort(port)) return refuse('port', host.kind === 'address' ? host.text : null);
    const { allowList, hub } = this.#options;
    if (hub !== null && hub.port === port && hub.host === host.text) return refuse('hub');
    const isNameOpen = host.kind === 'name' && allowList.opensName(host.text, port);
    if (host.kind === 'name' && !allowList.opensName(host.text, null)) {
      const rule = localNameRule(host.text);
      if (rule !== null) return refuse(rule);
    }
    let addresses: readonly string[];
    try {
      addresses = host.kind === 'address' ? [host.text] : await this.#options.resolve(host.text);
    } catch {
      return { kind: 'not_resolved', host: host.text, port };
    }
    for (const address of addresses) {
      const rule = await this.#refusalRule(address, port, isNameOpen);
      if (rule !== null) return refuse(rule, address);
    }
    return { kind: 'allowed', host: host.text, port, addresses: addresses.map((one) => canonicalAddress(one) ?? one) };
  }

  async #refusalRule(address: string, port: number, isNameOpen: boolean): Promise<RefusalRule | null> {
    const { allowList, ownNetworks, isOwnPort } = this.#options;
    const canonical = canonicalAddress(address);
    if (canonical === null) return 'zone';
    const judged = judgeAddress(address);
    const isOpen = isNameOpen || allowList.opensAddress(canonical, port);
    const addressRule = judged.allowed ? (ownNetworks.contains(canonical) ? 'own_network' : null) : judged.rule;
    if (addressRule !== null && (!isOpen || NEVER_OPENED.has(ruleOfCanonical(canonical, addressRule)))) {
      return addressRule;
    }
    if (!isWebPort(port) && !isOpen && !allowList.opensPublicPort(port)) return 'port';
    if (addressRule !== null && this.#isThisMachine(canonical) && isOwnPort(port)) return 'own_port';
    return (await this.#isHub(canonical, port, addressRule === null)) ? 'hub' : null;
  }

  /**
   * Whether what was opened to pages leads to the hub after all. In public, many sites share an address: there, a hub that
   * has a name is known by it alone.
   */
  async #isHub(address: string, port: number, isPublic: boolean): Promise<boolean> {
    const { hub, resolve } = this.#options;
    if (hub === null || hub.port !== port) return false;
    const host = readHost(hub.host);
    if (isPublic && host.kind === 'name') return false;
    const addresses = host.kind === 'address' ? [host.text] : await resolve(host.text).catch(() => null);
    // While nobody can say where the hub is, it may be here.
    if (addresses === null) return true;
    const canonical = addresses.map((one) => canonicalAddress(one) ?? one);
    if (canonical.includes(address)) return true;
    return this.#isThisMachine(address) && canonical.some((one) => this.#isThisMachine(one));
  }

  #isThisMachine(address: string): boolean {
    const judged = judgeAddress(address);
    return (!judged.allowed && judged.rule === 'loopback') || this.#options.ownNetworks.isOwnAddress(address);
  }
}

/** The rule of the address inside an IPv4-mapped one, since that is what would be dialled. */
function ruleOfCanonical(canonical: string, rule: RefusalRule): RefusalRule {
  const judged = judgeAddress(canonical);
  return judged.allowed ? rule : judged.rule;
}
