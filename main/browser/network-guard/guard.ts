import { systemClock, type Clock, type Log } from '../../protocol/ports.ts';
import { AccessRules, readEndpoint } from '../../protocol/network/access-rules.ts';
import { AllowList } from '../../protocol/network/allow-list.ts';
import { BlockedHosts } from '../../protocol/network/blocked-hosts.ts';
import { parseUpstreamProxy } from '../../protocol/network/upstream-proxy.ts';
import { proxyArguments } from './chromium-proxy.ts';
import { DirectDialer, type Dialer } from './dialer.ts';
import { GuardedPort } from './guarded-port.ts';
import type { BrowserGuard } from './page-network.ts';
import { UpstreamDialer } from './upstream-dialer.ts';
import { OwnNetworks, type ReadInterfaces } from '../../protocol/network/own-networks.ts';
import { CachedResolver, systemResolver, type Resolver } from '../../protocol/network/resolver.ts';

export interface NetworkGuardOptions {
  /** What the host of this machine has opened to pages; see `AllowList`. Never taken from a hub or a payload. */
  readonly allow: readonly string[];
  /** What the host of this machine never wants visited; see `BlockedHosts`. */
  readonly block?: readonly string[];
  /** Where the hub is, as a URL or `host:port`; no page reaches it, whatever is allowed. */
  readonly hub: string | null;
  readonly log: Log;
  readonly clock?: Clock;
  /** Default: the machine's own way of looking names up. */
  readonly resolve?: Resolver;
  /** How long an answer to a look-up is used. Default 30 s. */
  readonly keepAnswersMs?: number;
  readonly resolveTimeoutMs?: number;
  /** Default: a direct connection, or one through the upstream proxy. */
  readonly dialer?: Dialer;
  /** The proxy that this machine has to go through, as `parseUpstreamProxy` reads it; default: none. */
  readonly upstreamProxy?: string | null;
  readonly handshakeTimeoutMs?: number;
  readonly readInterfaces?: ReadInterfaces;
}

const DEFAULT_KEEP_ANSWERS_MS = 30_000;
const DEFAULT_RESOLVE_TIMEOUT_MS = 10_000;
const DEFAULT_HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * Keeps pages off this machine and off the network around it: everything that Chromium sends goes through a port of the
 * guard, which looks names up itself, checks every answer, and dials exactly what it has checked.
 */
export class NetworkGuard implements BrowserGuard<GuardedPort> {
  readonly #rules: AccessRules;
  readonly #dialer: Dialer;
  readonly #log: Log;
  readonly #handshakeTimeoutMs: number;
  readonly #ports = new Map<number, GuardedPort>();
  readonly #protectedPorts = new Set<number>();
  #isClosed = false;

  /** @throws AllowListError; BlockedHostError; UpstreamProxyError; Error when `hub` names no host */
  constructor(options: NetworkGuardOptions) {
    const clock = options.clock ?? systemClock;
    const resolver = new CachedResolver({
      resolve: options.resolve ?? systemResolver,
      clock,
      keepMs: options.keepAnswersMs ?? DEFAULT_KEEP_ANSWERS_MS,
      timeoutMs: options.resolveTimeoutMs ?? DEFAULT_RESOLVE_TIMEOUT_MS,
    });
    this.#rules = new AccessRules({
      allowList: new AllowList(options.allow),
      blockedHosts: new BlockedHosts(options.block ?? []),
      hub: options.hub === null ? null : readEndpoint(options.hub),
      ownNetworks: new OwnNetworks(clock, options.readInterfaces),
      resolve: (name) => resolver.resolve(name),
      isOwnPort: (port) => this.#ports.has(port) || this.#protectedPorts.has(port),
    });
    this.#dialer = options.dialer ?? dialerFor(options.upstreamProxy ?? null, clock, options.log);
    this.#log = options.log;
    this.#handshakeTimeoutMs = options.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_TIMEOUT_MS;
  }

  /**
   * Opens the way out of one task, or of one browser. The caller closes it.
   * @param reach `nothing` for a browser in which every task has a port of its own: what the browser sends by itself
   *   (updates, accounts) is refused
   * @throws Error when the guard is closed
   */
  async open(reach: 'public' | 'nothing' = 'public'): Promise<GuardedPort> {
    if (this.#isClosed) throw new Error('The network guard is closed.');
    let number = 0;
    const port = await GuardedPort.open({
      reach,
      dialer: this.#dialer,
      log: this.#log,
      handshakeTimeoutMs: this.#handshakeTimeoutMs,
      judge: (host, targetPort) => this.#rules.judge(host, targetPort),
      onClose: () => this.#ports.delete(number),
    });
    number = port.port;
    this.#ports.set(number, port);
    if (this.#isClosed) {
      await port.close();
      throw new Error('The network guard is closed.');
    }
    return port;
  }

  /** Keeps pages off a port of this machine, whatever is allowed: a DevTools port, say. Returns how to take that back. */
  protectLocalPort(port: number): () => void {
    this.#protectedPorts.add(port);
    return () => this.#protectedPorts.delete(port);
  }

  /** What Chromium is started with, so that nothing that it sends goes past the port. */
  chromiumArguments(port: GuardedPort): string[] {
    return proxyArguments(port.proxyServer);
  }

  /** Closes every port. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#ports.values()].map((port) => port.close()));
  }
}

function dialerFor(upstreamProxy: string | null, clock: Clock, log: Log): Dialer {
  if (upstreamProxy === null) return new DirectDialer();
  return new UpstreamDialer({ proxy: parseUpstreamProxy(upstreamProxy), clock, log });
}
