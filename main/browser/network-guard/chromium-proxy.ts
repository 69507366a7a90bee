/** For `--proxy-bypass-list` and `proxyBypassList`: without it, Chromium goes to loopback and link-local by itself. */
export const PROXY_BYPASS_LIST = '<-loopback>';
