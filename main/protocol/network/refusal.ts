import type { AddressRule } from './address-rules.ts';

/** The rule by which a connection was refused. Beside the kinds of addresses: */
export type RefusalRule =
  | AddressRule
  /** What was named as the host is no host name. */
  | 'invalid_name'
  /** A name that only means something on this machine or in the network around it. */
  | 'local_name'
  /** A domain that the host of this machine never wants visited. */
  | 'blocked_host'
  /** The port is none of a web site's. */
  | 'port'
  /** A public address in the very network that this machine stands in. */
  | 'own_network'
  /** The hub that this agent works for. */
  | 'hub'
  /** A port of this program itself. */
  | 'own_port'
  /** The task has used up the bytes that it was given. */
  | 'byte_limit'
  /** The browser itself asked, not a task. */
  | 'no_task';

/** A connection that a page was kept from. */
export interface Refusal {
  /** As the page named it, in its canonical spelling. */
  readonly host: string;
  /** The address that broke the rule; null when the name alone did. */
  readonly address: string | null;
  readonly port: number;
  readonly rule: RefusalRule;
}

/** Why a connection that was allowed did not come about. */
export type FailureReason =
  | 'name_not_resolved'
  | 'connection_refused'
  | 'connection_timeout'
  | 'unreachable'
  /** The proxy that this machine has to go through did not make it. */
  | 'upstream_proxy'
  | 'other';

/** What Chromium is not told by a SOCKS proxy: why a host could not be reached. */
export type Unreachable =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'failed'; readonly host: string; readonly port: number; readonly reason: FailureReason };

/** A refusal in one line for a person. */
export function describeRefusal({ host, address, port, rule }: Refusal): string {
  const where = address === null || address === host ? '' : ` (${address})`;
  return `${host.includes(':') ? `[${host}]` : host}:${port}${where} is refused by the rule ${rule}`;
}
