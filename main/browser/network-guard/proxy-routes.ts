import type { HttpProxy } from '../../protocol/network/upstream-proxy.ts';

/** A way to a host: straight, or through a proxy. */
export type ProxyRoute = 'direct' | HttpProxy;

const HIGHEST_PORT = 65_535;

/**
 * Reads what the function `FindProxyForURL` of a PAC file returned, such as `PROXY one.example:3128; DIRECT`: the ways
 * in the order in which they are to be tried. Ways that are not known, SOCKS among them, are left out; an answer without
 * any way, as Chromium has it, is `DIRECT`.
 */
export function readProxyRoutes(answer: string): { routes: ProxyRoute[]; unknown: string[] } {
  const routes: ProxyRoute[] = [];
  const unknown: string[] = [];
  const entries = answer
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  for (const entry of entries) {
    const route = readRoute(entry);
    if (route === null) unknown.push(entry);
    else routes.push(route);
  }
  return { routes: entries.length === 0 ? ['direct'] : routes, unknown };
}

function readRoute(entry: string): ProxyRoute | null {
  if (/^direct$/i.test(entry)) return 'direct';
  const match = /^(proxy|http|https)\s+(\[[0-9a-f:.]+\]|[^\s:[\]]+)(?::(\d{1,5}))?$/i.exec(entry);
  if (match === null) return null;
  const [, kind = '', host = '', port] = match;
  const isTls = kind.toLowerCase() === 'https';
  const number = port === undefined ? (isTls ? 443 : 80) : Number(port);
  if (number < 1 || number > HIGHEST_PORT) return null;
  return { kind: 'http', host: host.replace(/^\[(.*)\]$/, '$1'), port: number, isTls, authorization: null };
}
