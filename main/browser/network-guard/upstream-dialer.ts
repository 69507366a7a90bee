import { isIPv4, type Socket } from 'node:net';
import { describeError } from '../../protocol/describe-error.ts';
import { judgeAddress } from '../../protocol/network/address-rules.ts';
import type { UpstreamProxy } from '../../protocol/network/upstream-proxy.ts';
import type { Clock, Log } from '../../protocol/ports.ts';
import { abortable } from '../abortable.ts';
import { DirectDialer, type Dialer, type DialTarget } from './dialer.ts';
import { PacFile } from './pac-file.ts';
import { connectThroughProxy, ProxyError } from './proxy-connect.ts';
import type { ProxyRoute } from './proxy-routes.ts';

const DEFAULT_TIMEOUT_MS = 30_000;

/** Addresses of one host that a proxy is asked for, one after the other. */
const MAX_ADDRESSES = 3;

/** The host of the machine is told of a proxy that does not work, but not for every image of a page. */
const WARN_EVERY_MS = 60_000;

/**
 * Makes the connections that the rules have allowed through the proxy that the network demands. The proxy is asked for
 * the address that was checked, not for the name: it would look the name up itself, and might get another answer. What
 * the host has opened although it is not public is not on the other side of the proxy, and is dialled directly.
 */
export class UpstreamDialer implements Dialer {
  readonly #routesTo: (target: DialTarget) => Promise<readonly ProxyRoute[]>;
  readonly #direct: Dialer;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #timeoutMs: number;
  #warnedAtMs = -Infinity;

  constructor(options: { proxy: UpstreamProxy; clock: Clock; log: Log; direct?: Dialer; timeoutMs?: number }) {
    const { proxy, clock, log } = options;
    const pac = proxy.kind === 'pac' ? new PacFile(proxy.location, clock, log) : null;
    this.#routesTo = ({ host, port }) =>
      pac === null ? Promise.resolve(proxy.kind === 'http' ? [proxy] : []) : pac.routesTo(host, port);
    this.#direct = options.direct ?? new DirectDialer();
    this.#clock = clock;
    this.#log = log;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /** @throws ProxyError when no way leads there, or as `Dialer` says */
  async dial(target: DialTarget, signal: AbortSignal): Promise<Socket> {
    if (!target.addresses.every((address) => judgeAddress(address).allowed)) return this.#direct.dial(target, signal);
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const either = AbortSignal.any([signal, timeout]);
    try {
      return await this.#dialBySomeRoute(target, either);
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof ProxyError) this.#warn(error.message);
      if (timeout.aborted) {
        this.#warn(`There was no connection within ${this.#timeoutMs} ms.`);
        throw Object.assign(new Error('The proxy took too long.'), { code: 'ETIMEDOUT' });
      }
      throw error;
    }
  }

  async #dialBySomeRoute(target: DialTarget, signal: AbortSignal): Promise<Socket> {
    let failure: unknown = new ProxyError('No way out is known.');
    for (const route of await abortable(this.#findRoutes(target), signal)) {
      try {
        return route === 'direct'
          ? await this.#direct.dial(target, signal)
          : await this.#throughProxy(route, target, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  async #findRoutes(target: DialTarget): Promise<readonly ProxyRoute[]> {
    try {
      return await this.#routesTo(target);
    } catch (error) {
      throw new ProxyError(`The PAC file does not say how: ${describeError(error)}`);
    }
  }

  async #throughProxy(route: Exclude<ProxyRoute, 'direct'>, target: DialTarget, signal: AbortSignal): Promise<Socket> {
    // Fewer proxies can be asked for IPv6.
    const addresses = [...target.addresses].sort((one, other) => Number(isIPv4(other)) - Number(isIPv4(one)));
    let failure: unknown = new ProxyError('There is no address to ask it for.');
    for (const address of addresses.slice(0, MAX_ADDRESSES)) {
      try {
        return await connectThroughProxy(route, address, target.port, signal);
      } catch (error) {
        // Only an answer that is about this address makes it worth while to ask for another one.
        if (!(error instanceof ProxyError) || error.status === null || error.status < 500) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  #warn(problem: string): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#warnedAtMs < WARN_EVERY_MS) return;
    this.#warnedAtMs = nowMs;
    this.#log.warn('The proxy did not make a connection.', { problem });
  }
}
