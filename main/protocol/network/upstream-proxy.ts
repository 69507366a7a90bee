/** A proxy that connections are made through. */
export interface HttpProxy {
  readonly kind: 'http';
  readonly host: string;
  readonly port: number;
  /** TLS to the proxy itself (`https://`). */
  readonly isTls: boolean;
  /** Value of `Proxy-Authorization` (RFC 9110, 11.7.2); null without credentials. */
  readonly authorization: string | null;
}

/** How this machine gets out: through one proxy, or as a proxy auto-configuration file says for each host. */
export type UpstreamProxy = HttpProxy | { readonly kind: 'pac'; readonly location: URL };

export const UPSTREAM_PROXY_FORMS =
  'http://host:port or https://host:port, with user:password@ where it is needed, or a PAC file as pac+http://…, ' +
  'pac+https://… or pac+file:///…';

/** The setting cannot be read; the message holds no credentials. */
export class UpstreamProxyError extends Error {
  constructor(problem: string) {
    super(`${problem}; write ${UPSTREAM_PROXY_FORMS}.`);
    this.name = 'UpstreamProxyError';
  }
}

const PAC_SCHEMES: ReadonlySet<string> = new Set(['pac+http:', 'pac+https:', 'pac+file:']);

/** Reads the setting `upstreamProxy`. @throws UpstreamProxyError */
export function parseUpstreamProxy(text: string): UpstreamProxy {
  if (!URL.canParse(text)) throw new UpstreamProxyError('It is no URL');
  const url = new URL(text);
  if (PAC_SCHEMES.has(url.protocol)) return { kind: 'pac', location: new URL(url.href.slice('pac+'.length)) };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new UpstreamProxyError('It has another scheme');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new UpstreamProxyError('A proxy has no path');
  }
  return httpProxy(url);
}

/** The proxy of an address such as `http://user:password@proxy.example:3128`. @throws UpstreamProxyError */
function httpProxy(url: URL): HttpProxy {
  const isTls = url.protocol === 'https:';
  let authorization: string | null = null;
  if (url.username !== '' || url.password !== '') {
    let credentials: string;
    try {
      credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    } catch {
      throw new UpstreamProxyError('A % in its user name or password is not followed by two hexadecimal digits');
    }
    authorization = `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
  }
  return {
    kind: 'http',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    isTls,
    authorization,
  };
}

/** The password in the setting, as it stands there and decoded, so that logs can leave it out. */
export function secretsOfUpstreamProxy(text: string | null): string[] {
  if (text === null || !URL.canParse(text)) return [];
  const { username, password } = new URL(text);
  if (password === '') return [];
  const spellings = [password, `${username}:${password}`];
  try {
    const decoded = decodeURIComponent(password);
    const credentials = `${decodeURIComponent(username)}:${decoded}`;
    spellings.push(decoded, Buffer.from(credentials, 'utf8').toString('base64'));
  } catch {
    // It is no password that works, and is left out as it stands.
  }
  return [...new Set(spellings)];
}
