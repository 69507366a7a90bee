/** Where a hub is, taken apart once. */
export interface HubAddress {
  /** Scheme, host and port. */
  origin: URL;
  /** Path without a slash at the end, put before each call's path; usually empty. */
  basePath: string;
}

/** A hub address that this agent will not talk to. */
export class HubAddressError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'HubAddressError';
  }
}

/** True for addresses that never leave this machine. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/**
 * Reads a hub's address. Plain HTTP is for loopback only, unless the host allows it.
 * @throws HubAddressError that says what is wrong with it
 */
export function parseHubAddress(text: string, options: { allowPlainHttp: boolean }): HubAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new HubAddressError(
      `The hub's address ${JSON.stringify(text)} is not a URL such as https://hub.example.org.`,
    );
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new HubAddressError(`The hub's address must start with https://, not ${url.protocol}//.`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new HubAddressError("The hub's address must not contain a user name, a password, a query or a fragment.");
  }
  if (url.protocol === 'http:' && !options.allowPlainHttp && !isLoopbackHost(url.hostname)) {
    throw new HubAddressError(
      `The hub's address ${url.origin} is plain HTTP, which is accepted to this machine only. Use https://, or allow it with --allow-plain-http.`,
    );
  }
  return { origin: new URL(url.origin), basePath: url.pathname.replace(/\/+$/, '') };
}
