/** For `--proxy-bypass-list` and `proxyBypassList`: without it, Chromium goes to loopback and link-local by itself. */
export const PROXY_BYPASS_LIST = '<-loopback>';

/** What Chromium is started with, so that nothing that it sends goes past the proxy. */
export function proxyArguments(proxyServer: string): string[] {
  return [
    `--proxy-server=${proxyServer}`,
    `--proxy-bypass-list=${PROXY_BYPASS_LIST}`,
    // WebRTC: no UDP at all, and TCP through the proxy only. Full Chromium knows the first, the headless shell the second.
    '--webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
    // Names are looked up by the guard. A page's hints would make Chromium ask for them itself.
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  ];
}

/** A proxy at which nobody listens (port 1 is TCPMUX, which no system of today has). */
const NOBODY = 'socks5://127.0.0.1:1';

/** What decides whether a browser was given a way out, or was told on purpose to use the machine's own. */
const NAMES_WAY_OUT = /^--(?:proxy-server=|no-proxy-server$)/;

/** What a browser is started with that was given no way out: then it has none. */
export function closedUnlessProxied(extraArguments: readonly string[]): string[] {
  return extraArguments.some((argument) => NAMES_WAY_OUT.test(argument)) ? [] : proxyArguments(NOBODY);
}
