import { AccessRules } from '../../protocol/network/access-rules.ts';
import { AllowList } from '../../protocol/network/allow-list.ts';
import { BlockedHosts } from '../../protocol/network/blocked-hosts.ts';
import { OwnNetworks } from '../../protocol/network/own-networks.ts';
import { describeRefusal } from '../../protocol/network/refusal.ts';
import { CachedResolver, systemResolver, type Resolver } from '../../protocol/network/resolver.ts';
import type { Clock } from '../../protocol/ports.ts';

const RESOLVE_TIMEOUT_MS = 10_000;

/** Where a webhook may be sent: exactly these addresses, or why not. */
export type ReceiverVerdict =
  | { readonly kind: 'allowed'; readonly addresses: readonly string[] }
  | { readonly kind: 'refused' | 'not_resolved'; readonly problem: string };

/**
 * Which receivers webhooks are sent to. Their addresses come with jobs, so the rules for pages hold for them too: public
 * hosts on the ports of web sites, and what whoever runs the hub has opened. Public addresses of the hub's own network
 * are not held back, as they are from pages in somebody's home: an operator's site often stands beside the hub.
 */
export class ReceiverAccess {
  readonly #rules: AccessRules;

  /** @param allowed entries of an allow list, such as `127.0.0.1:8000` @throws AllowListError */
  constructor(allowed: readonly string[], clock: Clock, resolve: Resolver = systemResolver) {
    const resolver = new CachedResolver({ resolve, clock, keepMs: 0, timeoutMs: RESOLVE_TIMEOUT_MS });
    this.#rules = new AccessRules({
      allowList: new AllowList(allowed),
      blockedHosts: new BlockedHosts([]),
      hub: null,
      ownNetworks: new OwnNetworks(clock, () => ({})),
      resolve: (name) => resolver.resolve(name),
      isOwnPort: () => false,
    });
  }

  /** Never rejects. */
  async judge(url: URL): Promise<ReceiverVerdict> {
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    const access = await this.#rules.judge(url.hostname.replace(/^\[(.*)\]$/, '$1'), port);
    if (access.kind === 'allowed') return { kind: 'allowed', addresses: access.addresses };
    if (access.kind === 'not_resolved')
      return { kind: 'not_resolved', problem: `${access.host} could not be resolved.` };
    return { kind: 'refused', problem: `${describeRefusal(access.refusal)}; --allowed-webhook-hosts opens hosts.` };
  }
}
