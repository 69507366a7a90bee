import type { BrowserGuard, PageNetwork } from '../../main/browser/network-guard/page-network.ts';

/** A way out without a guard: nothing is refused, nothing is counted. */
const OPEN_NETWORK: PageNetwork = {
  contextProxy: {},
  bytesUp: 0,
  bytesDown: 0,
  refusals: [],
  refusedConnections: 0,
  isLimitReached: false,
  setLimits: () => {},
  whyUnreachable: () => null,
  lookUpMs: () => null,
  close: async () => {},
};

/**
 * What the browsers are started with when there is no guard: for tests that show what it keeps pages from, and for
 * measuring what it costs.
 */
export class NoGuard implements BrowserGuard {
  readonly #arguments: readonly string[];

  constructor(browserArguments: readonly string[] = []) {
    this.#arguments = browserArguments;
  }

  async open(): Promise<PageNetwork> {
    return OPEN_NETWORK;
  }

  chromiumArguments(): string[] {
    return ['--no-proxy-server', ...this.#arguments];
  }

  protectLocalPort(): () => void {
    return () => {};
  }

  async close(): Promise<void> {}
}
