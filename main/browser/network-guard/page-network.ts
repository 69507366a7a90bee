import type { Refusal, Unreachable } from '../../protocol/network/refusal.ts';

/** The way out of one task's page, and what went through it. */
export interface PageNetwork {
  /** What a browser context is created with, so that all of it goes this way. */
  readonly contextProxy: { readonly proxyServer?: string; readonly proxyBypassList?: string };
  /** Bytes sent and received, TLS and headers included. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** What was refused, each host, address, port and rule once, the first hundred of them. */
  readonly refusals: readonly Refusal[];
  /** How many connections were refused, repetitions included. */
  readonly refusedConnections: number;
  /** Whether the bytes are used up, since when nothing goes through any more. */
  readonly isLimitReached: boolean;
  /**
   * Limits the bytes up and down together; null: no limit. `onLimit` is called once, after all connections were cut.
   * Bytes that were counted before count.
   */
  setLimits(limits: { readonly maxBytes: number | null; readonly onLimit?: () => void }): void;
  /**
   * Why the last connection to a host did not come about; null when it did, or none was tried.
   * @param hostname as in a URL; an IPv6 address with or without brackets
   */
  whyUnreachable(hostname: string, port: number): Unreachable | null;
  /** How long looking a host up took before its first connection, in milliseconds; null when there was none. */
  lookUpMs(hostname: string, port: number): number | null;
  /** Cuts every connection. Close the browser context before. */
  close(): Promise<void>;
}

/** Where browsers and pages get their way out from; `NetworkGuard` in programs. */
export interface BrowserGuard<Port extends PageNetwork = PageNetwork> {
  /**
   * Opens the way out of one task, or of one browser. The caller closes it.
   * @param reach `nothing` for a browser in which every task has a way of its own
   */
  open(reach?: 'public' | 'nothing'): Promise<Port>;
  /** What a browser is started with, so that nothing that it sends goes past its way out. */
  chromiumArguments(port: Port): string[];
  /** Keeps pages off a port of this machine, whatever is allowed. Returns how to take that back. */
  protectLocalPort(port: number): () => void;
}

/** The bytes of one task, over all ways out that it had. */
export class TaskTraffic {
  readonly #networks: Pick<PageNetwork, 'bytesUp' | 'bytesDown'>[] = [];

  /** Counts what goes this way from now on, and what has gone already. */
  add(network: Pick<PageNetwork, 'bytesUp' | 'bytesDown'>): void {
    this.#networks.push(network);
  }

  get bytesUp(): number {
    return this.#networks.reduce((sum, { bytesUp }) => sum + bytesUp, 0);
  }

  get bytesDown(): number {
    return this.#networks.reduce((sum, { bytesDown }) => sum + bytesDown, 0);
  }
}
